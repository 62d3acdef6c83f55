// @ts-check
/** One WebSocket, from its constructor to its end. */
import {createOutbox} from './outbox.js';

/** @typedef {import('./frames.js').Frame} Frame */
/** @typedef {ReturnType<typeof openConnection>} Connection */

const DEFAULT_HEARTBEAT_MS = 25_000;
const LONGEST_HEARTBEAT_MS = 300_000;
const PONG_MS = 10_000;

/**
 * @typedef {object} ConnectionHost
 * @property {(data: unknown) => void} onData
 * @property {(code: number, reason: string, problem?: any) => void} onEnd not after `end` with a code of the caller's
 * @property {() => Frame | undefined} takeAck the next acknowledgement, if any is due
 * @property {(frame: Frame) => void} onSend
 */

/**
 * @param {new (url: string, protocols: string[]) => WebSocket} Socket
 * @param {string} url
 * @param {string[]} protocols
 * @param {ConnectionHost} host
 */
export function openConnection(Socket, url, protocols, {onData, onEnd, takeAck, onSend}) {
  const socket = new Socket(url, protocols);
  const outbox = createOutbox(write, takeAck);
  let ended = false;
  let heartbeat = DEFAULT_HEARTBEAT_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;
  let probing = false;
  /** Bytes that waited to leave when that was looked at last. */
  let leaving = 0;
  let trouble = '';

  socket.onmessage = event => {
    if (!ended) {
      onSignOfLife();
      onData(event.data);
    }
  };
  // Never taken away: in Node an error without a listener ends the process, also one after the end.
  socket.onerror = event => {
    trouble = String(/** @type {any} */ (event)?.message ?? '');
  };
  socket.onclose = event => lose(event.code, event.reason || trouble, /** @type {any} */ (event).problem);

  /** @param {number} code @param {string} reason @param {unknown} [problem] */
  function lose(code, reason, problem) {
    if (!ended) {
      end();
      onEnd(code, reason, problem);
    }
  }

  /** Ends the connection at once. A dead socket may take minutes to say that it closed, so it is not waited for. */
  function end() {
    ended = true;
    self.ready = false;
    clearTimeout(silence);
    outbox.stop();
    try {
      socket.close(1000);
    } catch {
      // A socket that is closed already needs no closing.
    }
  }

  function onSignOfLife() {
    probing = false;
    if (self.ready) {
      silentFor(2 * heartbeat, probe);
    }
  }

  /** Each sign of life starts the timer anew, so no clock is asked. @param {number} delay @param {() => void} act */
  function silentFor(delay, act) {
    clearTimeout(silence);
    silence = setTimeout(act, delay);
  }

  /** Finds out soon whether the connection still stands: the page woke up, or the network changed. */
  function probe() {
    const {bufferedAmount} = socket;
    if (socket.readyState > 1) {
      lose(1006, 'closed while the page slept');
    } else if (bufferedAmount > 0 && bufferedAmount !== leaving) {
      leaving = bufferedAmount; // an upload is under way, and a ping would wait behind it
      onSignOfLife();
    } else if (self.ready && !probing) {
      probing = true;
      silentFor(PONG_MS, () => lose(1006, 'silence'));
      outbox.put('ping', {type: 'ping'});
    }
  }

  /** @param {Frame} frame */
  function write(frame) {
    onSend(frame);
    try {
      socket.send(JSON.stringify(frame));
    } catch {
      // The socket is closing; onclose tells.
    }
  }

  const self = {
    /** The welcome came: requests may be sent. */
    ready: false,
    /** For the bytes of an upload alone. */
    socket,
    lose,
    end,
    probe,
    /** A later frame with the same key replaces one that still waits. */
    send: outbox.put,

    /** There are acknowledgements to take. @param {boolean} [last] and nothing comes after them */
    flush(last) {
      if (self.ready) {
        last ? outbox.flushAcks() : outbox.flush();
      }
    },

    /** @param {unknown} period milliseconds */
    welcomed(period) {
      self.ready = true;
      heartbeat = Math.min(LONGEST_HEARTBEAT_MS, Math.max(1000, Number(period) || DEFAULT_HEARTBEAT_MS));
      onSignOfLife();
    }
  };
  return self;
}
