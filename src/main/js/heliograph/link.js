// @ts-check
/** What log-in and subscriptions share over all connections: the present one, request ids, and the server's clock. */
import {createClock} from './clock.js';
import {createTokenSource} from './token.js';

/** @typedef {import('../heliograph.d.ts').Problem} Problem */
/** @typedef {import('../heliograph.d.ts').Token} Token */
/** @typedef {import('./connection.js').Connection} Connection */
/** @typedef {import('./frames.js').Frame} Frame */
/** @typedef {ReturnType<typeof createLink>} Link */
/**
 * What the page sends, see upstream.js.
 *
 * @typedef {object} Upstream
 * @property {() => void} welcomed
 * @property {() => void} disconnect
 * @property {(why: Error) => void} close
 * @property {(frame: Frame) => boolean} onFrame
 */

/** @param {Problem} problem */
export const asError = problem => Object.assign(new Error(problem.detail ?? problem.title ?? 'refused'), {problem});

/** Calls it when the signal is aborted, also where it is already. @param {AbortSignal | undefined} signal @param {() => void} act */
export function onAbort(signal, act) {
  if (signal?.aborted) {
    act();
  }
  signal?.addEventListener('abort', act);
}

/** The smallest limit of a frame that a server was ever shipped with: a shorter one is never too large. */
const SMALL_FRAME = 4096;

/** @param {typeof globalThis.fetch | undefined} fetch */
export function createLink(fetch) {
  let requests = 0;
  /** The longest frame that the server may take. */
  let maxFrame = Infinity;
  /** The longest one that was sent, if it can have been too long. */
  let longest = SMALL_FRAME;
  const self = {
    clock: createClock(),
    /** @type {Connection | undefined} */
    connection: undefined,
    /** What the page sends, where it can. @type {Upstream | undefined} */
    upstream: undefined,

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
      const {length} = JSON.stringify(frame);
      if (length > maxFrame) {
        throw asError({type: '/problems/too-large', title: `Token too large: the frame has ${length} characters`, status: 413});
      }
      longest = Math.max(longest, length);
      self.connection?.send(key, frame);
    },

    /**
     * Sends a request as soon as its token is there; at once where it is.
     *
     * @param {string} key as for `send`
     * @param {Frame} frame without the token
     * @param {string | undefined | Promise<string | undefined>} token
     * @param {() => boolean} isCurrent whether the request is still wanted
     * @param {(error: any) => void} fail there is no token, or none that can be sent
     */
    async request(key, frame, token, isCurrent, fail) {
      try {
        const text = token instanceof Promise ? await token : token;
        if (isCurrent()) {
          self.send(key, {...frame, token: text});
        }
      } catch (error) {
        if (isCurrent()) {
          fail(error);
        }
      }
    },

    /** The connection was closed for a frame that was too large: another request for it is refused here. */
    tooLarge() {
      if (longest > SMALL_FRAME) {
        maxFrame = longest - 1;
        longest = SMALL_FRAME;
      }
    }
  };
  return self;
}
