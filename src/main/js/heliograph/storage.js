// @ts-check
/** The positions that survive a reload, in a storage that may be full, broken or shared with other code. */

const MAX_STORED = 100;
const SAVE_MS = 100;

/**
 * @param {import('../heliograph.d.ts').PositionStorage | undefined} storage
 * @param {string} key
 */
export function loadPositions(storage, key) {
  /** By channel; the newest stands last. @type {Map<string, string>} */
  const positions = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let saving;

  /** @param {string} channel @param {unknown} position undefined: none */
  function put(channel, position) {
    positions.delete(channel);
    if (typeof position === 'string') {
      positions.set(channel, position);
    }
    if (positions.size > MAX_STORED) {
      positions.delete([...positions.keys()][0]);
    }
    saving ??= setTimeout(save, SAVE_MS);
  }

  function save() {
    clearTimeout(saving);
    saving = undefined;
    try {
      storage?.setItem(key, JSON.stringify(Object.fromEntries(positions)));
    } catch {
      // A full storage costs the positions after a reload and nothing else.
    }
  }

  try {
    for (const [channel, position] of Object.entries(JSON.parse(storage?.getItem(key) ?? '{}'))) {
      put(channel, position);
    }
  } catch {
    // Not ours or not readable: start without.
  }
  return {get: (/** @type {string} */ channel) => positions.get(channel), put, save};
}
