import assert from 'node:assert/strict';
import {beforeEach, describe, test} from 'node:test';
import {
  after, connect, FakeSocket, FakeStorage, freshPage, inSeconds, jwt, latest, message, pageEvent, settle
} from './browser.mjs';

const URL = 'https://push.example/ws';

async function opened(options, welcome) {
  const h = connect(URL, options);
  const events = [];
  for (const type of ['open', 'gap', 'error', 'reconnecting', 'closed']) {
    h.addEventListener(type, event => events.push({type, ...event.detail}));
  }
  await settle();
  latest().welcomes('s1', welcome);
  await settle();
  return {h, events, socket: latest(), of: type => events.filter(event => event.type === type)};
}

/** Breaks the connection and lets the next one be welcomed. */
async function comeBack(session = 's2', welcome) {
  latest().breaks();
  await after(30_000);
  latest().welcomes(session, welcome);
  await settle();
  return latest();
}

beforeEach(freshPage);

describe('connecting', () => {
  test('offers the protocol, and the token as a protocol of its own', async () => {
    await opened();
    assert.deepEqual(latest().protocols, ['heliograph.v1.json']);
    assert.equal(latest().url, 'wss://push.example/ws');
    await opened({token: 'abc'});
    assert.deepEqual(latest().protocols, ['heliograph.v1.json', 'bearer.abc']);
  });

  test('asks a token function anew for each connection when it is unknown how long a token lasts', async () => {
    let n = 0;
    await opened({token: async () => `t${++n}`});
    const socket = await comeBack();
    assert.deepEqual(socket.protocols, ['heliograph.v1.json', 'bearer.t2']);
  });

  test('knows session and user after the welcome', async () => {
    const {h, of} = await opened({}, {user: 'alice'});
    assert.deepEqual([h.session, h.user, h.state], ['s1', 'alice', 'open']);
    assert.equal(of('open').length, 1);
  });

  test('resumes from the welcome what was cut off before its first message', async () => {
    const {h} = await opened({}, {positions: {everyone: 'e:7'}});
    await comeBack('s2', {positions: {everyone: 'e:9'}});
    const subscribe = latest().sent.find(frame => frame.type === 'subscribe' && frame.channel === 'everyone');
    assert.equal(subscribe?.since, 'e:7');
    h.close();
  });

  test('gives up a connection that never says welcome', async () => {
    connect(URL);
    await settle();
    await after(20_000);
    await after(500);
    assert.equal(FakeSocket.opened.length, 2);
  });

  test('comes back when the token could not be had', async () => {
    let works = false;
    const h = connect(URL, {token: () => works ? 't' : Promise.reject(new Error('offline'))});
    const errors = [];
    h.addEventListener('error', event => errors.push(event.detail.error.message));
    await settle();
    works = true;
    await after(500);
    assert.deepEqual(errors, ['offline']);
    assert.equal(FakeSocket.opened.length, 1);
  });

  test('a token that no header can hold closes for good', async () => {
    const h = connect(URL, {token: 'two words'});
    await settle();
    assert.equal(h.state, 'closed');
  });
});

describe('coming back', () => {
  test('waits longer each time up to the cap, and starts again after a stable connection', async () => {
    const {of} = await opened();
    for (let i = 0; i < 9; i++) {
      latest().breaks();
      await after(30_000);
    }
    assert.deepEqual(of('reconnecting').map(e => e.delay), [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
    latest().welcomes('s2');
    await after(10_000);
    latest().breaks();
    assert.equal(of('reconnecting').at(-1).delay, 500);
  });

  for (const code of [1001, 1005, 1006, 1009, 1011, 1012, 1013, 4408, 4410, 4429]) {
    test(`comes back after ${code}`, async () => {
      const {h} = await opened();
      latest().breaks(code);
      await after(500);
      assert.equal(FakeSocket.opened.length, 2);
      assert.equal(h.state, 'connecting');
    });
  }

  for (const code of [1000, 1002, 1003, 1007, 1008, 4400, 4401, 4403, 4409]) {
    test(`does not come back after ${code}`, async () => {
      const {h, of} = await opened({token: 'fixed'});
      latest().breaks(code, 'why');
      await after(600_000);
      assert.equal(FakeSocket.opened.length, 1);
      assert.equal(h.state, 'closed');
      assert.deepEqual(of('closed'), [{type: 'closed', code, reason: 'why', final: true}]);
    });
  }

  test('tries once more with a fresh token after 4401', async () => {
    const {h} = await opened({token: () => 'fresh'});
    latest().breaks(4401);
    await after(500);
    assert.equal(FakeSocket.opened.length, 2);
    latest().welcomes('s2');
    latest().breaks(4401);
    await after(60_000);
    assert.equal(FakeSocket.opened.length, 2);
    assert.equal(h.state, 'closed');
  });

  test('keeps the wait that the server asked for, also when the page comes online', async () => {
    const {of} = await opened();
    latest().says({type: 'bye', reason: 'drain', reconnectAfterMs: 7000});
    latest().breaks(1001);
    assert.equal(of('reconnecting')[0].delay, 7500);
    pageEvent('online');
    await after(6999);
    assert.equal(FakeSocket.opened.length, 1);
    await after(501);
    assert.equal(FakeSocket.opened.length, 2);
  });

  test('a bye without a time means for good, even when the close code is lost', async () => {
    const {h} = await opened();
    latest().says({type: 'bye', reason: 'replaced', reconnectAfterMs: null});
    latest().breaks(1006);
    assert.equal(h.state, 'closed');
  });

  test('being online again shortens the wait', async () => {
    await opened();
    for (let i = 0; i < 6; i++) {
      latest().breaks();
      await after(30_000);
    }
    latest().breaks();
    const before = FakeSocket.opened.length;
    pageEvent('online');
    await after(500);
    assert.equal(FakeSocket.opened.length, before + 1);
  });

  test('close() is final', async () => {
    const {h, of} = await opened();
    h.close();
    h.close();
    await after(60_000);
    assert.equal(FakeSocket.opened.length, 1);
    assert.equal(of('closed').length, 1);
    assert.equal(latest().readyState, 3);
  });
});

describe('silence', () => {
  test('is broken by a ping after two heartbeats, and a pong keeps the connection', async () => {
    const {socket} = await opened();
    await after(49_999);
    assert.equal(socket.got('ping').length, 0);
    await after(1);
    assert.equal(socket.got('ping').length, 1);
    socket.says({type: 'pong'});
    await after(10_000);
    assert.equal(FakeSocket.opened.length, 1);
    await after(50_000);
    assert.equal(socket.got('ping').length, 1);
  });

  test('without a pong ends the connection in ten seconds', async () => {
    const {of} = await opened();
    await after(50_000);
    await after(10_000);
    assert.equal(of('reconnecting')[0].reason, 'silence');
  });

  test('is not silence while messages come', async () => {
    const {socket} = await opened();
    await after(40_000);
    socket.says(message('everyone', 'e:1'));
    await after(40_000);
    assert.equal(socket.got('ping').length, 0);
  });

  test('a page that is shown again asks whether the connection still stands', async () => {
    const {socket} = await opened();
    document.dispatchEvent(new Event('visibilitychange'));
    assert.equal(socket.got('ping').length, 1);
    pageEvent('pageshow');
    assert.equal(socket.got('ping').length, 0, 'one question at a time');
  });

  test('a socket that died while the page slept is noticed at once', async () => {
    const {h, socket} = await opened();
    socket.readyState = 3;
    pageEvent('pageshow');
    assert.equal(h.state, 'waiting');
  });
});

describe('following', () => {
  test('subscribes, tells the state, then the messages', async () => {
    const {h, socket} = await opened();
    const seen = [];
    h.follow('topic:a', {token: 'cap', onState: s => seen.push(s), onMessage: m => seen.push(m.data)});
    const [request] = socket.got('subscribe');
    assert.deepEqual(request, {type: 'subscribe', id: request.id, channel: 'topic:a', token: 'cap'});
    socket.says({type: 'subscribed', id: request.id, channel: 'topic:a', position: 'e:4', recovered: true, state: {n: 1}},
      message('topic:a', 'e:5'));
    assert.deepEqual(seen, [{n: 1}, 'e:5']);
  });

  test('before the connection is open it is sent when it opens, once', async () => {
    const h = connect(URL);
    h.follow('topic:a', {since: 'e:2'});
    await settle();
    latest().welcomes();
    assert.deepEqual(latest().got('subscribe').map(f => [f.channel, f.since]), [['topic:a', 'e:2']]);
  });

  test('two followers share a channel, and the last one to go ends it', async () => {
    const {h, socket} = await opened();
    const one = h.follow('topic:a');
    const two = h.follow('topic:a');
    assert.equal(socket.got('subscribe').length, 1);
    one.unfollow();
    assert.equal(socket.got('unsubscribe').length, 0);
    two.unfollow();
    two.unfollow();
    assert.equal(socket.got('unsubscribe').length, 1);
    assert.equal((await comeBack()).got('subscribe').length, 0);
  });

  test('messages after an unfollow are not handled', async () => {
    const {h, socket} = await opened();
    const seen = [];
    h.on('greeting', m => seen.push(m));
    const follower = h.follow('topic:a');
    const [{id}] = socket.got('subscribe');
    socket.says({type: 'subscribed', id, channel: 'topic:a', position: 'e:0', recovered: true});
    follower.unfollow();
    socket.says(message('topic:a', 'e:1'));
    assert.deepEqual(seen, []);
  });

  test('a refusal is reported to the subscriber and stops nothing', async () => {
    const {h, socket, of} = await opened();
    const refused = [];
    h.follow('topic:a', {onError: trouble => refused.push(trouble.problem.status)});
    const [{id}] = socket.got('subscribe');
    socket.says({type: 'error', id, problem: {type: '/problems/forbidden', title: 'Forbidden', status: 403}});
    await after(60_000);
    assert.deepEqual(refused, [403]);
    assert.equal(of('error')[0].channel, 'topic:a');
    assert.equal(socket.got('subscribe').length, 0);
  });

  test('a refusal that time may mend is asked again', async () => {
    const {h, socket} = await opened();
    h.follow('topic:a');
    const [{id}] = socket.got('subscribe');
    socket.says({type: 'error', id, problem: {type: '/problems/unavailable', title: 'Unavailable', status: 503}});
    await after(2000);
    assert.equal(socket.got('subscribe').length, 1);
  });

  test('many channels are asked for at a pace', async () => {
    const {h, socket} = await opened();
    for (let i = 0; i < 50; i++) {
      h.follow(`topic:${i}`);
    }
    assert.equal(socket.got('subscribe').length, 20);
    for (let i = 0; i < 30; i++) {
      await after(50);
    }
    assert.equal(socket.got('subscribe').length, 30);
  });
});

describe('resuming', () => {
  test('asks for what came after the last message, and ignores what comes before the answer', async () => {
    const {h, socket} = await opened({}, {user: 'alice'});
    const seen = [];
    h.on('greeting', m => seen.push(m.position));
    socket.says(message('user:alice', 'e:1'), message('everyone', 'x:7'), message('session:s1', 'y:1'));
    const next = await comeBack('s2', {user: 'alice'});
    const asked = next.got('subscribe');
    assert.deepEqual(asked.map(f => [f.channel, f.since]).sort(), [['everyone', 'x:7'], ['user:alice', 'e:1']]);
    const {id} = asked.find(f => f.channel === 'user:alice');
    next.says(message('user:alice', 'e:4'),
      {type: 'subscribed', id, channel: 'user:alice', position: 'e:1', recovered: true},
      message('user:alice', 'e:2'), message('user:alice', 'e:3'), message('user:alice', 'e:4'));
    assert.deepEqual(seen, ['e:1', 'x:7', 'y:1', 'e:2', 'e:3', 'e:4']);
  });

  test('never handles a position twice', async () => {
    const {h, socket} = await opened();
    const seen = [];
    h.on('greeting', m => seen.push(m.position));
    socket.says(message('everyone', 'e:9'), message('everyone', 'e:9'), message('everyone', 'e:8'),
      message('everyone', 'e:10'));
    assert.deepEqual(seen, ['e:9', 'e:10']);
  });

  test('handles a login\'s state that was read past the log and so has no position of its own', async () => {
    const {h, socket} = await opened();
    const seen = [];
    h.follow('login:t', {token: 'watch', onMessage: m => seen.push(m.data)});
    const [request] = socket.got('subscribe');
    socket.says({type: 'subscribed', id: request.id, channel: 'login:t', position: 'e:4', recovered: true},
      message('login:t', 'e:4', 'past the log', 'login.state'), message('login:t', 'e:3', 'old', 'login.state'),
      message('login:t', 'e:5', 'from the log', 'login.state'));
    assert.deepEqual(seen, ['past the log', 'from the log']);
  });

  test('what still waits for a handler when the connection breaks is handled, once', async () => {
    const {h, socket} = await opened();
    const seen = [];
    let finish;
    h.on('greeting', m => {
      seen.push(m.position);
      return new Promise(resolve => finish = resolve);
    });
    socket.says(message('everyone', 'e:1'), message('everyone', 'e:2'));
    const next = await comeBack();
    const [{id, since}] = next.got('subscribe');
    assert.equal(since, 'e:2');
    next.says({type: 'subscribed', id, channel: 'everyone', position: 'e:2', recovered: true}, message('everyone', 'e:3'));
    for (let i = 0; i < 3; i++) {
      finish();
      await settle();
    }
    await after(100);
    assert.deepEqual(seen, ['e:1', 'e:2', 'e:3']);
    assert.equal(next.got('ack').at(-1).position, 'e:3');
  });

  test('what cannot be recovered is reported as a gap before what comes next', async () => {
    const {h, socket, of} = await opened();
    const seen = [];
    h.follow('everyone', {onMessage: m => seen.push(m.position), onGap: g => seen.push(`gap ${g.position}`)});
    let [{id}] = socket.got('subscribe');
    socket.says({type: 'subscribed', id, channel: 'everyone', position: 'e:0', recovered: true}, message('everyone', 'e:1'));
    const next = await comeBack();
    [{id}] = next.got('subscribe');
    next.says({type: 'subscribed', id, channel: 'everyone', position: 'f:0', recovered: false}, message('everyone', 'f:1'),
      {type: 'gap', channel: 'everyone', position: 'f:5'}, message('everyone', 'f:6'));
    assert.deepEqual(seen, ['e:1', 'gap f:0', 'f:1', 'gap f:5', 'f:6']);
    assert.equal(of('gap').length, 2);
  });

  test('another user does not get the first one\'s channel', async () => {
    const {socket} = await opened({}, {user: 'alice'});
    socket.says(message('user:alice', 'e:1'));
    const next = await comeBack('s2', {user: 'bob'});
    assert.deepEqual(next.got('subscribe'), []);
  });

  test('the first user, back after another one, goes on where they were', async () => {
    const storage = new FakeStorage();
    const {socket} = await opened({storage}, {user: 'alice'});
    socket.says(message('user:alice', 'e:1'), message('session:s1', 's:1'));
    await comeBack('s2', {user: 'bob'});
    const next = await comeBack('s3', {user: 'alice'});
    assert.deepEqual(next.got('subscribe').map(f => [f.channel, f.since]), [['user:alice', 'e:1']]);
    assert.deepEqual(Object.keys(JSON.parse(storage.getItem('heliograph wss://push.example/ws'))), ['user:alice']);
  });

  test('goes on after a reload from what was handled', async () => {
    const storage = new FakeStorage();
    const {socket} = await opened({storage}, {user: 'alice'});
    socket.says(message('user:alice', 'e:1'), message('user:alice', 'e:2'));
    pageEvent('pagehide');
    const reloaded = await opened({storage}, {user: 'alice'});
    assert.deepEqual(reloaded.socket.got('subscribe').map(f => [f.channel, f.since]), [['user:alice', 'e:2']]);
  });

  test('a stored position that the server refuses is forgotten, and reported as a gap', async () => {
    const storage = new FakeStorage();
    storage.setItem('heliograph wss://push.example/ws', '{"topic:a":"nonsense"}');
    const {h, socket, of} = await opened({storage});
    h.follow('topic:a');
    const [{id, since}] = socket.got('subscribe');
    assert.equal(since, 'nonsense');
    socket.says({type: 'error', id, problem: {type: '/problems/bad-frame', title: 'Bad', status: 400}});
    assert.equal(of('gap').length, 1);
    assert.equal(socket.got('subscribe')[0].since, undefined);
  });

  test('a broken storage costs nothing', async () => {
    const storage = {getItem: () => '{', setItem: () => { throw new Error('full'); }};
    const {socket, h} = await opened({storage});
    socket.says(message('everyone', 'e:1'));
    assert.equal(h.state, 'open');
  });
});

describe('handling', () => {
  test('waits for a handler\'s promise, for each channel by itself', async () => {
    const {h, socket} = await opened();
    const seen = [];
    let finish;
    h.on('greeting', m => {
      seen.push(m.position);
      return m.position === 'e:1' ? new Promise(resolve => finish = resolve) : undefined;
    });
    socket.says(message('everyone', 'e:1'), message('everyone', 'e:2'), message('session:s1', 's:1'));
    await settle();
    assert.deepEqual(seen, ['e:1', 's:1']);
    finish();
    await settle();
    assert.deepEqual(seen, ['e:1', 's:1', 'e:2']);
  });

  test('acknowledges after the handler, and once for a burst', async () => {
    const {h, socket} = await opened();
    let finish;
    h.on('slow', () => new Promise(resolve => finish = resolve));
    socket.says(message('everyone', 'e:1', 0, 'slow'));
    await after(1000);
    assert.deepEqual(socket.got('ack'), []);
    finish();
    await settle();
    assert.deepEqual(socket.got('ack'), [{type: 'ack', channel: 'everyone', position: 'e:1'}]);
    for (let i = 2; i <= 50; i++) {
      socket.says(message('everyone', `e:${i}`));
    }
    await after(100);
    assert.deepEqual(socket.got('ack').map(f => f.position), ['e:50']);
  });

  test('acknowledges by hand when asked to', async () => {
    const {h, socket} = await opened({manualAck: true});
    let kept;
    h.on('greeting', m => kept = m);
    socket.says(message('everyone', 'e:1'));
    await after(1000);
    assert.deepEqual(socket.got('ack'), []);
    h.ack(kept);
    assert.deepEqual(socket.got('ack').map(f => f.position), ['e:1']);
  });

  test('a handler that fails is reported and stops nothing', async () => {
    const {h, socket, of} = await opened();
    const seen = [];
    h.on('greeting', m => {
      seen.push(m.position);
      if (m.position === 'e:1') {
        throw new Error('thrown');
      }
      return Promise.reject(new Error('rejected'));
    });
    socket.says(message('everyone', 'e:1'), message('everyone', 'e:2'), message('everyone', 'e:3'));
    await settle();
    await after(200);
    assert.deepEqual(seen, ['e:1', 'e:2', 'e:3']);
    assert.deepEqual(of('error').map(e => e.error.message), ['thrown', 'rejected', 'rejected']);
    assert.equal(socket.got('ack').at(-1).position, 'e:3');
  });

  test('a handler can be taken away', async () => {
    const {h, socket} = await opened();
    const seen = [];
    const off = h.on('greeting', m => seen.push(m.position));
    socket.says(message('everyone', 'e:1'));
    off();
    socket.says(message('everyone', 'e:2'));
    assert.deepEqual(seen, ['e:1']);
  });

  test('a handler that never ends holds a bounded number of messages, and the rest is read later', async () => {
    const {h, socket} = await opened();
    let seen = 0;
    let finish;
    h.on('greeting', () => ++seen === 1 ? new Promise(resolve => finish = resolve) : undefined);
    for (let i = 1; i <= 1500; i++) {
      socket.says(message('everyone', `e:${i}`));
    }
    finish();
    await settle();
    assert.equal(seen, 1001);
    assert.equal(socket.got('subscribe')[0].since, 'e:1001');
  });

  for (const garbage of ['{', 'null', '[]', '7', '{"type":"message"}', '{"type":"welcome"}', '{"type":"error"}',
    '{"type":"subscribed","id":1}', '{"type":"gap","channel":5,"position":{}}']) {
    test(`reports the frame ${garbage} and goes on`, async () => {
      const {h, socket, of} = await opened();
      socket.says(garbage, message('everyone', 'e:1'));
      assert.equal(of('error').length, 1);
      assert.equal(h.state, 'open');
      assert.equal(socket.got('ack').length, 1);
    });
  }

  test('a frame of a later version is not an error', async () => {
    const {socket, of} = await opened();
    socket.says({type: 'news', of: 'tomorrow'});
    assert.deepEqual(of('error'), []);
  });
});

describe('logging in', () => {
  test('on the open socket; the token then serves reconnects', async () => {
    const {h, socket} = await opened();
    const login = h.authenticate('abc');
    const [{id, token}] = socket.got('auth');
    assert.equal(token, 'abc');
    socket.says({type: 'authenticated', id, user: 'alice', expires: inSeconds(60)});
    assert.equal((await login).user, 'alice');
    assert.equal(h.user, 'alice');
    assert.deepEqual((await comeBack()).protocols, ['heliograph.v1.json', 'bearer.abc']);
  });

  test('a refused token is not kept', async () => {
    const {h, socket} = await opened();
    const login = h.authenticate('bad');
    socket.says({type: 'error', id: socket.got('auth')[0].id, problem: {type: '/problems/token', title: 'No', status: 401}});
    await assert.rejects(login, {message: 'No'});
    assert.deepEqual((await comeBack()).protocols, ['heliograph.v1.json']);
  });

  test('is asked again when the connection breaks under it', async () => {
    const {h, socket} = await opened();
    const login = h.authenticate('abc');
    assert.equal(socket.got('auth').length, 1);
    const next = await comeBack();
    next.says({type: 'authenticated', id: next.got('auth')[0].id, user: 'alice', expires: inSeconds(60)});
    assert.equal((await login).user, 'alice');
  });

  test('is renewed in band before the token ends, by the token\'s own claim', async () => {
    const {socket, of} = await opened({token: () => jwt(100)}, {user: 'alice'});
    await after(89_000);
    assert.equal(socket.got('auth').length, 0);
    socket.says({type: 'pong'});
    await after(1000);
    const [{id}] = socket.got('auth');
    socket.says({type: 'authenticated', id, user: 'alice', expires: inSeconds(100)});
    await after(89_000);
    socket.says({type: 'pong'});
    await after(1000);
    assert.equal(socket.got('auth').length, 1);
    assert.deepEqual(of('error'), []);
  });
});
