// @ts-check
/** One channel as this page sees it: who subscribed, how far it came, and what waits to be handled. */

/** @typedef {import('../heliograph.d.ts').Message} Message */
/** @typedef {import('../heliograph.d.ts').SubscribeOptions} SubscribeOptions */
/** @typedef {import('./iterator.js').MessageIterator} MessageIterator */
/** @typedef {import('./token.js').TokenSource} TokenSource */
/** @typedef {SubscribeOptions & {iterator?: MessageIterator}} Subscriber */
/**
 * @typedef {object} SubscribeRequest
 * @property {string} id
 * @property {string | undefined} since undefined: a first subscribe, or the renewal of a right
 * @property {TokenSource | undefined} source
 * @property {boolean} cached the token was not asked for just now: a fresh one may do better
 * @property {boolean} renewal
 */
/** @typedef {{position: string, isMessage: boolean, deliver: () => unknown[]}} Delivery */

/** Deliveries that wait for a slow handler. What comes after them is read from the log later. */
const MAX_WAITING = 1000;

/** The channels that the server subscribes a session to by itself. @param {string} name */
export const isAutomatic = name => name === 'everyone' || /^(user|session):/.test(name);

export class Channel {
  /** @type {Set<Subscriber>} */
  subscribers = new Set();
  /** @type {TokenSource | undefined} */
  token;
  /**
   * The newest position that was put in the queue. Resuming starts here and not at what was handled, which a reload
   * of the page starts from: what is in the queue will be handled by this page, whatever becomes of the connection.
   *
   * @type {string | undefined}
   */
  taken;
  /** The present connection is subscribed. */
  live = false;
  /** Messages were left out: the log has to be read from {@link taken}. */
  behind = false;
  /** When the right ends, in milliseconds since 1970 by the server's clock. @type {number | undefined} */
  expires;
  /** The subscribe that is under way. @type {SubscribeRequest | undefined} */
  request;
  failures = 0;
  /** The next attempt, where one is planned. @type {ReturnType<typeof setTimeout> | undefined} */
  retry;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  renewal;
  /** @type {Delivery[]} */
  #queue = [];
  #handling = false;
  #onHandled;
  #onIdle;

  /**
   * @param {string} name
   * @param {(channel: Channel, delivery: Delivery) => void} onHandled
   * @param {(channel: Channel) => void} onIdle the queue is empty
   */
  constructor(name, onHandled, onIdle) {
    this.name = name;
    this.#onHandled = onHandled;
    this.#onIdle = onIdle;
  }

  get full() {
    return this.#queue.length >= MAX_WAITING;
  }

  get idle() {
    return !this.#handling && this.#queue.length === 0;
  }

  /** Messages on the present connection cannot be used until the log was read from {@link taken}. */
  get skips() {
    return this.behind || !!this.request?.since;
  }

  /**
   * Handles it after what waits already, one at a time.
   *
   * @param {() => unknown[]} deliver answers what the handlers answered
   * @param {string} [position] what it brings the channel to
   * @param {boolean} [isMessage]
   */
  enqueue(deliver, position = '', isMessage = false) {
    this.#queue.push({position, isMessage, deliver});
    this.#handle();
  }

  clear() {
    this.#queue.length = 0;
  }

  /** The connection is gone. */
  disconnect() {
    this.live = false;
    this.behind = false;
    this.request = undefined;
    clearTimeout(this.retry);
    this.retry = undefined;
    clearTimeout(this.renewal);
  }

  async #handle() {
    if (this.#handling) {
      return;
    }
    this.#handling = true;
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      const unsettled = next.deliver().filter(result => result instanceof Promise);
      if (unsettled.length > 0) {
        await Promise.all(unsettled);
      }
      if (next.position !== '') {
        this.#onHandled(this, next);
      }
    }
    this.#handling = false;
    this.#onIdle(this);
  }
}
