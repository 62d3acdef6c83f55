// @ts-check
/**
 * One connection for all tabs of an origin and user. The tab that holds a lock leads: its socket is everybody's, and frames
 * go to and fro on a BroadcastChannel. Each tab keeps its own channels, positions and handlers; to its client this is a
 * socket like any other. When the leader closes, sleeps or dies, every tab's socket is lost, and each resumes where it was
 * with the next leader.
 */
import {claimsOf} from '../token.js';
import {Hub} from './hub.js';

/** A leader that does not answer is frozen or stuck: then this tab has a connection of its own. */
const LEADER_MS = 3000;

/**
 * @param {new (url: string, protocols: string[]) => any} Socket what the leader opens
 * @returns {new (url: string, protocols: string[]) => any} the same where tabs cannot find each other
 */
export function sharedAmongTabs(Socket) {
  const locks = globalThis.navigator?.locks;
  if (!locks || !globalThis.BroadcastChannel) {
    return Socket;
  }
  return class {
    /** @param {string} url @param {string[]} protocols */
    constructor(url, protocols) {
      const token = protocols.find(protocol => protocol.startsWith('bearer.'))?.slice(7);
      const user = token ? claimsOf(token).sub : '';
      if (user === undefined) {
        return new Socket(url, protocols); // whose it is is not known, so it is nobody else's
      }
      return /** @type {any} */ (new SharedSocket(Socket, url, protocols, `heliograph ${url} ${user}`, locks));
    }
  };
}

class SharedSocket {
  readyState = 0;
  bufferedAmount = 0;
  /** @type {((event: {data: string}) => void) | undefined} */
  onmessage;
  /** @type {((event: any) => void) | undefined} */
  onclose;
  /** @type {((event: any) => void) | undefined} */
  onerror;

  #tab = crypto.randomUUID();
  #open;
  #key;
  #bus;
  #locks;
  #ended = new AbortController();
  /** Where this tab leads. @type {Hub | undefined} */
  #hub;
  /** In place of a shared one. @type {any} */
  #own;
  #timer;

  /**
   * @param {new (url: string, protocols: string[]) => any} Socket
   * @param {string} url
   * @param {string[]} protocols
   * @param {string} key of all that share
   * @param {LockManager} locks
   */
  constructor(Socket, url, protocols, key, locks) {
    this.#open = () => new Socket(url, protocols);
    this.#key = key;
    this.#locks = locks;
    this.#bus = new BroadcastChannel(key);
    this.#bus.onmessage = ({data}) => this.#onBus(data);
    // The leader waits for this one, which ends with the tab, whatever becomes of it.
    this.#hold(`${key} ${this.#tab}`, () => {});
    this.#hold(key, () => this.#lead());
    this.#bus.postMessage({type: 'hello', tab: this.#tab});
    this.#timer = setTimeout(() => this.#goAlone(), LEADER_MS);
  }

  /** Holds a lock until this socket ends. @param {string} name @param {() => void} onHeld */
  #hold(name, onHeld) {
    const {signal} = this.#ended;
    this.#locks.request(name, {signal}, () => new Promise(release => {
      signal.addEventListener('abort', release);
      onHeld();
    })).catch(() => {}); // it ended before
  }

  /** @param {string} text */
  send(text) {
    if (this.#own) {
      this.#own.send(text);
    } else if (this.#hub) {
      this.#hub.onFrame(this.#tab, JSON.parse(text));
    } else {
      this.#bus.postMessage({type: 'frame', tab: this.#tab, frame: JSON.parse(text)});
    }
  }

  close() {
    if (this.#own) {
      this.#own.onclose = undefined;
      this.#own.close(1000);
    } else if (this.#hub) {
      this.#bus.postMessage({type: 'down', event: {code: 1006, reason: 'another tab takes over'}});
    } else if (this.readyState !== 3) {
      this.#bus.postMessage({type: 'leave', tab: this.#tab});
    }
    this.#end();
  }

  #end() {
    this.readyState = 3;
    clearTimeout(this.#timer);
    this.#hub?.close();
    this.#hub = undefined;
    this.#ended.abort();
    this.#bus.close();
  }

  /** @param {any} event */
  #lost(event) {
    if (this.readyState !== 3) {
      this.#end();
      this.onclose?.(event);
    }
  }

  /** @param {any} frame */
  #receive(frame) {
    // What all are sent before this tab was welcomed is not for it.
    if (this.readyState === 1 || frame.type === 'welcome') {
      this.readyState = 1;
      this.onmessage?.({data: JSON.stringify(frame)});
    }
  }

  /** The lock is this tab's: nobody leads, or the leader has died. */
  #lead() {
    if (this.readyState === 3 || this.#own) {
      return;
    }
    if (this.readyState === 1) {
      const event = {code: 1006, reason: 'the tab with the connection is gone'};
      this.#bus.postMessage({type: 'down', event});
      this.#lost(event);
      return;
    }
    clearTimeout(this.#timer);
    try {
      this.#hub = new Hub(this.#open(), (tab, frame) => this.#tell(tab, frame), ({code, reason, problem}) => {
        const event = {code, reason, problem};
        this.#bus.postMessage({type: 'down', event});
        this.#lost(event);
      });
    } catch (error) {
      this.#lost({code: 1008, reason: String(error)});
      return;
    }
    this.#hub.join(this.#tab);
    this.#bus.postMessage({type: 'who'});
  }

  /** @param {string | undefined} tab undefined: all @param {any} frame */
  #tell(tab, frame) {
    if (tab !== this.#tab) {
      this.#bus.postMessage({type: 'text', tab, frame});
    }
    if (!tab || tab === this.#tab) {
      this.#receive(frame);
    }
  }

  /** @param {any} message */
  #onBus({type, tab, frame, event}) {
    if (this.#hub) {
      if (type === 'hello') {
        this.#bus.postMessage({type: 'joined', tab});
        this.#hub.join(tab);
        this.#locks.request(`${this.#key} ${tab}`, {signal: this.#ended.signal}, () => this.#hub?.leave(tab)).catch(() => {});
      } else if (type === 'frame') {
        this.#hub.onFrame(tab, frame);
      } else if (type === 'leave') {
        this.#hub.leave(tab);
      }
    } else if (this.#own) {
      // It has nothing to do with the others.
    } else if (type === 'who' && this.readyState === 0) {
      this.#bus.postMessage({type: 'hello', tab: this.#tab});
    } else if (type === 'joined' && tab === this.#tab) {
      clearTimeout(this.#timer);
    } else if (type === 'text' && (!tab || tab === this.#tab)) {
      this.#receive(frame);
    } else if (type === 'down') {
      this.#lost(event);
    }
  }

  #goAlone() {
    this.#ended.abort();
    this.#bus.close();
    this.#own = this.#open();
    this.#own.onmessage = (/** @type {any} */ event) => this.onmessage?.(event);
    this.#own.onerror = (/** @type {any} */ event) => this.onerror?.(event);
    this.#own.onclose = (/** @type {any} */ event) => this.onclose?.(event);
  }
}
