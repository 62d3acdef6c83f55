// Rooms are topics. What is said is published by this page; who said it the server adds as `from`, which no page can forge.
import { connect } from '/heliograph.js';
import { $, element, history, showState, token, why } from './demo.js';

const TYPING_MS = 3000;
const names = ['lobby', 'kitchen', 'garden'];
const topic = name => `topic:demo-${name}`;
/** A topic of its own: who is typing is of no use to those who come later, and would push talk out of the log. */
const typingTopic = name => `${topic(name)}.typing`;

const rooms = new Map(names.map(name => [name, { name, talk: [], people: [], typing: new Map(), unread: 0 }]));
let room = rooms.get('lobby');
let h;

function take(place, { event, from, data, time }) {
  if (event === 'presence') place.people = data;
  if (event === 'chat' && typeof data?.text === 'string') {
    place.talk.push({ from, text: data.text, time: new Date(time) });
    place.typing.delete(from);
  }
}

function showRooms() {
  $('rooms').replaceChildren(...[...rooms.values()].map(place => {
    const button = element('button', { type: 'button', onclick: () => enter(place) }, element('span', { textContent: place.name }));
    if (place.unread) button.append(element('span', { textContent: place.unread, ariaLabel: `${place.unread} new` }));
    button.setAttribute('aria-current', place === room);
    return button;
  }));
}

function showRoom() {
  $('room').textContent = `The ${room.name}`;
  $('people').replaceChildren(...room.people.map(name => element('li', { textContent: name === h.user ? `${name} (you)` : name })));
  $('talk').replaceChildren(...room.talk.map(({ from, text, time }) =>
    element('li', { className: from === h.user ? 'own' : '' },
      element('b', { textContent: from }), text,
      element('time', { textContent: time.toLocaleTimeString(), dateTime: time.toISOString() }))));
  $('talk').scrollTop = $('talk').scrollHeight;
  showTyping();
}

function showTyping() {
  const who = [...room.typing.keys()];
  $('typing').textContent = who.length === 0 ? '\u00a0' : `${who.join(', ')} ${who.length > 1 ? 'are' : 'is'} typing…`;
}

function enter(place) {
  room = place;
  room.unread = 0;
  showRooms();
  showRoom();
  $('text').focus();
}

async function follow(place) {
  const { messages, position } = await history(topic(place.name));
  messages.forEach(message => take(place, message));
  h.subscribe(topic(place.name), {
    since: position,
    onMessage: message => {
      take(place, message);
      if (place !== room && message.event === 'chat') place.unread++;
      place === room ? showRoom() : showRooms();
    },
    onError: ({ problem }) => $('trouble').textContent = problem?.detail ?? 'refused',
  });
  h.subscribe(typingTopic(place.name), {
    onMessage: ({ from }) => {
      if (from === h.user) return;
      clearTimeout(place.typing.get(from));
      place.typing.set(from, setTimeout(() => place.typing.delete(from) && showTyping(), TYPING_MS));
      showTyping();
    },
  });
}

$('enter').addEventListener('submit', event => {
  event.preventDefault();
  const name = $('name').value;
  h = connect('/ws', { token: token(name, ...names.map(topic), ...names.map(typingTopic)) });
  showState(h);
  h.addEventListener('open', async () => {
    await Promise.all([...rooms.values()].map(follow));
    $('enter').hidden = true;
    $('chat').hidden = false;
    enter(room);
  }, { once: true });
});

let lastTyping = -TYPING_MS;
$('text').addEventListener('input', () => {
  if (h.state !== 'open' || performance.now() - lastTyping < TYPING_MS / 2) return;
  lastTyping = performance.now();
  h.publish(typingTopic(room.name), 'typing', null).catch(() => {}); // nobody misses it
});

$('say').addEventListener('submit', async event => {
  event.preventDefault();
  const text = $('text').value;
  $('trouble').textContent = '';
  $('text').value = '';
  lastTyping = -TYPING_MS;
  try {
    // Waits in order for the connection if there is none now, and is appended once.
    await h.publish(topic(room.name), 'chat', { text }, { queue: true });
  } catch (error) {
    $('trouble').textContent = `Not sent: ${why(error)}`;
    $('text').value ||= text;
  }
});
