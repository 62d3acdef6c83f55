// The confirm page on the phone. Its secret is in the URL's fragment, which browsers send to no server and in no
// referrer, and is sent in request bodies. All calls are idempotent and are repeated until the service answers.
import { send } from './heliograph-login.js';

const RETRY_MS = 60000; // the time that the user has to confirm
const $ = (id) => document.getElementById(id);
const ticket = location.pathname.split('/').pop();
const phoneToken = new URLSearchParams(location.hash.slice(1)).get('k');

function end(title, text = '') {
  $('question').hidden = $('report').hidden = true;
  $('title').textContent = title;
  $('status').textContent = text;
}

async function post(act, body = {}) {
  try {
    const answer = await send('POST', `/v1/logins/${encodeURIComponent(ticket)}/${act}`, {
      body: { phoneToken, ...body },
      until: performance.now() + RETRY_MS,
      onRetry: () => ($('status').textContent = 'The site does not answer. Retrying…'),
    });
    $('status').textContent = '';
    return { ok: true, answer };
  } catch (error) {
    const unreachable = !error.status || error.status >= 500 || error.status === 429;
    return { ok: false, answer: error.problem ?? {}, kind: error.kind, unreachable };
  }
}

function refused({ kind, answer, unreachable }) {
  if (unreachable) {
    $('status').textContent = 'The site does not answer. Check your connection, then try again.';
    busy(false);
  } else if (kind === 'match-code-wrong' && answer.state === 'SCANNED') {
    $('status').textContent = `Wrong number. Attempts left: ${answer.attemptsLeft}.`;
    busy(false);
  } else if (kind === 'proximity-required') {
    end('Confirmation not allowed here', 'This login must be confirmed near the device that requests it.');
  } else if (answer.state === 'CONSUMED') {
    loggedIn('This login was completed earlier with your confirmation.');
  } else if (kind === 'match-code-wrong' || answer.state === 'DENIED') {
    end('The login was refused');
  } else {
    end('This code is invalid or has expired', 'Request a new code in your browser. If you did not start this login, contact the site.');
  }
}

/** After the confirmation. The same link, from a chat or a notice, can disown the login later. */
function loggedIn(text) {
  end('You are logged in', text);
  $('report').hidden = false;
}

function busy(yes) {
  $('yes').disabled = $('no').disabled = yes;
}

function chosen() {
  const input = document.querySelector('#numbers input:checked');
  return input ? Number(input.value) : undefined;
}

function ask(context) {
  const { device } = context;
  $('title').textContent = 'Log in?';
  $('site').textContent = context.site;
  $('device').textContent = [device.label, device.browser].filter(Boolean).join(' · ') || 'unknown';
  $('place').textContent = [device.city, device.country, device.ip].filter(Boolean).join(', ') || 'unknown';
  $('time').textContent = new Date(device.requestedAt).toLocaleString();
  $('far').hidden = !context.locationMismatch;
  $('choices').hidden = context.choices.length === 0;
  $('numbers').replaceChildren(
    ...context.choices.map((number) => {
      const label = document.createElement('label');
      const input = Object.assign(document.createElement('input'), { type: 'radio', name: 'match', value: number });
      const text = document.createElement('span');
      text.textContent = number;
      label.append(input, text);
      return label;
    })
  );
  $('question').hidden = false;
  $('yes').addEventListener('click', async () => {
    if (context.choices.length && chosen() === undefined) {
      $('status').textContent = 'Choose the number that the screen shows.';
      return;
    }
    busy(true);
    const result = await post('confirm', { matchCode: chosen() });
    if (result.ok) loggedIn('Continue in your browser. You can close this page.');
    else refused(result);
  });
  $('no').addEventListener('click', async () => {
    busy(true);
    const result = await post('deny', { report: true });
    if (result.ok) end('The login was refused', 'No browser was logged in. You can close this page.');
    else refused(result);
  });
  $('no').focus();
}

$('not-me').addEventListener('click', async () => {
  $('not-me').disabled = true;
  const result = await post('deny', { report: true });
  $('not-me').disabled = false;
  if (result.unreachable) refused(result);
  else if (result.ok) end('It was reported', 'The login was revoked as far as possible, and the site was notified.');
  else end('This login can no longer be reported here', 'Contact the site, and change your password there.');
});

async function start() {
  $('retry').hidden = true;
  const result = await post('scan');
  $('retry').hidden = !result.unreachable;
  if (!result.ok) refused(result);
  else if (result.answer.state === 'CONFIRMED') loggedIn('Continue in your browser.');
  else ask(result.answer);
}

$('retry').addEventListener('click', start);
if (phoneToken) await start();
else end('This code is invalid or has expired', 'Scan the code with the app of the site.');
