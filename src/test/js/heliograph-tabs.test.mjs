/** One connection for all tabs: who leads, what goes to whom, and what becomes of it when the leader goes. */
import assert from 'node:assert/strict';
import {beforeEach, test} from 'node:test';
import {after, CLIENT, FakeSocket, FakeStorage, freshPage, inSeconds, jwt, latest, message, settle as settleOnce} from './browser.mjs';

/** Locks as browsers have them, between the tabs of this process. */
class FakeLocks {
  #held = new Map();

  request(name, {signal}, use) {
    return new Promise((resolve, reject) => {
      const queue = this.#held.get(name) ?? [];
      this.#held.set(name, queue);
      const entry = async () => {
        await use();
        queue.shift();
        queue[0]?.();
        resolve();
      };
      signal?.addEventListener('abort', () => {
        const place = queue.indexOf(entry);
        if (place > 0) {
          queue.splice(place, 1);
          reject(signal.reason);
        }
      });
      if (queue.push(entry) === 1) {
        queueMicrotask(entry);
      }
    });
  }
}

class FakeBroadcastChannel {
  static open = new Set();
  constructor(name) {
    this.name = name;
    FakeBroadcastChannel.open.add(this);
  }
  postMessage(data) {
    const copy = structuredClone(data);
    for (const other of FakeBroadcastChannel.open) {
      if (other !== this && other.name === this.name) {
        queueMicrotask(() => FakeBroadcastChannel.open.has(other) && other.onmessage?.({data: copy}));
      }
    }
  }
  close() {
    FakeBroadcastChannel.open.delete(this);
  }
}

const {connect} = await import(CLIENT.replace(/heliograph(\.min)?\.js$/, 'heliograph-tabs$1.js'));
const settle = async () => {
  for (let i = 0; i < 10; i++) {
    await settleOnce();
  }
};

let locks;
let address = 0;
beforeEach(() => {
  freshPage();
  locks = new FakeLocks();
  Object.defineProperty(globalThis, 'navigator', {value: {locks}, configurable: true});
  FakeBroadcastChannel.open.clear();
  globalThis.BroadcastChannel = FakeBroadcastChannel;
  address++;
});

const token = user => () => jwt(600, {sub: user});

async function tab(options) {
  const h = connect(`wss://push.example/${address}`, {transports: ['websocket'], token: token('alice'), ...options});
  const seen = [];
  h.on('greeting', message => seen.push(message.position));
  h.addEventListener('gap', () => seen.push('gap'));
  await settle();
  return {h, seen};
}

async function tabs(count, options) {
  const all = [await tab(options)];
  latest().welcomes('s1', {user: 'alice', positions: {everyone: 'e:0', 'user:alice': 'u:0'}});
  await settle();
  while (all.length < count) {
    all.push(await tab(options));
  }
  return all;
}

test('many tabs open one connection, and each gets every message', async () => {
  const all = await tabs(5);
  assert.equal(FakeSocket.opened.length, 1);
  assert.ok(all.every(({h}) => h.state === 'open' && h.session === 's1' && h.user === 'alice'));
  latest().says(message('user:alice', 'u:1'), message('everyone', 'e:1'));
  await settle();
  assert.ok(all.every(({seen}) => String(seen) === 'u:1,e:1'));
  await after(500);
  assert.deepEqual(latest().got('ack').map(({channel}) => channel).sort(), ['everyone', 'user:alice'], 'once');
});

test('a channel is subscribed once, and unsubscribed with the last tab', async () => {
  const [one, two] = await tabs(2);
  const seen = [];
  const first = one.h.subscribe('topic:a', {onMessage: m => seen.push(['one', m.position])});
  const second = two.h.subscribe('topic:a', {onMessage: m => seen.push(['two', m.position]), onState: () => seen.push('state')});
  await settle();
  const asked = latest().got('subscribe');
  assert.equal(asked.length, 1);
  latest().says({type: 'subscribed', id: asked[0].id, channel: 'topic:a', position: 'a:0', recovered: true}, message('topic:a', 'a:1'));
  await settle();
  assert.deepEqual(seen.sort(), [['one', 'a:1'], ['two', 'a:1']]);
  first.unsubscribe();
  await settle();
  assert.deepEqual(latest().got('unsubscribe'), []);
  second.unsubscribe();
  await settle();
  assert.equal(latest().got('unsubscribe').length, 1);
});

test('a refusal is for the tab that asked', async () => {
  const [one, two] = await tabs(2);
  const told = [];
  one.h.subscribe('topic:a', {token: 'bad', onError: () => told.push('one')});
  two.h.subscribe('topic:a', {token: 'good', onMessage: m => told.push(m.position)});
  await settle();
  const [{id}] = latest().got('subscribe');
  latest().says({type: 'error', id, problem: {type: '/problems/forbidden', title: 'Forbidden', status: 403}});
  await settle();
  const [asked] = latest().got('subscribe');
  assert.equal(asked.token, 'good');
  latest().says({type: 'subscribed', id: asked.id, channel: 'topic:a', position: 'a:0', recovered: true}, message('topic:a', 'a:1'));
  await settle();
  assert.deepEqual(told, ['one', 'a:1']);
});

test('a tab that comes later begins where all are, one that comes back where it was', async () => {
  const [one] = await tabs(1);
  latest().says(message('user:alice', 'u:1'), message('user:alice', 'u:2'));
  await settle();
  const late = await tab();
  const storage = new FakeStorage();
  storage.setItem(`heliograph wss://push.example/${address}`, '{"user:alice":"u:0"}');
  const back = await tab({storage});
  const [{id, since}] = latest().got('subscribe');
  assert.equal(since, 'u:0');
  latest().says({type: 'subscribed', id, channel: 'user:alice', position: 'u:0', recovered: true},
    message('user:alice', 'u:1'), message('user:alice', 'u:2'), message('user:alice', 'u:3'));
  await settle();
  assert.deepEqual([one.seen, late.seen, back.seen], [['u:1', 'u:2', 'u:3'], ['u:3'], ['u:1', 'u:2', 'u:3']]);
});

test('when the leader closes, another one leads, and nothing is lost', async () => {
  const [one, two, three] = await tabs(3);
  latest().says(message('user:alice', 'u:1'));
  await settle();
  one.h.close();
  await settle();
  assert.equal(FakeSocket.opened[0].readyState, 3);
  await after(500);
  await settle();
  assert.equal(FakeSocket.opened.length, 2);
  latest().welcomes('s2', {user: 'alice', positions: {everyone: 'e:0', 'user:alice': 'u:3'}});
  await settle();
  for (const {id, channel, since} of latest().got('subscribe')) {
    latest().says({type: 'subscribed', id, channel, position: since, recovered: true});
    if (channel === 'user:alice') {
      assert.equal(since, 'u:1');
      latest().says(message('user:alice', 'u:2'), message('user:alice', 'u:3'));
    }
  }
  await settle();
  assert.deepEqual([two.seen, three.seen], [['u:1', 'u:2', 'u:3'], ['u:1', 'u:2', 'u:3']]);
});

test('when the connection is lost, all come back, with one', async () => {
  const all = await tabs(3);
  latest().breaks();
  await settle();
  assert.ok(all.every(({h}) => h.state === 'waiting'));
  await after(500);
  await settle();
  assert.equal(FakeSocket.opened.length, 2);
  latest().welcomes('s2', {user: 'alice'});
  await settle();
  assert.ok(all.every(({h}) => h.state === 'open' && h.session === 's2'));
});

test('another user has another connection, and an opaque token its own', async () => {
  await tabs(1);
  await tab({token: token('bob')});
  await tab({token: undefined});
  await tab({token: 'opaque'});
  await tab({token: 'opaque'});
  assert.equal(FakeSocket.opened.length, 5);
});

test('a leader that does not answer is not waited for', async () => {
  await tabs(1);
  [...FakeBroadcastChannel.open].forEach(bus => bus.close()); // frozen
  const {h} = await tab();
  await after(3000);
  await settle();
  assert.equal(FakeSocket.opened.length, 2);
  latest().welcomes('s2');
  await settle();
  assert.equal(h.state, 'open');
});

test('off by an option, and where tabs cannot find each other', async () => {
  await tabs(1);
  await tab({shareTabs: false});
  assert.equal(FakeSocket.opened.length, 2);
  delete globalThis.BroadcastChannel;
  await tab();
  assert.equal(FakeSocket.opened.length, 3);
});
