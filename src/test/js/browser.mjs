/** What a page lives in, as far as the client uses it: a socket, a clock, and events of the window. */
import {mock} from 'node:test';

export class FakeSocket {
  /** @type {FakeSocket[]} */
  static opened = [];
  readyState = 1;
  onmessage = null;
  onclose = null;
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
    this.says({type: 'welcome', session, heartbeat: 25_000, time: new Date().toISOString(), ...more});
  }
  breaks(code = 1006, reason = '') {
    this.readyState = 3;
    this.onclose?.({code, reason});
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

let page;
export const pageEvent = type => page.dispatchEvent(new Event(type));

/** A fresh page, whose dice always show the largest number. */
export function freshPage() {
  mock.reset();
  mock.timers.reset();
  mock.timers.enable({apis: ['setTimeout', 'Date'], now: 1_000_000});
  mock.method(Math, 'random', () => 1);
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
