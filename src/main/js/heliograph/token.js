// @ts-check
/** Tokens: asked for when one is needed, kept while they last. */

/** @typedef {import('../heliograph.d.ts').Token} Token */
/** @typedef {import('./clock.js').ServerClock} ServerClock */
/** @typedef {ReturnType<typeof createTokenSource>} TokenSource */

const ANSWER_MS = 20_000;
/** A token that ends sooner might end on its way to the server. */
const MARGIN_MS = 1000;

/** The claims of a JWT, read for planning and not for trust; none of another token. @param {string | undefined} token */
export function claimsOf(token) {
  try {
    return JSON.parse(atob((token ?? '').split('.')[1].replace(/-/g, '+').replace(/_/g, '/'))) ?? {};
  } catch {
    return {};
  }
}

/**
 * One token that is given, or a function to ask for one.
 *
 * @param {Token} given
 * @param {ServerClock} clock
 * @param {typeof globalThis.fetch | undefined} fetch
 */
export function createTokenSource(given, clock, fetch = globalThis.fetch?.bind(globalThis)) {
  /** Whether there is somebody to ask for another token. */
  const renewable = typeof given === 'function';
  /** @type {string | undefined} */
  let cached;
  /** @type {Promise<string | undefined> | undefined} */
  let asking;

  /** @param {number} margin */
  const ended = margin => self.expires !== undefined && self.expires - margin <= clock.now();

  /** @param {string | undefined} token */
  function keep(token) {
    const {exp, once} = claimsOf(token);
    self.expires = exp * 1000 || undefined;
    cached = once && renewable ? undefined : token;
  }

  /** @param {string | undefined} channel */
  async function ask(channel) {
    const deadline = new AbortController();
    const {signal} = deadline;
    const late = setTimeout(() => deadline.abort(new Error('no token in time')), ANSWER_MS);
    try {
      const answer = await Promise.race([
        /** @type {Exclude<Token, string>} */ (given)({channel, signal, fetch}),
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      ]);
      if (answer && typeof answer !== 'string') {
        throw new TypeError(`a token must be a text, not of type ${typeof answer}`);
      }
      const token = answer?.trim() || undefined;
      keep(token);
      return token;
    } finally {
      clearTimeout(late);
      asking = undefined;
    }
  }

  /** The next one is asked for. */
  function discard() {
    if (renewable) {
      cached = undefined;
    }
  }

  const self = {
    renewable,
    discard,
    /** When the present token ends, in milliseconds since 1970 by the server's clock. @type {number | undefined} */
    expires: undefined,

    /** A given token has ended: showing it again would meet the same answer. */
    get over() {
      return !renewable && clock.known() && ended(0);
    },

    /**
     * The token, at once where one is given or cached. Undefined: anonymous.
     *
     * @param {string} [channel] what it is for; none: the log-in
     * @returns {string | undefined | Promise<string | undefined>}
     */
    get(channel) {
      return !renewable || (cached && !ended(MARGIN_MS)) ? cached : asking ??= ask(channel);
    },

    /** The server has accepted the present token. @param {unknown} end RFC 3339, where it says when it ends */
    accepted(end) {
      self.expires = Date.parse(String(end)) || self.expires;
      if (!self.expires) {
        discard(); // nobody knows how long it is good for
      }
    }
  };
  if (!renewable) {
    keep(given);
  }
  return self;
}
