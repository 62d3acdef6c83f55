// @ts-check
/** What waits to be sent on one connection, at a pace that the server allows. */
import {elapsed} from './clock.js';

/** @typedef {import('./frames.js').Frame} Frame */

/** Frames that may leave at once, and one more each `PACE_MS`: the server's `max-frames-per-second`, 20. */
const BURST = 20;
const PACE_MS = 50;
/** An acknowledgement counts twice and leaves only while all else has room, so that requests never wait for any. */
const ACK_COST = 2;
/** These two decide whether the connection lives, so they pass all others. */
const FIRST = ['ping', 'auth'];

/**
 * Requests leave before acknowledgements. Bounded, because there is one place for each key (`ping`, `auth`, a channel)
 * and the later request takes it: what was asked before is void. Acknowledgements stay with their channels, merged,
 * until there is room for one.
 *
 * @param {(frame: Frame) => void} send
 * @param {() => Frame | undefined} takeAck
 */
export function createOutbox(send, takeAck) {
  /** @type {Map<string, Frame>} */
  const requests = new Map();
  let room = BURST;
  let filled = elapsed();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @returns {Frame | undefined} */
  function next() {
    const key = FIRST.find(first => requests.has(first)) ?? [...requests.keys()][0];
    const frame = key ? room >= 1 && requests.get(key) : room >= BURST && takeAck();
    if (frame) {
      room -= key ? 1 : ACK_COST;
      requests.delete(key);
      return frame;
    }
    return undefined;
  }

  /** Sends what may leave now. @param {number} [least] what a timer that has run out is good for, where the clock says less */
  function flush(least = 0) {
    const now = elapsed();
    room = Math.min(BURST, room + Math.max(least, (now - filled) / PACE_MS));
    filled = now;
    for (let frame = next(); frame; frame = next()) {
      send(frame);
    }
    // With room for an acknowledgement nothing is left; without it there may be one.
    if (room < BURST) {
      timer ??= setTimeout(() => {
        timer = undefined;
        flush(1);
      }, PACE_MS);
    }
  }

  return {
    flush,

    /** Sends all acknowledgements, whatever the pace: nothing comes after them. */
    flushAcks() {
      for (let frame = takeAck(); frame; frame = takeAck()) {
        send(frame);
      }
    },

    /** @param {string} key @param {Frame} frame */
    put(key, frame) {
      requests.set(key, frame);
      flush();
    },

    stop() {
      clearTimeout(timer);
      requests.clear();
    }
  };
}
