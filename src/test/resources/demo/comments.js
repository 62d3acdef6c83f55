// A thousand comments a second. A handler only keeps them; what the screen can show is decided once a frame.
import { connect } from '/heliograph.js';
import { $, element, myName, showState, token, why } from './demo.js';

const CHANNEL = 'topic:demo-comments';
const LANE_HEIGHT = 32;
const LISTED = 12;
const LIST_EVERY_MS = 250;
const calm = matchMedia('(prefers-reduced-motion: reduce)');

const h = connect('/ws', { token: token(myName(), CHANNEL) });
showState(h);

let arrived = [];
let newest = [];
const count = { received: 0, shown: 0, frames: 0 };

h.subscribe(CHANNEL, {
  onMessage: ({ from, data }) => {
    count.received++;
    arrived.push({ name: from ?? data.name, text: data.text, own: from === h.user });
  },
});

const screen = $('screen');
const paint = screen.getContext('2d');
/** In each lane comments follow one another; a new one starts when the last has left the edge. */
let lanes = [];
new ResizeObserver(() => {
  [screen.width, screen.height] = [screen.clientWidth, screen.clientHeight];
  const fit = Math.floor(screen.height / LANE_HEIGHT) - 1;
  lanes = Array.from({ length: fit }, (_, i) => ({ y: LANE_HEIGHT * (i + 1), speed: 150 + Math.random() * 120, free: 0, flying: [] }));
}).observe(screen);

/** Of all that came since the last frame: one's own, and as many of the newest as there is room for. */
function coalesce(now) {
  const free = lanes.filter(lane => now >= lane.free);
  const own = arrived.filter(comment => comment.own);
  const others = arrived.filter(comment => !comment.own).slice(-free.length);
  const chosen = [...own, ...others].slice(0, free.length);
  arrived = own.filter(comment => !chosen.includes(comment)); // wait for room
  count.shown += chosen.length;
  const lately = [...chosen, ...newest];
  newest = [...lately.filter(comment => comment.own).slice(0, 2), ...lately.filter(comment => !comment.own)].slice(0, LISTED);
  chosen.forEach(comment => start(comment, free.splice(Math.floor(Math.random() * free.length), 1)[0], now));
}

function start(comment, lane, now) {
  paint.font = font(comment);
  const width = paint.measureText(comment.text).width;
  lane.free = now + 1000 * (width + 24) / lane.speed;
  if (!calm.matches) lane.flying.push({ ...comment, width, x: screen.width });
}

const font = ({ own }) => `${own ? '700 24px' : '500 19px'} system-ui, sans-serif`;

function picture(seconds) {
  const { width, height } = screen;
  const field = paint.createLinearGradient(0, 0, 0, height);
  [[0, '#15314f'], [0.62, '#3f7f8f'], [0.63, '#2c6e3f'], [1, '#17452a']].forEach(stop => field.addColorStop(...stop));
  paint.fillStyle = field;
  paint.fillRect(0, 0, width, height);
  paint.fillStyle = '#ffffff';
  paint.beginPath();
  paint.arc(width * (0.5 + 0.4 * Math.sin(seconds * 0.9)), height * (0.86 - 0.45 * Math.abs(Math.sin(seconds * 2.3))), 14, 0, 7);
  paint.fill();
}

function fly(passed) {
  for (const lane of lanes) {
    lane.flying = lane.flying.filter(({ x, width }) => x > -width);
    for (const comment of lane.flying) {
      comment.x -= lane.speed * passed;
      paint.font = font(comment);
      paint.fillStyle = comment.own ? '#ffd479' : '#ffffff';
      paint.fillText(comment.text, comment.x, lane.y);
    }
  }
}

let paused = false;
let before = performance.now();
let listed = 0;

function frame(now) {
  requestAnimationFrame(frame);
  const passed = Math.min(0.1, (now - before) / 1000);
  before = now;
  count.frames++;
  if (paused) {
    arrived = arrived.filter(comment => comment.own);
    return;
  }
  coalesce(now);
  picture(calm.matches ? 0 : now / 1000);
  if (!calm.matches) fly(passed);
  if (now - listed > LIST_EVERY_MS) {
    listed = now;
    $('newest').replaceChildren(...newest.map(({ name, text, own }) =>
      element('li', { className: own ? 'own' : '' }, element('b', { textContent: name }), ` ${text}`)));
  }
}

requestAnimationFrame(frame);
setInterval(() => {
  for (const name of Object.keys(count)) {
    $(name).textContent = count[name];
    count[name] = 0;
  }
}, 1000);

$('pause').addEventListener('click', () => {
  paused = !paused;
  $('pause').setAttribute('aria-pressed', paused);
  $('pause').textContent = paused ? 'Go on' : 'Pause';
});

$('say').addEventListener('submit', async event => {
  event.preventDefault();
  const text = $('text').value;
  $('text').value = '';
  $('trouble').textContent = '';
  try {
    await h.publish(CHANNEL, 'comment', { text });
  } catch (error) {
    $('trouble').textContent = `Not sent: ${why(error)}`;
    $('text').value ||= text;
  }
});
