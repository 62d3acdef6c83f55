// @ts-check
/** `for await (const message of subscription)`. */

/** @typedef {import('../heliograph.d.ts').Message} Message */
/** @typedef {ReturnType<typeof createIterator>} MessageIterator */

/**
 * Hands on one message at a time. A message counts as handled when the loop asks for the next one, so the channel waits
 * for the loop's body and there is nothing to buffer.
 *
 * @param {(last: Message | undefined) => void} onLeft the loop was left, at this message
 */
export function createIterator(onLeft) {
  /** Not handed on yet. @type {Message | undefined} */
  let message;
  /** The loop's present one. @type {Message | undefined} */
  let given;
  /** Tells the channel that its message was handled. @type {(() => void) | undefined} */
  let handled;
  /** The loop waits. @type {(() => void) | undefined} */
  let wake;
  let ended = false;
  /** @type {unknown} */
  let error;

  /** No message comes any more. @param {unknown} [why] */
  function end(why) {
    ended = true;
    error ??= why;
    handled?.();
    wake?.();
  }

  return {
    end,

    /** @param {Message} next @returns {Promise<void> | undefined} settled when it was handled */
    take(next) {
      return ended ? undefined : new Promise(resolve => {
        message = next;
        handled = resolve;
        wake?.();
      });
    },

    /** @returns {Promise<IteratorResult<Message, undefined>>} */
    async next() {
      given = undefined;
      if (!message && !ended) {
        /** @type {Promise<void>} */
        const woken = new Promise(resolve => {
          wake = resolve;
        });
        handled?.();
        await woken;
      }
      if (message) {
        given = message;
        message = undefined;
        return {done: false, value: given};
      }
      const why = error;
      error = undefined;
      if (why) {
        throw why;
      }
      return {done: true, value: undefined};
    },

    /** The loop was left. @returns {Promise<IteratorResult<Message, undefined>>} */
    async return() {
      message = undefined;
      onLeft(given);
      end();
      return {done: true, value: undefined};
    }
  };
}
