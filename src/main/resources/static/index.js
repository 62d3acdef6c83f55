// @ts-check
/** The landing page: shows a session and the commands that publish to it. Received data is shown as text, never as HTML. */
import {answer, byId, element, inputById, takeSecret} from './assets/page.js';
import {startPushForm} from './assets/push-form.js';
import {connect} from './heliograph.js';

/** Limits what the page renders; older messages are in the log on the server. */
const SHOWN = 100;
const LONGEST_SHOWN = 4000;

/** If HELIOGRAPH_KEY is not set, the shell reports that and sends nothing. @param {string} channel */
const curl = channel => `curl -X POST ${new URL(`v1/channels/${channel}/messages`, document.baseURI)} \\
  -H "Authorization: Bearer \${HELIOGRAPH_KEY:?is not set: paste the line from the log}" \\
  -H 'Content-Type: application/json' \\
  -d '{"event":"greeting","data":{"text":"Hello, browser"}}'`;

const h = connect(undefined, {storage: sessionStorage});

/** @type {ReturnType<typeof setInterval> | undefined} */
let counting;

/** @param {string} state @param {string} text */
function showState(state, text) {
  clearInterval(counting);
  byId('state').dataset.state = state;
  byId('state-text').textContent = text;
  byId('countdown').textContent = '';
}

/** The seconds are not a live region, because a screen reader would read out each of them. @param {number} delay in milliseconds */
function countDown(delay) {
  const end = performance.now() + delay;
  const show = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    byId('countdown').textContent = left > 0 ? `in ${left} s` : 'now';
  };
  show();
  counting = setInterval(show, 250);
}

function showIdentity() {
  byId('session').textContent = h.session ?? '–';
  byId('user').textContent = h.user ?? 'anonymous';
}

let total = 0;

/** While the list is not visible, the newest message is shown at the bottom of the window. */
let listInSight = true;
new IntersectionObserver(entries => {
  listInSight = entries[entries.length - 1].isIntersecting;
  if (listInSight) {
    byId('latest').hidden = true;
  }
}).observe(byId('arrivals-title'));
byId('latest').addEventListener('click', () => byId('arrivals').scrollIntoView());

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
  if (!listInSight) {
    byId('latest').replaceChildren(element('strong', message.event), element('span', JSON.stringify(message.data) ?? ''));
    byId('latest').hidden = false;
  }
}

h.addEventListener('open', () => {
  showState('open', 'connected');
  showIdentity();
  byId('curl-session').textContent = curl(`session:${h.session}`);
});
h.addEventListener('connecting', () => showState('waiting', 'connecting'));
h.addEventListener('offline', () => showState('waiting', 'offline'));
h.addEventListener('reconnecting', event => {
  showState('waiting', 'reconnecting');
  countDown(event.detail.delay);
});
h.addEventListener('closed', event =>
  showState('closed', `closed: ${event.detail.reason || event.detail.code}`));
h.addEventListener('message', event => showMessage(event.detail));
h.addEventListener('gap', event =>
  show(element('li', `Some messages on ${event.detail.channel} were lost.`, 'gap')));
h.addEventListener('error', event => console.warn('heliograph:', event.detail));

byId('curl-everyone').textContent = curl('everyone');
startPushForm(() => h.session);

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

byId('login').addEventListener('submit', async event => {
  event.preventDefault();
  const token = takeSecret('login-token');
  answer('login-answer', true, 'logging in…');
  try {
    const {user, expires} = await h.authenticate(token);
    showIdentity();
    answer('login-answer', true, `Logged in as ${user ?? 'anonymous'} until ${new Date(expires).toLocaleTimeString()}.`);
  } catch (error) {
    const {message, problem} = /** @type {import('./heliograph.d.ts').HeliographError} */ (error);
    const asBefore = h.state === 'open' ? ' The session is unchanged.' : '';
    answer('login-answer', false, `Not logged in: ${problem?.detail ?? problem?.title ?? message}${asBefore}`);
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
  const token = takeSecret('topic-token');
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
