// Asks the phone's user. The secret is in the fragment, which no server, log or referrer ever sees; it is posted.
// What the user answers is sent until the service has it: each of the calls may be repeated.
import { send } from './heliograph-login.js';

const PATIENCE_MS = 60000; // as long as the user has to confirm
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
      until: performance.now() + PATIENCE_MS,
      onRetry: () => ($('status').textContent = 'The site does not answer. Trying again…'),
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
    $('status').textContent = `That is not the number on the screen. Tries left: ${answer.attemptsLeft}.`;
    busy(false);
  } else if (kind === 'proximity-required') {
    end('Not here', 'This login has to be confirmed near the device that asks.');
  } else if (answer.state === 'CONSUMED') {
    loggedIn('Somebody logged in with your yes, a while ago.');
  } else if (kind === 'match-code-wrong' || answer.state === 'DENIED') {
    end('The login was refused');
  } else {
    end('This code is invalid or has expired', 'Ask for a new one in your browser. If somebody logged in as you, tell the site.');
  }
}

/** After yes: the same link, kept in a chat or sent in a notice, takes it back. */
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
    if (result.ok) loggedIn('Go on in your browser. You can close this page.');
    else refused(result);
  });
  $('no').addEventListener('click', async () => {
    busy(true);
    const result = await post('deny', { report: true });
    if (result.ok) end('The login was refused', 'Nobody was logged in. You can close this page.');
    else refused(result);
  });
  $('no').focus();
}

$('not-me').addEventListener('click', async () => {
  $('not-me').disabled = true;
  const result = await post('deny', { report: true });
  $('not-me').disabled = false;
  if (result.unreachable) refused(result);
  else if (result.ok) end('It was reported', 'The login was taken back as far as possible, and the site was told.');
  else end('It is too late to report this here', 'Tell the site, and change your password there.');
});

async function start() {
  $('retry').hidden = true;
  const result = await post('scan');
  $('retry').hidden = !result.unreachable;
  if (!result.ok) refused(result);
  else if (result.answer.state === 'CONFIRMED') loggedIn('Go on in your browser.');
  else ask(result.answer);
}

$('retry').addEventListener('click', start);
if (phoneToken) await start();
else end('This code is invalid or has expired', 'Scan it with the app of the site.');
