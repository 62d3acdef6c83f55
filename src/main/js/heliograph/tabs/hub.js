// @ts-check
/** The one connection of all tabs, in the tab that leads. */
import {isAfter} from '../frames.js';

/** @typedef {import('../frames.js').Frame} Frame */
/**
 * @typedef {object} SharedChannel
 * @property {string} [position] of the last message that all tabs were sent
 * @property {Set<string>} members
 * @property {Frame} [asking] the subscribe under way; others wait for its answer
 * @property {boolean} [live]
 * @property {string} [expires]
 * @property {string} [acked]
 * @property {[tab: string, frame: Frame][]} waiting
 */

export class Hub {
  /** @type {any} */
  #socket;
  #send;
  /** @type {Set<string>} */
  #tabs = new Set();
  /** @type {Map<string, SharedChannel>} */
  #channels = new Map();
  /** @type {Frame | undefined} */
  #welcome;

  /**
   * @param {any} socket just opened
   * @param {(tab: string | undefined, frame: Frame) => void} send to a tab; undefined: to all
   * @param {(event: any) => void} onClose
   */
  constructor(socket, send, onClose) {
    this.#socket = socket;
    this.#send = send;
    socket.onmessage = (/** @type {any} */ event) => this.#onServer(JSON.parse(event.data));
    socket.onerror = () => {};
    socket.onclose = onClose;
  }

  close() {
    this.#socket.onclose = undefined;
    this.#socket.close(1000);
  }

  /** @param {string} tab */
  join(tab) {
    this.#tabs.add(tab);
    this.#greet(tab);
  }

  /** @param {string} tab */
  leave(tab) {
    this.#tabs.delete(tab);
    for (const [channel, {members}] of this.#channels) {
      if (members.delete(tab) && members.size === 0) {
        this.#unsubscribe(channel, `${tab}.left`);
      }
    }
  }

  /** @param {string} tab */
  #greet(tab) {
    if (this.#welcome) {
      this.#send(tab, this.#welcome);
    }
  }

  /** @param {string} name */
  #channel(name) {
    const channel = this.#channels.get(name) ?? {members: new Set(), waiting: []};
    this.#channels.set(name, channel);
    return channel;
  }

  // ---- from the tabs ----

  /** @param {string} tab @param {Frame} frame */
  onFrame(tab, frame) {
    const {type, id, channel, position} = frame;
    if (type === 'subscribe') {
      this.#subscribe(tab, frame);
    } else if (type === 'unsubscribe') {
      const members = this.#channels.get(channel)?.members;
      members?.delete(tab);
      if (members && members.size > 0) {
        this.#send(tab, {type: 'unsubscribed', id});
      } else {
        this.#unsubscribe(channel, `${tab}.${id}`);
      }
    } else if (type === 'ack') {
      // Each tab handles what all are sent; the first acknowledgement is enough.
      const shared = this.#channel(channel);
      if (!shared.acked || isAfter(position, shared.acked)) {
        shared.acked = position;
        this.#forward(frame);
      }
    } else if (type === 'upload') {
      const detail = 'an upload needs a connection of its own: {shareTabs: false}';
      this.#send(tab, {type: 'error', id, problem: {type: '/problems/not-supported', title: 'Not supported by a shared connection', status: 501, detail}});
    } else {
      this.#forward(id === undefined ? frame : {...frame, id: `${tab}.${id}`});
    }
  }

  /** @param {string} tab @param {Frame} frame @param {string} [from] what comes next is what comes after this position */
  #subscribe(tab, frame, from) {
    const {id, channel: name, since} = frame;
    const channel = this.#channel(name);
    if (channel.asking) {
      channel.waiting.push([tab, frame]);
      return;
    }
    const renewal = channel.members.has(tab) && !since;
    channel.members.add(tab);
    const {position = ''} = channel;
    // Whether what comes next for all is what comes next for this tab, or was seen by it. A login's answer carries its state.
    if (channel.live && !renewal && !name.startsWith('login:') && !(since && isAfter(from ?? position, since))) {
      this.#send(tab, {type: 'subscribed', id, channel: name, position: since ?? position, recovered: true, expires: channel.expires});
    } else {
      channel.asking = {...frame, id: `${tab}.${id}`};
      this.#forward(channel.asking);
    }
  }

  /** @param {string} channel @param {string} id */
  #unsubscribe(channel, id) {
    this.#channels.delete(channel);
    this.#forward({type: 'unsubscribe', id, channel});
  }

  /** @param {Frame} frame */
  #forward(frame) {
    try {
      this.#socket.send(JSON.stringify(frame));
    } catch {
      // It is closing; its end is told.
    }
  }

  // ---- from the server ----

  /** @param {Frame} frame */
  #onServer(frame) {
    const {type, id, channel, position} = frame;
    if (type === 'welcome') {
      this.#welcome = {...frame, positions: {...frame.positions}};
      for (const [name, begins] of Object.entries(frame.positions ?? {})) {
        Object.assign(this.#channel(name), {live: true, position: begins});
      }
      this.#tabs.forEach(tab => this.#greet(tab));
      return;
    }
    // An identity of its own is no message's: those have one, too.
    if (type === 'message' || id === undefined) {
      this.#came(channel, position);
      if (type === 'error' && channel) {
        this.#channel(channel).live = false; // its right has ended
      }
      this.#send(undefined, frame);
      return;
    }
    const dot = id.indexOf('.');
    const tab = id.slice(0, dot);
    if (type === 'subscribed') {
      this.#came(channel, position);
      Object.assign(this.#channel(channel), {live: true, expires: frame.expires});
    }
    this.#send(tab, {...frame, id: id.slice(dot + 1)});
    for (const shared of this.#channels.values()) {
      if (shared.asking?.id === id) {
        const from = frame.recovered && shared.asking?.since;
        shared.asking = undefined;
        if (type === 'error') {
          shared.members.delete(tab);
        }
        shared.waiting.splice(0).forEach(([waiting, waited]) => this.#subscribe(waiting, waited, from || undefined));
      }
    }
  }

  /** @param {string | undefined} name @param {string | undefined} position */
  #came(name, position) {
    const before = name && this.#channels.get(name)?.position;
    // Not back: for all but the tab that asked, messages that are read once more are no news.
    if (name && position && (!before || isAfter(position, before))) {
      this.#channel(name).position = position;
      // Where a tab begins that comes later.
      if (this.#welcome?.positions[name]) {
        this.#welcome.positions[name] = position;
      }
    }
  }
}
