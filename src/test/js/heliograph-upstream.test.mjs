/** What the page sends: one answer for each request, in order and once where it may wait, and bounded. */
import assert from 'node:assert/strict';
import {beforeEach, test} from 'node:test';
import {after, connect, freshPage, latest, settle} from './browser.mjs';

async function opened(options) {
  const h = connect('https://push.example/ws', options);
  await settle();
  latest().welcomes();
  await settle();
  return {h, socket: latest()};
}

/** The only frame of the type that was sent. */
function only(socket, type) {
  const frames = socket.got(type);
  assert.equal(frames.length, 1);
  return frames[0];
}

async function again() {
  await after(500);
  latest().welcomes('s2');
  await settle();
  return latest();
}

/** What became of it by now. */
function watched(promise) {
  const seen = {};
  promise.then(value => Object.assign(seen, {value}), error => Object.assign(seen, {error}));
  return seen;
}

beforeEach(freshPage);

test('a message is published and its place answered', async () => {
  const {h, socket} = await opened();
  const published = h.publish('topic:room', 'chat', {text: 'hi'});
  await settle();
  const {id, ...frame} = only(socket, 'publish');
  assert.deepEqual(frame, {type: 'publish', channel: 'topic:room', event: 'chat', data: {text: 'hi'}});
  socket.says({type: 'published', id, message: 'm1', position: 'e:1'});
  assert.deepEqual(await published, {message: 'm1', position: 'e:1'});
});

test('a message that may be sent again has a key, each another, unless the page names one', async () => {
  const {h, socket} = await opened();
  const keys = [];
  for (const options of [{}, {queue: true}, {queue: true}, {queue: true, idempotencyKey: 'mine'}]) {
    h.publish('topic:room', 'chat', 1, options);
    await settle();
    const frame = only(socket, 'publish');
    keys.push(frame.idempotencyKey);
    socket.says({type: 'published', id: frame.id, message: 'm', position: 'e:1'});
  }
  assert.equal(keys[0], undefined);
  assert.match(keys[1], /^[\d-]{16,64}$/);
  assert.notEqual(keys[1], keys[2]);
  assert.equal(keys[3], 'mine');
});

test('a call is answered in any order, or fails with the problem', async () => {
  const {h, socket} = await opened();
  const first = h.call('order.cancel', {order: 1});
  const second = h.call('ping');
  await settle();
  const [one, two] = socket.got('call');
  assert.deepEqual({...one, id: 0}, {type: 'call', id: 0, method: 'order.cancel', data: {order: 1}});
  socket.says({type: 'result', id: two.id, data: 'pong'});
  assert.equal(await second, 'pong');
  socket.says({type: 'error', id: one.id, problem: {type: '/not-yours', title: 'Not your order', status: 403}});
  await assert.rejects(first, error => error.problem.status === 403 && error.message === 'Not your order');
});

test('without a connection all fail at once, unless they may wait', async () => {
  const h = connect('https://push.example/ws');
  await settle();
  await assert.rejects(h.publish('topic:room', 'chat', 1), /not connected/);
  await assert.rejects(h.call('ping'), /not connected/);
  await assert.rejects(h.upload(new Blob(['x']), {name: 'x'}), /not connected/);
  const waiting = h.call('ping', null, {queue: true});
  latest().welcomes();
  await settle();
  latest().says({type: 'result', id: only(latest(), 'call').id, data: 1});
  assert.equal(await waiting, 1);
});

test('what waits leaves in order, each after the answer of the one before', async () => {
  const h = connect('https://push.example/ws');
  await settle();
  const all = [1, 2, 3].map(data => h.publish('topic:room', 'chat', data, {queue: true}));
  latest().welcomes();
  await settle();
  for (const [i, published] of all.entries()) {
    const frame = only(latest(), 'publish');
    assert.equal(frame.data, i + 1);
    latest().says({type: 'published', id: frame.id, message: `m${i}`, position: `e:${i}`});
    assert.equal((await published).message, `m${i}`);
    await settle();
  }
});

test('a message whose answer was lost is sent again with its key, before those behind it', async () => {
  const {h, socket} = await opened();
  const first = h.publish('topic:room', 'chat', 1, {queue: true});
  const second = h.publish('topic:room', 'chat', 2, {queue: true});
  await settle();
  const lost = only(socket, 'publish');
  socket.breaks();
  const next = await again();
  const repeated = only(next, 'publish');
  assert.equal(repeated.idempotencyKey, lost.idempotencyKey);
  assert.equal(repeated.data, 1);
  next.says({type: 'published', id: repeated.id, message: 'm1', position: 'e:1', repeated: true});
  assert.equal((await first).message, 'm1');
  await settle();
  assert.equal(only(next, 'publish').data, 2);
  assert.deepEqual(watched(second), {});
});

test('a message that was sent too long ago is not repeated, because the server no longer knows it', async () => {
  const {h, socket} = await opened();
  const seen = watched(h.publish('topic:room', 'chat', 1, {queue: true}));
  await settle();
  for (let i = 0; i < 11; i++) {
    await after(10_000);
    socket.says({type: 'pong'});
  }
  socket.breaks();
  await settle();
  assert.match(seen.error.message, /lost before the answer/);
  assert.equal((await again()).got('publish').length, 0);
});

test('a call whose answer was lost fails and is not repeated; one that was not sent is', async () => {
  const {h, socket} = await opened();
  const seen = watched(h.call('pay', 1, {queue: true}));
  const behind = h.call('pay', 2, {queue: true});
  const plain = watched(h.publish('topic:room', 'chat', 1));
  await settle();
  only(socket, 'call');
  socket.breaks();
  await settle();
  assert.match(seen.error.message, /lost before the answer/);
  assert.match(plain.error.message, /lost before the answer/);
  const next = await again();
  const frame = only(next, 'call');
  assert.equal(frame.data, 2);
  next.says({type: 'result', id: frame.id, data: 'paid'});
  assert.equal(await behind, 'paid');
});

test('a call that waits is asked to go on later, and then does; one that does not wait is refused', async () => {
  const {h, socket} = await opened();
  const problem = {type: '/problems/rate-limited', title: 'Too many requests', status: 429, retryAfterMs: 180};
  const waits = h.publish('topic:room', 'chat', 1, {queue: true});
  const plain = watched(h.publish('topic:room', 'chat', 2));
  await settle();
  for (const {id} of socket.got('publish')) {
    socket.says({type: 'error', id, problem});
  }
  await settle();
  assert.equal(plain.error.problem.retryAfterMs, 180);
  await after(100);
  assert.equal(socket.got('publish').length, 0);
  await after(100);
  const frame = only(socket, 'publish');
  socket.says({type: 'published', id: frame.id, message: 'm1', position: 'e:1'});
  assert.equal((await waits).message, 'm1');
});

test('requests are bounded', async () => {
  const h = connect('https://push.example/ws');
  await settle();
  const seen = [];
  for (let i = 0; i < 150; i++) {
    seen.push(watched(h.publish('topic:room', 'chat', i, {queue: true})));
  }
  await settle();
  assert.equal(seen.filter(each => each.error).length, 50);
  h.close();
  await settle();
  assert.equal(seen.filter(each => each.error).length, 150);
  await assert.rejects(h.publish('topic:room', 'chat', 1, {queue: true}), /closed/);
});

test('an answer that does not come in time is a TimeoutError, and one that comes late is nothing', async () => {
  const {h, socket} = await opened();
  const errors = [];
  h.addEventListener('error', event => errors.push(event.detail));
  const seen = watched(h.call('slow', null, {timeout: 1000}));
  await after(1000);
  assert.equal(seen.error.name, 'TimeoutError');
  const {id} = only(socket, 'call');
  socket.says({type: 'result', id, data: 1}, {type: 'error', id, problem: {title: 'x', status: 504}});
  assert.deepEqual(errors, []);
});

test('a signal gives a request up', async () => {
  const {h} = await opened();
  const controller = new AbortController();
  const seen = watched(h.call('slow', null, {signal: controller.signal}));
  await settle();
  controller.abort(new Error('changed my mind'));
  await settle();
  assert.equal(seen.error.message, 'changed my mind');
});

test('an upload sends its bytes when the server is ready, and tells how far it is', async () => {
  const {h, socket} = await opened();
  const bytes = [];
  const send = socket.send.bind(socket);
  socket.send = data => typeof data === 'string' ? send(data) : bytes.push(data);
  const steps = [];
  const blob = new Blob(['0123456789'], {type: 'audio/ogg'});
  const answer = h.upload(blob, {name: 'voice', onProgress: step => steps.push(step.sent)});
  await settle();
  const frame = only(socket, 'upload');
  assert.deepEqual({...frame, id: 0}, {type: 'upload', id: 0, name: 'voice', contentType: 'audio/ogg', size: 10});
  assert.deepEqual(bytes, []);
  socket.bufferedAmount = 10;
  socket.says({type: 'ready', id: frame.id});
  assert.deepEqual(bytes, [blob]);
  socket.bufferedAmount = 4;
  await after(200);
  socket.bufferedAmount = 0;
  await after(200);
  assert.deepEqual(steps, [0, 6, 10]);
  socket.says({type: 'result', id: frame.id, data: {stored: 7}});
  assert.deepEqual(await answer, {stored: 7});
  await after(1000);
  assert.equal(steps.length, 3);
});

test('a stream is uploaded whole', async () => {
  const {h, socket} = await opened();
  h.upload(new Blob(['abc']).stream(), {name: 'voice', contentType: 'audio/ogg'});
  for (let i = 0; i < 50 && !socket.sent.some(frame => frame.type === 'upload'); i++) {
    await new Promise(resolve => setImmediate(resolve));
  }
  assert.equal(only(socket, 'upload').size, 3);
});

test('while bytes leave, a server that says nothing is not taken for dead', async () => {
  const {h, socket} = await opened();
  socket.bufferedAmount = 1000;
  for (let i = 0; i < 5; i++) {
    await after(50_000);
    socket.bufferedAmount -= 100;
  }
  assert.equal(h.state, 'open');
  assert.equal(socket.got('ping').length, 0);
  // Then they do not.
  await after(50_000);
  await after(50_000);
  await after(10_000);
  assert.equal(h.state, 'waiting');
});
