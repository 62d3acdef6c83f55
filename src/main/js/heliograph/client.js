// @ts-check
/** What the page holds in its hand. */
import {createIdentity} from './identity.js';
import {startLifecycle} from './lifecycle.js';
import {createLink, onAbort} from './link.js';
import {createReporter} from './reporter.js';
import {createSubscriptions} from './subscriptions.js';

/** @typedef {import('../heliograph.d.ts').ConnectOptions} ConnectOptions */
/** @typedef {import('../heliograph.d.ts').Login} Login */
/** @typedef {import('../heliograph.d.ts').Message} Message */
/** @typedef {import('../heliograph.d.ts').MessageHandler} MessageHandler */
/** @typedef {import('../heliograph.d.ts').SubscribeOptions} SubscribeOptions */
/** @typedef {import('../heliograph.d.ts').Subscription} Subscription */
/** @typedef {import('../heliograph.d.ts').Token} Token */

/** The connection as the page sees it, over as many sockets as it takes. Made by `connect`. */
export class Heliograph extends EventTarget {
  /** This session's id; a new one after each reconnect. @type {string | undefined} */
  session;
  /** Undefined: anonymous. @type {string | undefined} */
  user;
  /** What carries the present connection, or carried the last one. @type {import('../heliograph.d.ts').Transport | undefined} */
  transport;
  /** @type {'connecting' | 'open' | 'waiting' | 'closed'} */
  state = 'connecting';

  #reporter;
  #identity;
  #subscriptions;
  #close;

  /**
   * @param {string} url
   * @param {ConnectOptions} options
   * @param {(link: import('./link.js').Link) => void} [extend]
   */
  constructor(url, options, extend) {
    super();
    const Socket = options.WebSocket ?? globalThis.WebSocket;
    if (!Socket) {
      throw new TypeError('no WebSocket here: pass one as an option');
    }
    const link = createLink(options.fetch);
    extend?.(link);
    this.#reporter = createReporter(this, options.debug);
    this.#identity = createIdentity(link, this.#reporter, options.token);
    this.#subscriptions = createSubscriptions(link, this.#reporter, options, `heliograph ${url}`);
    this.#close = startLifecycle(this, url, Socket, link, this.#reporter, this.#identity, this.#subscriptions);
    onAbort(options.signal, () => this.close());
  }

  /**
   * Calls the handler for each message with this event name, on any channel. Messages of one channel are handled
   * one after the other; the next waits until the promises of all handlers are settled.
   *
   * @param {string} event
   * @param {MessageHandler} handler
   * @param {{signal?: AbortSignal | undefined}} [options]
   * @returns {() => void} takes the handler away again
   */
  on(event, handler, {signal} = {}) {
    const off = this.#subscriptions.on(event, handler);
    onAbort(signal, off);
    return off;
  }

  /**
   * Subscribes to a channel until `unsubscribe()`, over reconnects too.
   *
   * @param {string} channel
   * @param {SubscribeOptions} [options]
   * @returns {Subscription}
   */
  subscribe(channel, options = {}) {
    return this.#subscriptions.subscribe(channel, options);
  }

  /** @param {string} channel @param {SubscribeOptions} [options] */
  follow(channel, options) {
    return this.subscribe(channel, options);
  }

  /**
   * With `manualAck`: says that this message and all before it on its channel were handled.
   *
   * @param {Message} message
   */
  ack(message) {
    this.#subscriptions.ack(message);
  }

  /**
   * Logs in, or renews the log-in, on the open socket, or as soon as there is one. When the server accepts the
   * token it is also the one for later reconnects; when it does not, everything stays as it was.
   *
   * @param {Token} token
   * @param {{signal?: AbortSignal | undefined}} [options]
   * @returns {Promise<Login>}
   */
  async authenticate(token, {signal} = {}) {
    if (this.state === 'closed') {
      throw new Error('closed');
    }
    return this.#identity.authenticate(token, signal);
  }

  /** Closes for good. What waits to be handled is dropped. */
  close() {
    if (this.state !== 'closed') {
      this.#close();
    }
  }

  /**
   * @param {string} type
   * @param {any} listener
   * @param {any} [options]
   */
  addEventListener(type, listener, options) {
    this.#reporter.watched ||= type === 'error';
    super.addEventListener(type, listener, options);
  }
}
