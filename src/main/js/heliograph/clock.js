// @ts-check
/** Time: what has elapsed, what the server's clock says, and how long to wait. */

const BACKOFF_BASE_MS = 500;
export const BACKOFF_CAP_MS = 30_000;
/** More than this, 24 days, is no wait at all to `setTimeout`. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @typedef {ReturnType<typeof createClock>} ServerClock */

/** Milliseconds on a clock that cannot be set. Differences of `Date.now()` jump with the device's clock. */
export const elapsed = () => performance.now();

/** A random wait below a bound that doubles with each attempt. @param {number} attempt */
export const fullJitter = attempt =>
  Math.random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 16));

/** The server's clock: the time of the last `welcome` and what has elapsed since. */
export function createClock() {
  /** @type {number | undefined} */
  let offset;

  /** Milliseconds since 1970; by the device's clock until the server has said its own. */
  const now = () => offset === undefined ? Date.now() : offset + elapsed();

  return {
    now,
    known: () => offset !== undefined,

    /** @param {unknown} time RFC 3339 */
    set(time) {
      const at = Date.parse(String(time));
      if (at) {
        offset = at - elapsed();
      }
    },

    /**
     * Renews what ends at a time: well before, and not all clients at once.
     *
     * @param {number | undefined} end
     * @param {() => void} renew
     * @returns {ReturnType<typeof setTimeout> | undefined} undefined: it does not end, or has ended, and the server has the last word
     */
    before(end, renew) {
      const left = (end ?? 0) - now();
      return left > 0
        ? setTimeout(renew, Math.min(LONGEST_TIMER_MS, Math.max(1000, left * (0.7 + 0.2 * Math.random()))))
        : undefined;
    }
  };
}
