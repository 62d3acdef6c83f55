// @ts-check
/** A WebSocket's shape over HTTP, for networks that let no WebSocket through. */
import {isAutomatic} from '../channel.js';
import {elapsed} from '../clock.js';
import {readFrames} from './frame-stream.js';

/** @typedef {import('../frames.js').Frame} Frame */
/**
 * A channel that each exchange subscribes to again, from where it came to.
 *
 * @typedef {{id: string, channel: string, token?: string | undefined, since?: string | undefined}} Subscribe
 */

/** Requests that come together make one exchange. */
const GATHER_MS = 10;
/** Before the next poll where one was answered sooner than it had to be, and brought nothing. */
const PAUSE_MS = 1000;
/** The longest wait of a poll, in seconds. */
const WAIT_S = 25;

/** The close codes for statuses and for reasons of `bye`. @type {Record<string, number | undefined>} */
const CODES = {
  401: 4401, 403: 4403, 410: 1008, 429: 4429, 503: 1001, token: 4401, forbidden: 4403, replaced: 4409
};

/**
 * The body of a POST holds the page's requests, one a line; the answer is a stream of frames (`sse`), or those of one wait (`poll`).
 * A request that comes later ends the exchange and begins another. Nothing is kept between two exchanges but the channels
 * with their positions, which are sent each time: any node can answer the next one, and no message is lost in between.
 */
export class HttpSocket {
  readyState = 0;
  /** @type {((event: {data: string}) => void) | undefined} */
  onmessage;
  /** @type {((event: {code: number, reason: string, problem?: any}) => void) | undefined} */
  onclose;

  #transport;
  #url;
  #fetch;
  /** @type {string | undefined} */
  #token;
  /** By channel. @type {Map<string, Subscribe>} */
  #subscribes = new Map();
  /** The ids of requests that the page waits for; a repeated one was answered before. */
  #awaited = new Set();
  /** Channels that are subscribed from an earlier position: what comes before the answer comes again after it. */
  #resuming = new Set();
  /** The log-in under way, and the token before it. @type {{id: string, before: string | undefined} | undefined} */
  #login;
  #exchange = new AbortController();
  /** Another exchange may take the place of the present one: its requests were answered. */
  #replaceable = false;
  /** Something is to be sent with the next exchange. */
  #changed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {'sse' | 'poll'} transport
   * @param {string} url
   * @param {string[]} protocols as for a WebSocket: the token is among them
   * @param {typeof globalThis.fetch} fetch
   */
  constructor(transport, url, protocols, fetch) {
    this.#transport = transport;
    this.#url = url;
    this.#fetch = fetch;
    this.#token = protocols.find(protocol => protocol.startsWith('bearer.'))?.slice(7);
    this.#exchangeFrames();
  }

  /** @param {string} text */
  send(text) {
    const {type, id, channel, token, since} = JSON.parse(text);
    const before = this.#subscribes.get(channel);
    if (type === 'ack') {
      return; // that it goes on from a position tells the server as much
    }
    if (type === 'subscribe') {
      this.#awaited.delete(before?.id);
      this.#awaited.add(id);
      this.#subscribes.set(channel, {id, channel, token, since: since ?? before?.since});
      if (since) {
        this.#resuming.add(channel);
      }
      this.#change();
    } else if (type === 'unsubscribe') {
      this.#awaited.delete(before?.id);
      this.#subscribes.delete(channel);
      this.#change();
    } else if (type === 'auth') {
      this.#login = {id, before: this.#login ? this.#login.before : this.#token};
      this.#token = token;
      this.#change();
    } else if (type === 'ping') {
      this.#change(); // the answer to the next exchange is a sign of life
    } else {
      const problem = {
        type: '/problems/not-supported',
        title: 'Not supported by the transport',
        status: 501,
        detail: `${type} needs a WebSocket; this connection is of the transport ${this.#transport}`
      };
      queueMicrotask(() => this.#tell({type: 'error', id, problem}));
    }
  }

  close() {
    this.readyState = 3;
    clearTimeout(this.#timer);
    this.#exchange.abort();
  }

  #change() {
    this.#changed = true;
    if (this.#replaceable) {
      this.#again(GATHER_MS);
    }
  }

  /** @param {number} delay */
  #again(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#exchange.abort();
      this.#exchangeFrames();
    }, delay);
  }

  async #exchangeFrames() {
    const {signal} = this.#exchange = new AbortController();
    const polls = this.#transport === 'poll';
    // A poll that asks or tells something is answered at once.
    const waits = polls && this.readyState === 1 && !this.#changed;
    const started = elapsed();
    const subscribes = [...this.#subscribes.values()];
    this.#resuming = new Set(subscribes.filter(each => each.since).map(each => each.channel));
    this.#changed = false;
    this.#replaceable = waits;
    try {
      const response = await this.#fetch(polls ? `${this.#url}?wait=${waits ? WAIT_S : 0}` : this.#url, {
        method: 'POST',
        signal,
        cache: 'no-store',
        headers: {'Content-Type': 'application/x-ndjson', ...this.#token && {Authorization: `Bearer ${this.#token}`}},
        body: subscribes.map(each => JSON.stringify({type: 'subscribe', ...each})).join('\n')
      });
      if (response.status !== 200) {
        await this.#refused(response, signal);
        return;
      }
      /** @type {Frame | undefined} */
      let last;
      for await (const frame of readFrames(response)) {
        if (signal.aborted) {
          return;
        }
        last = frame;
        this.#onFrame(frame);
      }
      if (last?.type === 'bye') {
        const {reason, reconnectAfterMs} = last;
        this.#end(CODES[reason] ?? (reconnectAfterMs === null ? 1008 : 1001), reason);
      } else if (!polls || !last) {
        this.#end(1006, 'the answer ended');
      } else if (!this.#changed) {
        const early = waits && last?.type !== 'message' && elapsed() - started < PAUSE_MS;
        this.#again(early ? PAUSE_MS : 0);
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#end(1006, String(/** @type {any} */ (error)?.message));
      }
    }
  }

  /** @param {Response} response @param {AbortSignal} signal */
  async #refused(response, signal) {
    const {status, headers} = response;
    // A proxy that answers in the server's place does not speak for it.
    const problem = /problem.json/.test(headers.get('Content-Type') ?? '') ? await response.json() : undefined;
    const code = problem && CODES[status];
    const login = this.#login;
    if (signal.aborted) {
      return;
    }
    if (login && code) {
      this.#login = undefined;
      this.#token = login.before;
      this.#tell({type: 'error', id: login.id, problem});
      this.#again(0);
      return;
    }
    const seconds = Number(headers.get('Retry-After'));
    if (code && seconds) {
      this.#tell({type: 'bye', reason: problem.title, reconnectAfterMs: seconds * 1000});
    }
    this.#end(code ?? 1006, problem?.title ?? `HTTP status ${status}`, problem);
  }

  /** @param {Frame} frame */
  #onFrame(frame) {
    const {type, id, channel, position} = frame;
    if (type === 'welcome') {
      this.#onWelcome(frame);
    } else if (type === 'subscribed') {
      this.#resuming.delete(channel);
      this.#cameTo(channel, position);
      if (this.#awaited.delete(id)) {
        this.#tell(frame);
      } else if (frame.recovered === false) {
        this.#tell({type: 'gap', channel, position});
      }
    } else if (type === 'error') {
      this.#onError(frame);
    } else if (!this.#resuming.has(channel)) {
      if (position) {
        this.#cameTo(channel, position);
      }
      this.#tell(frame);
    }
  }

  /** @param {Frame} frame */
  #onWelcome(frame) {
    const {session, user, expires, positions, lost} = frame;
    const login = this.#login;
    const opened = this.readyState === 1;
    // The session began with its own channels: the welcome is the answer for them.
    const resumed = [...this.#subscribes.values()].filter(({channel}) =>
      this.#resuming.has(channel) && (channel === 'everyone' || channel === `user:${user}`));
    this.#replaceable = true;
    this.readyState = 1;
    for (const [channel, position] of Object.entries(positions ?? {})) {
      if (!this.#subscribes.has(channel)) {
        this.#cameTo(channel, position);
      }
    }
    if (!opened) {
      this.#tell({...frame, transport: this.#transport});
    } else if (this.#transport === 'sse') {
      this.#tell({type: 'moved', session});
    } else {
      this.#tell({type: 'pong'}); // each poll is a session of its own
    }
    for (const {id, channel, since} of resumed) {
      const recovered = !lost?.includes(channel);
      this.#onFrame({type: 'subscribed', id, channel, position: recovered ? since : positions[channel] ?? since, recovered});
    }
    if (login) {
      this.#login = undefined;
      this.#tell({type: 'authenticated', id: login.id, user, expires, positions});
    }
    if (this.#changed) {
      this.#again(GATHER_MS);
    }
  }

  /** @param {Frame} frame */
  #onError(frame) {
    const refused = [...this.#subscribes.values()].find(each => each.id === frame.id);
    const channel = refused?.channel ?? frame.channel;
    this.#resuming.delete(channel);
    this.#subscribes.delete(channel);
    if (refused && !this.#awaited.delete(frame.id)) {
      this.#tell({type: 'error', channel, problem: frame.problem}); // it was subscribed before: its right has ended
    } else if (refused || channel) {
      this.#tell(frame);
    }
  }

  /** @param {string} channel @param {string} since */
  #cameTo(channel, since) {
    const subscribe = this.#subscribes.get(channel);
    if (subscribe) {
      subscribe.since = since;
    } else if (isAutomatic(channel) && !channel.startsWith('session:')) {
      this.#subscribes.set(channel, {id: `since-${channel}`.slice(0, 64), channel, since});
    }
  }

  /** @param {Frame} frame */
  #tell(frame) {
    if (this.readyState !== 3) {
      this.onmessage?.({data: JSON.stringify(frame)});
    }
  }

  /** @param {number} code @param {string} reason @param {unknown} [problem] */
  #end(code, reason, problem) {
    if (this.readyState !== 3) {
      this.close();
      this.onclose?.({code, reason, problem});
    }
  }
}
