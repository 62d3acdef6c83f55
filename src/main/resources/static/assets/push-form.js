// @ts-check
/** The form of the landing page that publishes a message. The API key is stored only in a variable of this module. */
import {answer, byId, inputById, takeSecret} from './page.js';

let key = '';

/** @param {string} next empty: deletes the key */
function keep(next) {
  key = next;
  byId('key-field').hidden = key !== '';
  byId('key-kept').hidden = key === '';
  inputById('push-key').required = key === '';
}

/** Accepts the key alone or the whole line from the log. @param {string} pasted */
const keyOf = pasted => pasted.replace(/^export\s+HELIOGRAPH_KEY=/, '').replace(/^(['"])(.*)\1$/, '$2');

/** @param {{outcome: string, sessions?: {delivered: number, acked: number}}} result */
function inWords({outcome, sessions}) {
  const number = (outcome === 'acked' ? sessions?.acked : sessions?.delivered) ?? 0;
  const count = number === 1 ? '1 session' : `${number} sessions`;
  switch (outcome) {
    case 'acked': return `Acknowledged by ${count}.`;
    case 'delivered': return `Written to ${count}; none has acknowledged it yet.`;
    case 'queued': return 'Stored in the log: no session is subscribed to the channel.';
    default: return 'Accepted.';
  }
}

/**
 * @param {string} channel
 * @param {string} event
 * @param {string} data JSON, sent as it was written: numbers are not rounded
 * @returns {Promise<string>} the outcome, for the user
 * @throws {Error} with the reason of a refusal
 */
async function publish(channel, event, data) {
  try {
    JSON.parse(data);
  } catch (error) {
    throw new Error(`The data is not JSON: ${/** @type {Error} */ (error).message}`);
  }
  if (/[^\x21-\x7e]/.test(key)) {
    keep('');
    throw new Error('An API key contains only visible ASCII characters, and no blanks.');
  }
  const path = `v1/channels/${encodeURIComponent(channel)}/messages?wait=acked`;
  const response = await fetch(new URL(path, document.baseURI), {
    method: 'POST',
    headers: {'Authorization': `Bearer ${key}`, 'Content-Type': 'application/json'},
    body: `{"event":${JSON.stringify(event)},"data":${data}}`,
    cache: 'no-store',
    credentials: 'omit'
  });
  const result = await response.json();
  if (response.ok) {
    return inWords(result);
  }
  if (response.status === 401) {
    keep('');
  }
  throw new Error([result.title, result.detail].filter(Boolean).join(': '));
}

/** @param {() => string | undefined} session returns the id of this page's session */
export function startPushForm(session) {
  const to = inputById('push-to');
  to.addEventListener('change', () => {
    byId('channel-field').hidden = to.value !== 'other';
    inputById('push-channel').required = to.value === 'other';
  });
  byId('forget').addEventListener('click', () => {
    keep('');
    answer('push-answer', true, 'The key was deleted from memory.');
    byId('push-key').focus();
  });
  byId('push').addEventListener('submit', async event => {
    event.preventDefault();
    const pasted = takeSecret('push-key');
    if (pasted) {
      keep(keyOf(pasted));
    }
    answer('push-answer', true, 'pushing…');
    const channel = {session: `session:${session()}`, everyone: 'everyone'}[to.value] ?? inputById('push-channel').value.trim();
    try {
      const outcome = await publish(channel, inputById('push-event').value.trim(), inputById('push-data').value);
      answer('push-answer', true, outcome);
    } catch (error) {
      answer('push-answer', false, /** @type {Error} */ (error).message);
      if (!key) {
        byId('push-key').focus();
      }
    }
  });
  // The browser may keep the page in memory for its Back button; the key must not stay in it.
  addEventListener('pagehide', () => keep(''));
}
