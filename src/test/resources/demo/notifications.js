// A bell. The channel of the user is the only state: its log holds the notifications and how far they were read.
import { connect } from '/heliograph.js';
import { $, element, history, showState, token, why } from './demo.js';

const user = new URLSearchParams(location.search).get('user') ?? 'alice';
const mine = `user:${user}`;
const h = connect('/ws', { token: token(user) });
showState(h);

/** By id. Ids are UUIDv7: in the order of time. */
const notices = new Map();
let readUpTo = '';

function take({ id, event, data, time }) {
  if (event === 'order') notices.set(id, { text: `${data.item} is ready`, time: new Date(time) });
  if (event === 'read' && data.upTo > readUpTo) readUpTo = data.upTo;
}

function show() {
  const entries = [...notices].sort(([a], [b]) => a < b ? 1 : -1);
  const unread = entries.filter(([id]) => id > readUpTo).length;
  $('badge').textContent = unread > 99 ? '99+' : unread;
  $('badge').hidden = unread === 0;
  $('bell').setAttribute('aria-label', `Notifications, ${unread} unread`);
  $('none').hidden = entries.length > 0;
  document.title = unread ? `(${unread}) Notifications` : 'Notifications';
  $('notices').replaceChildren(...entries.map(([id, { text, time }]) =>
    element('li', { className: id > readUpTo ? 'unread' : '' },
      element('span', { textContent: text }),
      element('time', { textContent: time.toLocaleTimeString(), dateTime: time.toISOString(), className: 'soft small' }))));
}

/** Says to the backend how far this user has read; it says it to all windows. */
async function markRead() {
  const newest = [...notices.keys()].sort().at(-1) ?? '';
  if (newest > readUpTo) await ask('demo.read', { upTo: newest });
}

async function ask(method, data) {
  $('trouble').textContent = '';
  try {
    await h.call(method, data);
  } catch (error) {
    $('trouble').textContent = why(error);
  }
}

function open(wanted) {
  $('panel').hidden = !wanted;
  $('bell').setAttribute('aria-expanded', wanted);
  if (wanted) markRead();
}

$('bell').addEventListener('click', () => open($('panel').hidden));
document.addEventListener('keydown', event => event.key === 'Escape' && open(false));
$('orders').addEventListener('click', ({ target }) =>
  target.matches('button') && ask('demo.order', { item: target.textContent }));

// First, so that nothing is missed while the history is read. What comes twice is taken once, by its id.
h.subscribe(mine, {
  onMessage: message => {
    take(message);
    show();
    if (!$('panel').hidden && document.hasFocus()) markRead();
  },
  onGap: () => location.reload(),
});

const { messages } = await history(mine);
messages.forEach(take);
show();
