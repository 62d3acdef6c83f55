/** What a page lives in, as far as the client uses it: a socket, a clock, and events of the window. */
import {mock} from 'node:test';

/** The client under test: its modules, or the one file that is built from them. */
export const CLIENT = process.env.HELIOGRAPH_JS ?? new URL('../../main/js/heliograph.js', import.meta.url).href;
const client = await import(CLIENT);

/** Over a socket alone: what stands in for it has tests of its own. */
export const connect = (url, options) => client.connect(url, {transports: ['websocket'], ...options});

export class FakeSocket {
  /** @type {FakeSocket[]} */
  static opened = [];
  readyState = 1;
  onmessage = null;
  onclose = null;
  onerror = null;
  sent = [];

  constructor(url, protocols) {
    if (protocols.some(protocol => /[\s,]/.test(protocol))) {
      throw new DOMException('bad protocol', 'SyntaxError');
    }
    Object.assign(this, {url, protocols});
    FakeSocket.opened.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }

  // The server's side:
  says(...frames) {
    for (const frame of frames) {
      this.onmessage?.({data: typeof frame === 'string' ? frame : JSON.stringify(frame)});
    }
  }
  welcomes(session = 's1', more = {}) {
    this.says({type: 'welcome', session, heartbeat: 25_000, time: inSeconds(0), ...more});
  }
  breaks(code = 1006, reason = '') {
    this.readyState = 3;
    this.onclose?.({code, reason});
  }
  /** As a browser or `ws` tells it: an error first. */
  fails(message) {
    if (!this.onerror) {
      throw new Error(`no listener: ${message}`); // what ends a process in Node
    }
    this.onerror({message});
    this.breaks();
  }
  /** Answers the subscribe that was sent for this channel. */
  subscribes(channel, position, more = {}) {
    const frame = this.sent.find(sent => sent.type === 'subscribe' && sent.channel === channel);
    this.sent = this.sent.filter(sent => sent !== frame);
    this.says({type: 'subscribed', id: frame.id, channel, position, recovered: true, ...more});
    return frame;
  }
  /** What was asked with frames of this type; taken, so that a test sees each once. */
  got(type) {
    const found = this.sent.filter(frame => frame.type === type);
    this.sent = this.sent.filter(frame => frame.type !== type);
    return found;
  }
}

export const message = (channel, position, data = position, event = 'greeting') =>
  ({type: 'message', channel, position, id: `id-${position}`, event, data, time: '2026-01-01T00:00:00Z'});

export const settle = async () => {
  for (let i = 0; i < 20; i++) {
    await Promise.resolve();
  }
};

export const after = async ms => {
  mock.timers.tick(ms);
  await settle();
};

export const latest = () => FakeSocket.opened.at(-1);

/** A token as the server makes them: its end, in seconds from now by the server's clock, can be read. */
export const jwt = (seconds, more = {}) => {
  const claims = {exp: Math.floor(serverNow() / 1000) + seconds, ...more};
  return `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
};

/** RFC 3339, by the server's clock. */
export const inSeconds = seconds => new Date(serverNow() + seconds * 1000).toISOString();

/** The time that timers go by. */
let serverNow;

/** Somebody sets the device's clock. */
export const setDeviceClock = ahead => mock.method(Date, 'now', () => serverNow() + ahead);

let page;
export const pageEvent = type => page.dispatchEvent(new Event(type));

/** A fresh page, whose dice always show the largest number. */
export function freshPage() {
  mock.reset();
  mock.timers.reset();
  mock.timers.enable({apis: ['setTimeout', 'Date'], now: 1_000_000});
  mock.method(Math, 'random', () => 1);
  serverNow = Date.now;
  mock.method(performance, 'now', () => serverNow() - 990_000);
  FakeSocket.opened = [];
  page = new EventTarget();
  globalThis.WebSocket = FakeSocket;
  globalThis.addEventListener = page.addEventListener.bind(page);
  globalThis.removeEventListener = page.removeEventListener.bind(page);
  globalThis.document = Object.assign(new EventTarget(), {visibilityState: 'visible'});
}

export class FakeStorage {
  #items = new Map();
  getItem = key => this.#items.get(key) ?? null;
  setItem = (key, value) => this.#items.set(key, value);
}
