// @ts-check
/** What log-in and subscriptions share over all connections: the present one, request ids, and the server's clock. */
import {createClock} from './clock.js';
import {createTokenSource} from './token.js';

/** @typedef {import('../heliograph.d.ts').Problem} Problem */
/** @typedef {import('../heliograph.d.ts').Token} Token */
/** @typedef {import('./connection.js').Connection} Connection */
/** @typedef {import('./frames.js').Frame} Frame */
/** @typedef {ReturnType<typeof createLink>} Link */

/** @param {Problem} problem */
export const asError = problem => Object.assign(new Error(problem.detail ?? problem.title ?? 'refused'), {problem});

/** Calls it when the signal is aborted, also where it is already. @param {AbortSignal | undefined} signal @param {() => void} act */
export function onAbort(signal, act) {
  if (signal?.aborted) {
    act();
  }
  signal?.addEventListener('abort', act);
}

/** @param {typeof globalThis.fetch | undefined} fetch */
export function createLink(fetch) {
  let requests = 0;
  /** The longest frame that the server may take. */
  let maxFrame = Infinity;
  const self = {
    clock: createClock(),
    /** @type {Connection | undefined} */
    connection: undefined,

    /** The server said welcome: requests can be sent. */
    get ready() {
      return self.connection?.ready === true;
    },

    nextId: () => String(++requests),

    /** @param {Token | undefined} token */
    source: token => token ? createTokenSource(token, self.clock, fetch) : undefined,

    /**
     * @param {string} key a later frame with this key replaces one that still waits
     * @param {Frame} frame
     */
    send(key, frame) {
      const size = JSON.stringify(frame).length;
      if (size > maxFrame) {
        const detail = `${size} characters are more than the server takes`;
        throw asError({type: '/problems/too-large', title: 'Token too large', status: 413, detail});
      }
      self.connection?.send(key, frame);
    },

    /** The connection was closed for a frame that was too large: whoever asks for it again is refused here. */
    tooLarge() {
      maxFrame = Math.min(maxFrame, (self.connection?.suspect ?? Infinity) - 1);
    }
  };
  return self;
}
