// @ts-check
/** What the page sends: messages, calls and uploads, each with an answer. */
import {Heliograph} from './client.js';
import {elapsed} from './clock.js';
import {asError, onAbort} from './link.js';

/** @typedef {import('../heliograph.d.ts').SendOptions} SendOptions */
/** @typedef {import('./frames.js').Frame} Frame */
/**
 * @typedef {object} Request
 * @property {Record<string, any>} frame
 * @property {(value: any) => void} resolve
 * @property {(error: any) => void} reject
 * @property {(() => void) | undefined} onReady
 * @property {string | undefined} id while it is sent and not answered
 * @property {number | undefined} since when it was sent first
 */

/** Requests that wait for an answer or for the connection; more are refused, so that a page cannot fill its memory. */
const MOST = 100;
/** The server knows a message by its key for two minutes; what was sent longer ago is not repeated. */
const KEY_LIVES_MS = 100_000;
const PROGRESS_MS = 200;
/** In place of an id: the server asked to wait. */
const LATER = 'later';

/** @param {import('./link.js').Link} link */
function createUpstream(link) {
  /** Unanswered, in order. @type {Set<Request>} */
  const requests = new Set();
  /** Of them those that may wait, and wait for each other. @type {Set<Request>} */
  const queued = new Set();
  /** @type {Error | undefined} */
  let closed;

  /** @param {Request} request */
  function send(request) {
    request.id = 'u' + link.nextId();
    request.since ??= elapsed();
    try {
      link.send(request.id, /** @type {any} */ ({...request.frame, id: request.id}));
    } catch (error) {
      end(request, request.reject, error);
    }
  }

  /** The next one leaves when the one before it is answered, so that they keep their order. */
  function next() {
    const [first] = queued;
    if (first && !first.id && link.ready) {
      send(first);
    }
  }

  /** @param {Request} request @param {(value: any) => void} settle @param {any} value */
  function end(request, settle, value) {
    requests.delete(request);
    queued.delete(request);
    settle(value);
    next();
  }

  return {
    /**
     * @param {Record<string, any>} frame
     * @param {SendOptions} options
     * @param {() => void} [onReady]
     * @returns {Promise<any>}
     */
    ask: (frame, {queue, signal, timeout}, onReady) => new Promise((resolve, reject) => {
      if (closed || (!queue && !link.ready)) {
        throw closed ?? new Error('not connected');
      }
      if (requests.size >= MOST) {
        throw new Error(`${MOST} requests wait already`);
      }
      /** @type {Request} */
      const request = {frame, resolve, reject, onReady, id: undefined, since: undefined};
      requests.add(request);
      if (queue) {
        queued.add(request);
        next();
      } else {
        send(request);
      }
      if (timeout) {
        setTimeout(() => end(request, reject, new DOMException('no answer in time', 'TimeoutError')), timeout);
      }
      onAbort(signal, () => end(request, reject, signal?.reason));
    }),

    welcomed: next,

    /** What was sent may have had its effect; only a message that its key names is sent again. */
    disconnect() {
      for (const request of requests) {
        const again = !request.id
          || (queued.has(request) && request.frame.type === 'publish' && elapsed() - (request.since ?? 0) < KEY_LIVES_MS);
        request.id = undefined;
        if (!again) {
          end(request, request.reject, new Error('the connection was lost before the answer'));
        }
      }
    },

    /** @param {Error} why */
    close(why) {
      closed = why;
      requests.forEach(request => end(request, request.reject, why));
    },

    /** @param {Frame} frame @returns {boolean} whether it answers a request of this module */
    onFrame({type, id, problem, message, position, data}) {
      // Those of this module begin with a letter, also of one that was given up.
      if (typeof id !== 'string' || id[0] !== 'u') {
        return false;
      }
      const request = [...requests].find(each => each.id === id);
      if (request && type === 'ready') {
        request.onReady?.();
      } else if (request && problem?.retryAfterMs && queued.has(request)) {
        request.id = LATER;
        setTimeout(() => {
          if (request.id === LATER) {
            request.id = undefined;
            next();
          }
        }, problem.retryAfterMs);
      } else if (request && problem) {
        end(request, request.reject, asError(problem));
      } else if (request) {
        end(request, request.resolve, type === 'published' ? {message, position} : data);
      }
      return true;
    }
  };
}

const randomKey = () => crypto.getRandomValues(new Uint32Array(4)).join('-');

/** The connection as the page sees it, which also sends. */
export class SendingHeliograph extends Heliograph {
  #link;
  #upstream;

  /** @param {string} url @param {import('../heliograph.d.ts').ConnectOptions} options */
  constructor(url, options) {
    /** @type {any} */
    let link;
    super(url, options, made => {
      link = made;
      link.upstream = createUpstream(link);
    });
    this.#link = link;
    this.#upstream = link.upstream;
  }

  /**
   * Publishes to a topic that the token lets this user publish to.
   *
   * @param {string} channel
   * @param {string} event
   * @param {any} data
   * @param {SendOptions & {idempotencyKey?: string | undefined}} [options]
   * @returns {Promise<{message: string, position: string}>}
   */
  async publish(channel, event, data, {idempotencyKey, ...options} = {}) {
    // One that is not sent again needs none, and costs the server less without.
    const key = idempotencyKey ?? (options.queue ? randomKey() : undefined);
    return this.#upstream.ask({type: 'publish', channel, event, data, idempotencyKey: key}, options);
  }

  /**
   * Calls a method of the backend; fails with the backend's problem.
   *
   * @param {string} method
   * @param {any} [data]
   * @param {SendOptions & {idempotencyKey?: string | undefined}} [options]
   * @returns {Promise<any>}
   */
  async call(method, data, {idempotencyKey, ...options} = {}) {
    return this.#upstream.ask({type: 'call', method, data, idempotencyKey}, options);
  }

  /**
   * Streams bytes to the backend. A browser sends a message only whole, so a stream is read to its end first.
   *
   * @param {Blob | ArrayBuffer | ArrayBufferView | ReadableStream} source
   * @param {import('../heliograph.d.ts').UploadOptions} options
   * @returns {Promise<any>}
   */
  async upload(source, {name, contentType, onProgress, ...options}) {
    const body = /** @type {any} */ (source instanceof ReadableStream ? await new Response(source).blob() : source);
    const size = body.size ?? body.byteLength;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const progress = () => {
      onProgress?.({sent: size - Math.min(size, this.#link.connection?.socket.bufferedAmount ?? 0), size});
      timer = setTimeout(progress, PROGRESS_MS);
    };
    try {
      return await this.#upstream.ask(
        {type: 'upload', name, contentType: (contentType ?? body.type) || undefined, size},
        options,
        () => {
          this.#link.connection?.socket.send(body);
          progress();
        });
    } finally {
      clearTimeout(timer);
    }
  }
}
