// @ts-check
/** Functions for the elements of the landing page. Text is always inserted as text, never as HTML. */

/** @param {string} id */
export const byId = id => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} id */
export const inputById = id => /** @type {HTMLInputElement} */ (byId(id));

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [className]
 */
export function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) {
    made.className = className;
  }
  return made;
}

/** @param {string} id @param {boolean} good @param {string} text */
export function answer(id, good, text) {
  byId(id).textContent = text;
  byId(id).dataset.good = String(good);
}

/** Reads a credential and clears its field, so that it is not visible any more. @param {string} id */
export function takeSecret(id) {
  const field = inputById(id);
  const secret = field.value.trim();
  field.value = '';
  return secret;
}
