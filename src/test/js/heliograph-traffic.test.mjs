/** What the client sends: bounded, at a pace that the server allows, and requests before acknowledgements. */
import assert from 'node:assert/strict';
import {beforeEach, test} from 'node:test';
import {after, connect, FakeSocket, freshPage, inSeconds, jwt, latest, message, settle} from './browser.mjs';

const MAX_FRAMES_PER_SECOND = 20;

async function opened(options) {
  const h = connect('https://push.example/ws', options);
  await settle();
  latest().welcomes();
  await settle();
  return {h, socket: latest()};
}

/** Subscribes to topics, and lets each bring a message a second for so many seconds. */
async function busy(h, socket, topics, seconds, each = () => {}) {
  for (let i = 0; i < topics; i++) {
    h.subscribe(`topic:${i}`);
  }
  for (let waiting = topics; waiting > 0; await after(50)) {
    for (const {id, channel} of socket.got('subscribe')) {
      waiting--;
      socket.says({type: 'subscribed', id, channel, position: 'e:0', recovered: true});
    }
  }
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    for (let i = tenth % 10; i < topics; i += 10) {
      socket.says(message(`topic:${i}`, `e:${Math.floor(tenth / 10) + 1}`));
    }
    await after(100);
    each(tenth);
  }
}

beforeEach(freshPage);

test('30 topics with a message a second stay below the frames that the server allows, and every message is acknowledged soon', async () => {
  const {h, socket} = await opened();
  const acked = new Map();
  let frames = 0;
  let late = 0;
  await busy(h, socket, 30, 60, tenth => {
    frames += socket.sent.length;
    for (const {channel, position} of socket.got('ack')) {
      acked.set(channel, Number(position.slice(2)));
    }
    socket.sent = [];
    late = Math.max(late, tenth / 10 - Math.min(...[...Array(30).keys()].map(i => acked.get(`topic:${i}`) ?? 0)));
  });
  assert.ok(frames / 60 < MAX_FRAMES_PER_SECOND * 0.75, `${frames / 60} frames a second`);
  assert.ok(late < 8, `acknowledged ${late} s late`);
});

test('requests pass acknowledgements that wait', async () => {
  const {h, socket} = await opened();
  await busy(h, socket, 60, 20);
  socket.sent = [];
  h.subscribe('topic:new');
  h.authenticate('t');
  document.dispatchEvent(new Event('visibilitychange'));
  assert.deepEqual(socket.sent.map(frame => frame.type), ['subscribe', 'auth', 'ping']);
});

test('a ping passes a thousand subscribes', async () => {
  const {h, socket} = await opened();
  for (let i = 0; i < 1000; i++) {
    h.subscribe(`topic:${i}`);
  }
  document.dispatchEvent(new Event('visibilitychange'));
  await after(50);
  assert.equal(socket.got('ping').length, 1);
});

test('what waits is bounded however often the page changes its mind', async () => {
  const {h, socket} = await opened();
  for (let i = 0; i < 10_000; i++) {
    h.subscribe('topic:a').unsubscribe();
    h.ack(message('everyone', `e:${i}`));
  }
  socket.sent = [];
  for (let i = 0; i < 100; i++) {
    await after(1000);
    socket.says({type: 'pong'});
  }
  assert.deepEqual(socket.sent.map(frame => frame.type), ['unsubscribe'], 'the last word alone');
});

test('what was not acknowledged when the connection broke is acknowledged on the next', async () => {
  const {h, socket} = await opened();
  await busy(h, socket, 40, 10);
  socket.breaks();
  await after(500);
  latest().welcomes('s2');
  await settle();
  const acked = new Set();
  for (let i = 0; i < 300; i++) {
    for (const {id, channel, since} of latest().got('subscribe')) {
      latest().says({type: 'subscribed', id, channel, position: since, recovered: true});
    }
    await after(50);
  }
  for (const frame of [...socket.got('ack'), ...latest().got('ack')]) {
    if (frame.position === 'e:10') {
      acked.add(frame.channel);
    }
  }
  assert.equal(acked.size, 40);
});

test('timers that a hidden page runs once in a second still keep the pace', async () => {
  const {h, socket} = await opened();
  for (let i = 0; i < 100; i++) {
    h.subscribe(`topic:${i}`);
  }
  for (let i = 0; i < 4; i++) {
    await after(1000);
  }
  assert.equal(socket.got('subscribe').length, 100);
});

test('a renewal that fails while the log is being read again loses nothing', async () => {
  const {h, socket} = await opened();
  const seen = [];
  h.subscribe('topic:a', {onMessage: m => seen.push(m.position)});
  socket.subscribes('topic:a', 'e:0');
  socket.breaks();
  await after(500);
  latest().welcomes('s2');
  await settle();
  const [{id}] = latest().got('subscribe');
  latest().says({type: 'error', id, problem: {type: '/problems/unavailable', title: 'Unavailable', status: 503}},
    message('topic:a', 'e:5'));
  assert.deepEqual(latest().got('subscribe'), [], 'not before its time');
  await after(2000);
  latest().subscribes('topic:a', 'e:0');
  latest().says(message('topic:a', 'e:1'), message('topic:a', 'e:5'));
  assert.deepEqual(seen, ['e:1', 'e:5']);
});

test('an automatic channel that cannot be resumed for now is resumed later', async () => {
  const {h, socket} = await opened();
  const seen = [];
  h.on('greeting', m => seen.push(m.position));
  socket.says(message('everyone', 'e:1'));
  socket.breaks();
  await after(500);
  latest().welcomes('s2');
  await settle();
  const [{id}] = latest().got('subscribe');
  latest().says({type: 'error', id, problem: {type: '/problems/unavailable', title: 'Unavailable', status: 503}},
    message('everyone', 'e:3'));
  await after(2000);
  assert.equal(latest().subscribes('everyone', 'e:1').since, 'e:1');
  latest().says(message('everyone', 'e:2'), message('everyone', 'e:3'));
  assert.deepEqual(seen, ['e:1', 'e:2', 'e:3']);
});

test('a slow handler, a full queue and a renewal of the right at once lose nothing', async () => {
  const {h, socket} = await opened();
  const seen = [];
  let finish;
  h.subscribe('topic:a', {
    token: () => jwt(10),
    onMessage: m => {
      seen.push(Number(m.position.slice(2)));
      return seen.length === 1 ? new Promise(resolve => finish = resolve) : undefined;
    }
  });
  await settle();
  socket.subscribes('topic:a', 'e:0', {expires: inSeconds(10)});
  for (let i = 1; i <= 1200; i++) {
    socket.says(message('topic:a', `e:${i}`));
  }
  await after(9000);
  const [renewal] = socket.got('subscribe');
  finish();
  await settle();
  socket.says(message('topic:a', 'e:1201'));
  socket.says({type: 'subscribed', id: renewal.id, channel: 'topic:a', position: 'e:1201', recovered: true, expires: inSeconds(10)});
  const {since} = socket.subscribes('topic:a', 'e:1001');
  assert.equal(since, 'e:1001');
  for (let i = 1002; i <= 1202; i++) {
    socket.says(message('topic:a', `e:${i}`));
  }
  await settle();
  assert.deepEqual(seen, [...Array(1202).keys()].map(i => i + 1));
});

test('a page that reconnected a thousand times holds nothing of the connections before', async () => {
  const {h} = await opened();
  h.subscribe('topic:a');
  latest().subscribes('topic:a', 'e:0');
  for (let i = 1; i <= 1000; i++) {
    latest().breaks();
    await after(30_500);
    latest().welcomes(`s${i}`, {positions: {everyone: 'e:0', [`session:s${i}`]: 'x:0'}});
    await settle();
    latest().says(message(`session:s${i}`, 'x:1'));
  }
  latest().sent = [];
  latest().breaks();
  await after(30_500);
  latest().welcomes('last');
  await settle();
  assert.deepEqual(latest().got('subscribe').map(f => f.channel).sort(), ['everyone', 'topic:a']);
  assert.equal(FakeSocket.opened.length, 1002);
});
