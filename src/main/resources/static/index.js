// @ts-check
/** The landing page: shows a session and the commands that push to it. Pushed data is shown as text, never as HTML. */
import {connect} from './heliograph.js';

/** Limits what the page renders; older messages are in the log on the server. */
const SHOWN = 100;
const LONGEST_SHOWN = 4000;

/** @param {string} id */
const byId = id => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} id */
const inputById = id => /** @type {HTMLInputElement} */ (byId(id));

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [className]
 */
function element(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) {
    made.className = className;
  }
  return made;
}

/** @param {string} channel */
const curl = channel => `curl -X POST ${new URL(`v1/channels/${channel}/messages`, document.baseURI)} \\
  -H "Authorization: Bearer $HELIOGRAPH_KEY" \\
  -H 'Content-Type: application/json' \\
  -d '{"event":"greeting","data":{"text":"Hello, browser"}}'`;

const h = connect(undefined, {storage: sessionStorage});

/** @param {string} state @param {string} text */
function showState(state, text) {
  byId('state').dataset.state = state;
  byId('state').textContent = text;
}

function showIdentity() {
  byId('session').textContent = h.session ?? '–';
  byId('user').textContent = h.user ?? 'anonymous';
}

let total = 0;

/** @param {HTMLElement} item */
function show(item) {
  byId('empty').hidden = true;
  byId('clear').hidden = false;
  const list = byId('messages');
  list.prepend(item);
  while (list.childElementCount > SHOWN) {
    list.lastElementChild?.remove();
  }
}

/** @param {import('./heliograph.d.ts').Message} message */
function showMessage(message) {
  const item = document.createElement('li');
  const head = element('div', '', 'head');
  const time = /** @type {HTMLTimeElement} */ (element('time', new Date(message.time).toLocaleTimeString()));
  time.dateTime = message.time;
  head.append(element('strong', message.event), element('span', message.channel, 'channel'), time);
  const text = JSON.stringify(message.data, null, 2) ?? '';
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)} …` : text;
  item.append(head, element('pre', cut));
  show(item);
  byId('count').textContent = String(++total);
}

h.addEventListener('open', () => {
  showState('open', 'connected');
  showIdentity();
  byId('curl-session').textContent = curl(`session:${h.session}`);
});
h.addEventListener('reconnecting', event =>
  showState('waiting', `reconnecting in ${Math.max(1, Math.ceil(event.detail.delay / 1000))} s`));
h.addEventListener('closed', event =>
  showState('closed', `closed: ${event.detail.reason || event.detail.code}`));
h.addEventListener('message', event => showMessage(event.detail));
h.addEventListener('gap', event =>
  show(element('li', `Some messages on ${event.detail.channel} were lost.`, 'gap')));
h.addEventListener('error', event => console.warn('heliograph:', event.detail));

byId('curl-everyone').textContent = curl('everyone');

byId('clear').addEventListener('click', () => {
  byId('messages').replaceChildren();
  byId('count').textContent = String(total = 0);
  byId('empty').hidden = false;
  byId('clear').hidden = true;
});

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll('[data-copies]'))) {
  const source = byId(/** @type {string} */ (button.dataset.copies));
  button.setAttribute('aria-describedby', source.id);
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(source.textContent ?? '');
      button.textContent = 'Copied';
    } catch {
      // The clipboard is not available on a plain http origin: select the text, so that the user can copy it.
      getSelection()?.selectAllChildren(source);
      button.textContent = 'Selected';
    }
    setTimeout(() => button.textContent = 'Copy', 1500);
  });
}

/** @param {string} id @param {boolean} good @param {string} text */
function answer(id, good, text) {
  byId(id).textContent = text;
  byId(id).dataset.good = String(good);
}

byId('login').addEventListener('submit', async event => {
  event.preventDefault();
  const field = inputById('login-token');
  const token = field.value.trim();
  field.value = ''; // do not leave a credential on the screen
  answer('login-answer', true, 'logging in…');
  try {
    const {user, expires} = await h.authenticate(token);
    showIdentity();
    answer('login-answer', true, `Logged in as ${user ?? 'anonymous'} until ${new Date(expires).toLocaleTimeString()}.`);
  } catch (error) {
    const {message, problem} = /** @type {Error & {problem?: {detail?: string}}} */ (error);
    answer('login-answer', false, problem?.detail ?? message);
  }
});

/** @type {Map<string, import('./heliograph.d.ts').Follower>} */
const followed = new Map();

/** @param {string} channel */
function unfollow(channel) {
  followed.get(channel)?.unfollow();
  followed.delete(channel);
  for (const item of byId('topics').querySelectorAll('li')) {
    if (item.dataset.channel === channel) {
      item.remove();
    }
  }
}

byId('follow').addEventListener('submit', event => {
  event.preventDefault();
  const channel = `topic:${inputById('topic').value.trim()}`;
  const token = inputById('topic-token').value.trim();
  inputById('topic-token').value = '';
  unfollow(channel);
  answer('follow-answer', true, '');
  followed.set(channel, h.follow(channel, {
    token: token || undefined,
    onError: ({problem}) => {
      unfollow(channel);
      answer('follow-answer', false, `${channel}: ${problem?.detail ?? problem?.title ?? 'refused'}`);
    }
  }));
  const item = element('li', channel);
  item.dataset.channel = channel;
  const stop = element('button', 'Unsubscribe');
  stop.setAttribute('type', 'button');
  stop.setAttribute('aria-label', `Unsubscribe from ${channel}`);
  stop.addEventListener('click', () => unfollow(channel));
  item.append(stop);
  byId('topics').append(item);
});
