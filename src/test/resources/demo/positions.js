// A map. Each position replaces the one before it in the channel's log (`key`), so the log is where everybody is now.
import { connect } from '/heliograph.js';
import { $, element, history, myName, showState, token, why } from './demo.js';

const CHANNEL = 'topic:demo-positions';
const STEP = 0.03;
/** Who is not heard of for so long is gone; one who stands still says so before. */
const GONE_MS = 60_000;
const REPEAT_MS = 20_000;

const me = myName();
const h = connect('/ws', { token: token(me, CHANNEL) });
showState(h);

/** By name: where somebody is (x, y), and where the dot is drawn (atX, atY) on its way there. */
const dots = new Map();
let updates = 0;

function take({ data: { name, x, y } }) {
  const dot = dots.get(name) ?? { name, atX: x, atY: y, taxi: name.startsWith('taxi-') };
  dots.set(name, Object.assign(dot, { x, y, heard: performance.now() }));
}

function showPeople() {
  const people = [...dots.values()].filter(dot => !dot.taxi);
  $('people').replaceChildren(...people.map(({ name, x, y }) =>
    element('li', { textContent: `${name === me ? `${name} (you)` : name}: ${Math.round(x * 100)}, ${Math.round(y * 100)}` })));
  $('moving').textContent = dots.size;
}

const map = $('map');
const paint = map.getContext('2d');
new ResizeObserver(() => [map.width, map.height] = [map.clientWidth, map.clientHeight]).observe(map);

function streets() {
  paint.fillStyle = '#10243a';
  paint.fillRect(0, 0, map.width, map.height);
  paint.strokeStyle = '#1f3d5c';
  paint.lineWidth = map.width / 100;
  paint.beginPath();
  for (let i = 1; i < 8; i++) {
    paint.moveTo(map.width * i / 8, 0);
    paint.lineTo(map.width * i / 8 - map.width / 16, map.height);
    paint.moveTo(0, map.height * i / 8);
    paint.lineTo(map.width, map.height * i / 8 + map.height / 16);
  }
  paint.stroke();
}

function frame() {
  streets();
  for (const dot of dots.values()) {
    dot.atX += (dot.x - dot.atX) * 0.12;
    dot.atY += (dot.y - dot.atY) * 0.12;
    const x = dot.atX * map.width;
    const y = dot.atY * map.height;
    paint.fillStyle = dot.taxi ? '#ffb52e' : dot.name === me ? '#7ee0a1' : '#8fc0ff';
    paint.beginPath();
    paint.arc(x, y, dot.taxi ? 5 : 9, 0, 7);
    paint.fill();
    if (!dot.taxi) {
      const left = dot.atX > 0.7;
      paint.font = '600 16px system-ui, sans-serif';
      paint.textAlign = left ? 'right' : 'left';
      paint.fillText(dot.name, x + (left ? -14 : 14), y + 5);
    }
  }
  requestAnimationFrame(frame);
}

let at = { x: 0.2 + Math.random() * 0.6, y: 0.2 + Math.random() * 0.6 };
let asking = false;
let waiting = false;

/** One call at a time. Of the moves made meanwhile only the last one is told. */
async function move(x, y) {
  at = { x: Math.min(1, Math.max(0, x)), y: Math.min(1, Math.max(0, y)) };
  waiting = true;
  if (asking) return;
  asking = true;
  try {
    while (waiting) {
      waiting = false;
      await h.call('demo.move', at);
    }
    $('trouble').textContent = '';
  } catch (error) {
    $('trouble').textContent = why(error);
  }
  asking = false;
}

const steps = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
map.addEventListener('keydown', event => {
  const step = steps[event.key];
  if (!step) return;
  event.preventDefault();
  move(at.x + step[0], at.y + step[1]);
});
const point = ({ offsetX, offsetY }) => move(offsetX / map.clientWidth, offsetY / map.clientHeight);
map.addEventListener('pointerdown', point);
map.addEventListener('pointermove', event => event.buttons && point(event));

setInterval(() => {
  for (const [name, { heard }] of dots) {
    if (performance.now() - heard > GONE_MS) dots.delete(name);
  }
  showPeople();
  $('updates').textContent = updates;
  updates = 0;
}, 1000);
setInterval(() => h.state === 'open' && move(at.x, at.y), REPEAT_MS);

h.addEventListener('open', () => move(at.x, at.y));

const { messages, position } = await history(CHANNEL);
messages.forEach(take);
$('known').textContent = messages.length;
h.subscribe(CHANNEL, {
  since: position,
  onMessage: message => {
    take(message);
    updates++;
    if (!dots.get(message.data.name).taxi) showPeople();
  },
});
requestAnimationFrame(frame);
