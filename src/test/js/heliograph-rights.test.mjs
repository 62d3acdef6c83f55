/** Tokens and rights that end: asked for when needed, renewed before their end by the server's clock, or their end is reported. */
import assert from 'node:assert/strict';
import {beforeEach, describe, mock, test} from 'node:test';
import {after, connect, FakeSocket, freshPage, inSeconds, jwt, latest, message, pageEvent, setDeviceClock, settle} from './browser.mjs';

const ADDRESS = 'https://push.example/ws';
const denied = {type: '/problems/forbidden', title: 'Forbidden', status: 403};
const ended = {type: '/problems/subscription-expired', title: 'The right to follow has ended', status: 401};

/** A token function that counts how often it is asked. */
function tokens(seconds = 3600, more) {
  const ask = mock.fn(() => jwt(seconds, {n: ask.mock.callCount(), ...more}));
  return ask;
}
const asked = fn => fn.mock.callCount();

async function opened(options, welcome) {
  const h = connect(ADDRESS, options);
  const events = [];
  for (const type of ['error', 'reconnecting', 'closed']) {
    h.addEventListener(type, event => events.push({type, ...event.detail}));
  }
  await settle();
  latest().welcomes('s1', welcome);
  await settle();
  return {h, socket: latest(), of: type => events.filter(event => event.type === type)};
}

/** Lets time pass while the server shows signs of life. */
async function alive(seconds) {
  for (let i = 0; i < seconds; i++) {
    await after(1000);
    latest().says({type: 'pong'});
  }
}

beforeEach(freshPage);

describe('a token function', () => {
  test('is asked once however often the server cannot be reached', async () => {
    const token = tokens();
    connect(ADDRESS, {token});
    await settle();
    for (let i = 0; i < 20; i++) {
      latest().breaks();
      await after(30_000);
    }
    assert.equal(FakeSocket.opened.length, 21);
    assert.equal(asked(token), 1);
  });

  test('is not asked for a reconnect while its token lasts, and is when it has ended', async () => {
    const token = tokens(100);
    const {socket} = await opened({token});
    socket.breaks();
    await after(500);
    latest().welcomes();
    assert.equal(asked(token), 1);
    latest().breaks();
    mock.timers.tick(99_500);
    await settle();
    assert.equal(asked(token), 2);
  });

  for (const ahead of [3_600_000, -3_600_000]) {
    test(`is asked before the end by the server's clock, with the device ${ahead / 60_000} minutes ahead`, async () => {
      setDeviceClock(ahead);
      const token = tokens(100);
      const {socket} = await opened({token});
      await alive(89);
      assert.equal(asked(token), 1);
      await alive(1);
      assert.equal(asked(token), 2);
      const [auth] = socket.got('auth');
      assert.equal(auth.token, token.mock.calls[1].result);
      setDeviceClock(-ahead);
      socket.says({type: 'authenticated', id: auth.id, user: 'alice', expires: inSeconds(100)});
      await alive(91);
      assert.equal(asked(token), 3);
    });
  }

  test('is asked again when what it gave is refused, once', async () => {
    const token = tokens();
    const h = connect(ADDRESS, {token});
    await settle();
    latest().breaks(4401, 'token');
    await after(500);
    assert.equal(asked(token), 2);
    latest().breaks(4401, 'token');
    await after(60_000);
    assert.equal(asked(token), 2);
    assert.equal(h.state, 'closed');
  });

  test('is asked for each connection when its tokens are good for one', async () => {
    const token = tokens(3600, {once: true});
    const {socket} = await opened({token});
    socket.breaks();
    await after(500);
    assert.equal(asked(token), 2);
  });

  test('whose token the server says the end of is not asked before', async () => {
    const token = mock.fn(() => 'opaque');
    const {socket} = await opened({token}, {expires: inSeconds(3600)});
    socket.breaks();
    await after(500);
    assert.equal(asked(token), 1);
  });

  test('that never answers is given up, and reported', async () => {
    const signals = [];
    const token = mock.fn(({signal}) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    connect(ADDRESS, {token}).addEventListener('error', () => {});
    await settle();
    await after(20_000);
    assert.equal(signals[0].aborted, true);
    await after(500);
    assert.equal(asked(token), 2);
  });

  test('may answer no one, with blanks around, or nonsense', async () => {
    for (const [answer, protocols] of [[undefined, 1], ['', 1], [null, 1], [' t\n', 2]]) {
      connect(ADDRESS, {token: () => answer});
      await settle();
      assert.equal(latest().protocols.length, protocols);
    }
    assert.equal(latest().protocols[1], 'bearer.t');
    const before = FakeSocket.opened.length;
    const h = connect(ADDRESS, {token: async () => ({token: 't'})});
    const errors = [];
    h.addEventListener('error', event => errors.push(event.detail.error.message));
    await settle();
    assert.match(errors[0], /text.*object/);
    assert.equal(FakeSocket.opened.length, before);
  });

  test('asks with the fetch of the options, or with the global one', async () => {
    const token = async request => (await request.fetch('/token')).text();
    connect(ADDRESS, {token, fetch: async path => ({text: () => `of${path}`})});
    await settle();
    assert.equal(latest().protocols[1], 'bearer.of/token');
    mock.method(globalThis, 'fetch', async () => ({text: () => 'global'}));
    connect(ADDRESS, {token});
    await settle();
    assert.equal(latest().protocols[1], 'bearer.global');
  });

  test('is asked once by all who wait for its answer', async () => {
    let answer;
    const token = mock.fn(() => new Promise(resolve => answer = resolve));
    const h = connect(ADDRESS, {token});
    await settle();
    pageEvent('pagehide');
    pageEvent('pageshow');
    await settle();
    assert.equal(asked(token), 1);
    answer(jwt(60));
    await settle();
    assert.equal(FakeSocket.opened.length, 1);
    h.close();
  });
});

describe('a given token', () => {
  test('that has ended by the server\'s clock is not tried again', async () => {
    setDeviceClock(-3_600_000);
    const {h, socket, of} = await opened({token: jwt(60)});
    await alive(61);
    socket.breaks();
    await after(60_000);
    assert.equal(FakeSocket.opened.length, 1);
    assert.equal(h.state, 'closed');
    assert.deepEqual(of('closed').map(e => e.code), [4401]);
  });

  test('is tried while only the device\'s clock says that it has ended', async () => {
    setDeviceClock(3_600_000);
    connect(ADDRESS, {token: jwt(60)});
    await settle();
    assert.equal(FakeSocket.opened.length, 1);
  });

  test('that is refused on the opened socket ends it with the reason', async () => {
    for (const code of [4401, 4403]) {
      const h = connect(ADDRESS, {token: 'bad'});
      const closed = [];
      h.addEventListener('closed', event => closed.push(event.detail));
      await settle();
      latest().breaks(code, 'the token has expired');
      await after(60_000);
      assert.deepEqual(closed, [{code, reason: 'the token has expired', final: true}]);
    }
    assert.equal(FakeSocket.opened.length, 2);
  });

  test('that has ended makes way for the one of a log-in that waits', async () => {
    const {h, socket} = await opened({token: jwt(60)});
    await alive(50);
    socket.breaks();
    h.authenticate('better').catch(() => {});
    mock.timers.tick(20_000);
    await settle();
    assert.equal(latest().protocols[1], 'bearer.better');
  });
});

describe('a log-in', () => {
  test('that is refused leaves the session as it was, and its renewal', async () => {
    const token = tokens(100);
    const {h, socket} = await opened({token}, {user: 'alice'});
    const login = h.authenticate('bad');
    const [{id}] = socket.got('auth');
    socket.says({type: 'error', id, problem: {...denied, detail: 'the signature is wrong'}});
    await assert.rejects(login, error => error.problem.status === 403 && error.message === 'the signature is wrong');
    assert.deepEqual([h.state, h.user, FakeSocket.opened.length], ['open', 'alice', 1]);
    await alive(91);
    assert.equal(socket.got('auth')[0].token, token.mock.calls[1].result);
  });

  test('that is refused is not asked again with the next connection', async () => {
    const {h, socket} = await opened();
    const login = h.authenticate('bad');
    socket.says({type: 'error', id: socket.got('auth')[0].id, problem: denied});
    await assert.rejects(login);
    socket.breaks();
    await after(500);
    latest().welcomes();
    await settle();
    assert.deepEqual(latest().got('auth'), []);
  });

  test('with a token that names channels only leaves the page anonymous', async () => {
    const {h, socket} = await opened();
    const login = h.authenticate('channels');
    socket.says({type: 'authenticated', id: socket.got('auth')[0].id, expires: inSeconds(60), positions: {}});
    assert.equal((await login).user, undefined);
    assert.equal(h.user, undefined);
  });

  test('can be called off', async () => {
    const {h} = await opened();
    const calling = new AbortController();
    const login = h.authenticate('t', {signal: calling.signal});
    calling.abort(new Error('enough'));
    await assert.rejects(login, {message: 'enough'});
    await assert.rejects(h.authenticate('t', {signal: calling.signal}), {message: 'enough'});
  });

  test('renewal that fails is tried again while there is time, and the session goes on', async () => {
    let works = true;
    const token = mock.fn(() => works ? jwt(100) : Promise.reject(new Error('away')));
    const {h, socket, of} = await opened({token});
    works = false;
    await alive(91);
    assert.equal(of('error').at(-1).error.message, 'away');
    works = true;
    await alive(8);
    assert.equal(socket.got('auth').length, 1);
    assert.equal(h.state, 'open');
  });
});

describe('a capability', () => {
  test('is renewed before its end, without a break', async () => {
    const token = tokens(4);
    const {h, socket, of} = await opened();
    const seen = [];
    const troubles = [];
    h.subscribe('topic:a', {token, onMessage: m => seen.push(m.position), onError: t => troubles.push(t)});
    await settle();
    socket.subscribes('topic:a', 'e:0', {expires: inSeconds(4)});
    await after(3600);
    const [renewal] = socket.got('subscribe');
    assert.equal(renewal.token, token.mock.calls[1].result);
    assert.equal(renewal.since, undefined);
    socket.says(message('topic:a', 'e:1'));
    socket.says({type: 'subscribed', id: renewal.id, channel: 'topic:a', position: 'e:1', recovered: true, expires: inSeconds(4)});
    socket.says(message('topic:a', 'e:2'));
    assert.deepEqual(seen, ['e:1', 'e:2']);
    await after(3600);
    assert.equal(socket.got('subscribe').length, 1);
    assert.deepEqual([troubles, of('error')], [[], []]);
  });

  test('is renewed by the end that its token names where the server says none', async () => {
    const token = tokens(100);
    const {h, socket} = await opened();
    setDeviceClock(3_600_000);
    h.subscribe('topic:a', {token});
    await settle();
    socket.subscribes('topic:a', 'e:0');
    await alive(91);
    assert.equal(socket.got('subscribe').length, 1);
  });

  test('that ended before it was renewed is renewed then, and what was missed is read', async () => {
    const token = tokens(3600);
    const {h, socket} = await opened();
    const troubles = [];
    h.subscribe('topic:a', {token, onError: t => troubles.push(t)});
    await settle();
    socket.subscribes('topic:a', 'e:3', {expires: inSeconds(3600)});
    socket.says({type: 'error', channel: 'topic:a', problem: ended});
    await after(0);
    const [again] = socket.got('subscribe');
    assert.equal(again.token, token.mock.calls[1].result);
    assert.equal(again.since, 'e:3');
    assert.deepEqual(troubles, []);
  });

  test('that ended while its renewal was under way loses nothing', async () => {
    const {h, socket} = await opened();
    h.subscribe('topic:a', {token: tokens(4)});
    await settle();
    socket.subscribes('topic:a', 'e:3', {expires: inSeconds(4)});
    await after(3600);
    socket.says({type: 'error', channel: 'topic:a', problem: ended});
    socket.subscribes('topic:a', 'e:7', {expires: inSeconds(4)});
    assert.deepEqual(socket.got('subscribe').map(f => f.since), ['e:3']);
  });

  test('that cannot be renewed: its end is reported to the subscriber, once', async () => {
    const {h, socket} = await opened();
    const troubles = [];
    h.subscribe('topic:a', {token: jwt(4), onError: t => troubles.push(t.problem?.status)});
    socket.subscribes('topic:a', 'e:0', {expires: inSeconds(4)});
    await after(5000);
    socket.says({type: 'error', channel: 'topic:a', problem: ended});
    await after(60_000);
    assert.deepEqual(troubles, [401]);
    assert.deepEqual(latest().got('subscribe'), []);
    latest().breaks();
    await after(500);
    latest().welcomes('s2');
    await settle();
    assert.deepEqual(latest().got('subscribe'), [], 'a token that has ended is not tried again');
  });

  test('that cannot be renewed is reported when the right has ended and not before', async () => {
    let works = true;
    const {h, socket, of} = await opened();
    const troubles = [];
    h.subscribe('topic:a', {token: () => works ? jwt(10) : Promise.reject(new Error('logged out')), onError: t => troubles.push(t)});
    await settle();
    socket.subscribes('topic:a', 'e:0', {expires: inSeconds(10)});
    works = false;
    await after(9000);
    assert.equal(of('error').at(-1).error.message, 'logged out');
    assert.deepEqual(troubles, []);
    socket.says({type: 'error', channel: 'topic:a', problem: ended});
    await after(10_000);
    assert.equal(troubles[0].error.message, 'logged out');
  });

  test('from the cache that is refused is asked for once more', async () => {
    const token = tokens();
    const {h, socket} = await opened();
    const troubles = [];
    h.subscribe('topic:a', {token, onError: t => troubles.push(t.problem.status)});
    await settle();
    socket.subscribes('topic:a', 'e:0');
    socket.breaks();
    await after(500);
    latest().welcomes('s2');
    await settle();
    assert.equal(asked(token), 1, 'cached');
    for (const times of [2, 2]) {
      const [{id}] = latest().got('subscribe').slice(-1);
      latest().says({type: 'error', id, problem: denied});
      await settle();
      assert.equal(asked(token), times);
    }
    assert.deepEqual(troubles, [403]);
    await after(60_000);
    assert.deepEqual(latest().got('subscribe'), []);
  });

  test('that rests on the log-in is renewed with it', async () => {
    const {h, socket} = await opened({token: jwt(60)}, {user: 'alice'});
    h.subscribe('topic:a');
    socket.subscribes('topic:a', 'e:0', {expires: inSeconds(60)});
    const login = h.authenticate(jwt(600));
    socket.says({type: 'authenticated', id: socket.got('auth')[0].id, user: 'alice', expires: inSeconds(600)});
    await login;
    assert.deepEqual(socket.got('subscribe').map(f => [f.channel, f.since]), [['topic:a', undefined]]);
  });

  test('that rests on a log-in which no longer names it: its end is reported', async () => {
    const {h, socket} = await opened({token: jwt(60)}, {user: 'alice'});
    const troubles = [];
    h.subscribe('topic:a', {onError: t => troubles.push(t.problem.status)});
    socket.subscribes('topic:a', 'e:0');
    socket.says({type: 'error', channel: 'topic:a', problem: ended});
    await after(0);
    const [{id}] = socket.got('subscribe');
    socket.says({type: 'error', id, problem: denied});
    assert.deepEqual(troubles, [403]);
  });

  test('whose right ends again and again is renewed slower and slower', async () => {
    const token = tokens(1);
    const {h, socket} = await opened();
    h.subscribe('topic:a', {token});
    for (let i = 0; i < 100; i++) {
      if (socket.sent.some(f => f.type === 'subscribe')) {
        socket.subscribes('topic:a', 'e:0', {expires: inSeconds(0)});
        socket.says({type: 'error', channel: 'topic:a', problem: ended});
      }
      await after(1000);
      socket.says({type: 'pong'});
    }
    assert.ok(asked(token) < 15, `asked ${asked(token)} times in 100 s`);
  });

  test('of a later subscriber is tried when the earlier one is refused', async () => {
    const {h, socket} = await opened();
    h.subscribe('topic:a', {token: 'bad'});
    h.subscribe('topic:a', {token: 'good'});
    const [{id}] = socket.got('subscribe');
    socket.says({type: 'error', id, problem: denied});
    assert.equal(socket.got('subscribe')[0].token, 'good');
  });

  test('is asked for with the name of its channel', async () => {
    const {h} = await opened();
    const names = [];
    h.subscribe('topic:a', {token: ({channel}) => (names.push(channel), jwt(60))});
    await settle();
    assert.deepEqual(names, ['topic:a']);
  });
});

describe('a request that the server finds too large', () => {
  test('is refused to whom it concerns, and not sent again', async () => {
    const {h, socket} = await opened();
    const troubles = [];
    h.subscribe('topic:a', {token: 'x'.repeat(9000), onError: t => troubles.push(t.problem.status)});
    h.subscribe('topic:b', {token: 'small'});
    socket.breaks(1009);
    await after(500);
    latest().welcomes('s2');
    await settle();
    assert.deepEqual(troubles, [413]);
    assert.deepEqual(latest().got('subscribe').map(f => f.channel), ['topic:b']);
    assert.equal(h.state, 'open');
  });

  test('ends a log-in and not the session', async () => {
    const {h, socket} = await opened();
    const login = h.authenticate('x'.repeat(9000));
    socket.breaks(1009);
    await after(500);
    latest().welcomes('s2');
    await assert.rejects(login, error => error.problem.status === 413);
    assert.equal(h.state, 'open');
  });
});
