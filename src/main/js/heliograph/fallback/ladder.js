// @ts-check
/** Which transport this network lets through: the first one that brings a welcome. */
import {HttpSocket} from './http-socket.js';

/** @typedef {import('../../heliograph.d.ts').ConnectOptions} ConnectOptions */
/** @typedef {import('../../heliograph.d.ts').Transport} Transport */

/** The next transport is tried beside the present one after this time without a welcome. */
const PATIENCE_MS = 3000;
/** A transport that worked before is tried alone so many times: more likely the server is away than the network changed. */
const LOYALTY = 3;

/** What worked, by address, as long as the page lives. @type {Map<string, {transport: Transport, failures: number}>} */
const worked = new Map();

/**
 * What stands in for the WebSocket of these options; undefined where nothing can connect.
 *
 * @param {ConnectOptions} options
 * @returns {(new (url: string, protocols: string[]) => any) | undefined}
 */
export function withFallbacks({
  WebSocket = globalThis.WebSocket,
  fetch = globalThis.fetch?.bind(globalThis),
  transports = ['websocket', 'sse', 'poll'],
  endpoints
}) {
  const possible = transports.filter(transport => transport === 'websocket' ? WebSocket : fetch);

  /** @param {Transport} transport @param {string} url @param {string[]} protocols */
  const open = (transport, url, protocols) => {
    if (transport === 'websocket') {
      return new WebSocket(url, protocols);
    }
    const path = endpoints?.[transport] ?? (transport === 'sse' ? 'events' : 'poll');
    return new HttpSocket(transport, new URL(path, url.replace('ws', 'http')).href, protocols, fetch);
  };
  return possible.length === 0 ? undefined : class extends Ladder {
    /** @param {string} url @param {string[]} protocols */
    constructor(url, protocols) {
      super(url, possible, transport => open(transport, url, protocols));
    }
  };
}

/** Has a WebSocket's shape, so that the connection above knows nothing of transports. */
class Ladder {
  /** @type {((event: {data: string}) => void) | undefined} */
  onmessage;
  /** @type {((event: any) => void) | undefined} */
  onerror;
  /** @type {((event: {code: number, reason: string, problem?: any}) => void) | undefined} */
  onclose;

  #url;
  #open;
  /** @type {Transport[]} */
  #untried;
  /** Those that are being tried. */
  #sockets = new Set();
  /** The one that brought something. @type {any} */
  #chosen;
  /** @type {any} */
  #failure;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} url @param {Transport[]} possible @param {(transport: Transport) => any} open */
  constructor(url, possible, open) {
    this.#url = url;
    this.#open = open;
    const before = worked.get(url);
    const first = possible.filter(each => each === before?.transport);
    const alone = before && first.length > 0 && before.failures < LOYALTY;
    this.#untried = alone ? first : [...first, ...possible.filter(each => !first.includes(each))];
    this.#tryNext();
  }

  #tryNext() {
    clearTimeout(this.#timer);
    const transport = this.#untried.shift();
    if (!transport) {
      return;
    }
    const socket = this.#open(transport);
    this.#sockets.add(socket);
    // Never taken away, see connection.js.
    socket.onerror = (/** @type {any} */ event) => this.onerror?.(event);
    socket.onclose = (/** @type {any} */ event) => this.#onClose(socket, event);
    socket.onmessage = (/** @type {any} */ event) => {
      if (!this.#chosen) {
        this.#choose(socket);
        if (JSON.parse(event.data).type === 'welcome') {
          worked.set(this.#url, {transport, failures: 0});
        }
      }
      this.onmessage?.(event);
    };
    if (this.#untried.length > 0) {
      this.#timer = setTimeout(() => this.#tryNext(), PATIENCE_MS);
    }
  }

  /** @param {any} chosen */
  #choose(chosen) {
    clearTimeout(this.#timer);
    this.#untried = [];
    this.#chosen = chosen;
    this.#sockets.delete(chosen);
    this.#closeOthers();
  }

  #closeOthers() {
    for (const socket of this.#sockets) {
      socket.onclose = socket.onmessage = undefined;
      try {
        socket.close(1000);
      } catch {
        // One that is closed already needs no closing.
      }
    }
    this.#sockets.clear();
  }

  /** @param {any} socket @param {any} event */
  #onClose(socket, event) {
    this.#sockets.delete(socket);
    this.#failure ??= event;
    // With a code of the server's own it has spoken; without one the network may be to blame.
    if (socket === this.#chosen || event.code === 1001 || event.code === 1008 || event.code >= 4000) {
      this.#failure = event;
      this.#choose(socket);
    } else if (this.#untried.length > 0) {
      this.#tryNext();
      return;
    } else if (this.#sockets.size > 0) {
      return;
    } else {
      this.#nothingWorked();
    }
    this.onclose?.(this.#failure);
  }

  #nothingWorked() {
    const before = worked.get(this.#url);
    if (before) {
      before.failures++;
    }
  }

  get readyState() {
    return this.#chosen?.readyState ?? 0;
  }

  get bufferedAmount() {
    return this.#chosen?.bufferedAmount ?? 0;
  }

  /** @param {any} data text, or the bytes of an upload, which the server takes on a WebSocket alone */
  send(data) {
    this.#chosen?.send(data);
  }

  /** @param {number} [code] */
  close(code) {
    clearTimeout(this.#timer);
    if (!this.#chosen && this.#sockets.size > 0) {
      this.#nothingWorked(); // in the time that the connection above had
    }
    this.#closeOthers();
    this.#chosen?.close(code);
  }
}
