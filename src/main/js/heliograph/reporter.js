// @ts-check
/** What the page gets: events, its own errors, and the trace for debugging. */

/** @typedef {ReturnType<typeof createReporter>} Reporter */

/**
 * @param {EventTarget} target
 * @param {import('../heliograph.d.ts').ConnectOptions['debug']} debug
 */
export function createReporter(target, debug) {
  let warned = false;

  /** Tokens are secrets, also in a log. @param {string} text @param {any} [detail] */
  function trace(text, detail) {
    if (debug) {
      const safe = detail?.token ? {...detail, token: '…'} : detail;
      typeof debug === 'function' ? debug(text, safe) : console.debug('heliograph:', text, safe);
    }
  }

  /** @param {string} type @param {object} detail */
  function tell(type, detail) {
    if (type !== 'message') {
      trace(type, detail);
    }
    target.dispatchEvent(new CustomEvent(type, {detail}));
  }

  /** @param {string} message @param {object} detail @param {boolean} [reported] by other means than the event */
  function report(message, detail, reported) {
    tell('error', {message, ...detail});
    if (!self.watched && !reported && !warned) {
      warned = true;
      console.warn(`heliograph: ${message} (listen to 'error' for more)`, detail);
    }
  }

  /** @param {unknown} error */
  function failed(error) {
    if (!self.watched) {
      globalThis.reportError?.(error);
    }
    report('a handler failed', {error});
  }

  /** Runs a piece of the page's code; what it throws, now or later, is reported and stops nothing. @param {() => unknown} code */
  function run(code) {
    try {
      const result = code();
      return typeof (/** @type {any} */ (result)?.then) === 'function'
        ? Promise.resolve(result).catch(failed)
        : undefined;
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  const self = {
    /** Somebody listens to `error`. */
    watched: false,
    trace,
    tell,
    report,
    run
  };
  return self;
}
