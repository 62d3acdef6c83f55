// @ts-check
/** Frames: the JSON objects of protocol version 1. */

/** @typedef {Record<string, any> & {type: string}} Frame */

export const PROTOCOL = 'heliograph.v1.json';

/** The texts that a frame must have before anything looks at it. @type {Record<string, string | undefined>} */
const TEXTS = {
  welcome: 'session',
  subscribed: 'channel position',
  message: 'channel position event',
  gap: 'channel position'
};

/** @param {unknown} data @returns {Frame} */
export function parseFrame(data) {
  const frame = JSON.parse(/** @type {string} */ (data));
  if (`type ${TEXTS[frame.type] ?? ''}`.trim().split(' ').some(name => typeof frame[name] !== 'string') || (frame.type === 'error' && !frame.problem?.status)) {
    throw new TypeError('a field is missing or wrong');
  }
  return frame;
}

/**
 * Whether a position comes after another. Within an epoch offsets grow; another epoch is another log, which only
 * the server can have begun, so it counts as after.
 *
 * @param {string} one
 * @param {string} other
 */
export function isAfter(one, other) {
  const colon = one.lastIndexOf(':');
  return one.slice(0, colon) !== other.slice(0, other.lastIndexOf(':'))
    || Number(one.slice(colon + 1)) > Number(other.slice(colon + 1));
}
