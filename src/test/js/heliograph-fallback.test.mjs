/** What stands in for a WebSocket: server-sent events and polling, and which of them is taken. */
import assert from 'node:assert/strict';
import {beforeEach, describe, mock, test} from 'node:test';
import {after, CLIENT, FakeSocket, freshPage, inSeconds, latest, message, pageEvent, settle as settleOnce} from './browser.mjs';
import {FakeServer} from './http-server.mjs';

const {connect} = await import(CLIENT);

let server;
let page = 0;
/** What worked is remembered by address, so that each test has one of its own. */
let address;

const settle = async () => {
  for (let i = 0; i < 10; i++) {
    await settleOnce();
  }
};
const pass = async ms => {
  await after(ms);
  await settle();
};
const welcome = (session, more) => ({type: 'welcome', session, heartbeat: 25_000, time: inSeconds(0), positions: {}, ...more});
const subscribed = (frame, position, more) =>
  ({type: 'subscribed', id: frame.id, channel: frame.channel, position, recovered: true, ...more});

async function start(options) {
  const h = connect(address, {fetch: server.fetch, ...options});
  const events = [];
  for (const type of ['connecting', 'open', 'gap', 'error', 'reconnecting', 'closed']) {
    h.addEventListener(type, event => events.push({type, ...event.detail}));
  }
  const seen = [];
  h.on('greeting', message => seen.push(message.position));
  await settle();
  return {h, events, seen, of: type => events.filter(event => event.type === type)};
}

/** Over server-sent events, welcomed. */
async function streaming(options, more) {
  const all = await start({transports: ['sse'], ...options});
  server.latest.says(welcome('s1', more));
  await settle();
  return all;
}

async function polling(options, more) {
  const all = await start({transports: ['poll'], ...options});
  server.latest.answers(welcome('s1', more));
  await settle();
  await pass(0);
  return all;
}

beforeEach(() => {
  freshPage();
  server = new FakeServer();
  address = `https://push.example/${++page}/ws`;
});

describe('the ladder', () => {
  test('takes the WebSocket, and asks for nothing else, where it answers in time', async () => {
    const {h, of} = await start();
    await pass(2900);
    latest().welcomes();
    await pass(60_000);
    assert.equal(h.transport, 'websocket');
    assert.equal(of('open')[0].transport, 'websocket');
    assert.equal(server.exchanges.length, 0);
  });

  test('tries server-sent events beside a WebSocket that does not answer, and closes it when they do', async () => {
    const {h} = await start();
    assert.equal(server.exchanges.length, 0);
    await pass(3000);
    assert.equal(server.latest.url, `https://push.example/${page}/events`);
    server.latest.says(welcome('s1'));
    await settle();
    assert.deepEqual([h.transport, h.state, h.session], ['sse', 'open', 's1']);
    assert.equal(latest().readyState, 3);
    latest().says(welcome('too late'));
    assert.equal(h.session, 's1');
  });

  test('tries server-sent events at once when the WebSocket fails', async () => {
    const {h} = await start();
    latest().breaks();
    await settle();
    server.latest.says(welcome('s1'));
    await settle();
    assert.equal(h.transport, 'sse');
  });

  test('takes the WebSocket that comes late but first', async () => {
    const {h} = await start();
    await pass(3000);
    latest().welcomes();
    await settle();
    assert.equal(h.transport, 'websocket');
    assert.equal(server.latest.aborted, true);
  });

  test('polls where a proxy holds the stream back', async () => {
    const {h} = await start();
    latest().breaks();
    await settle();
    const held = server.latest;
    await pass(3000);
    assert.equal(server.latest.url, `https://push.example/${page}/poll?wait=0`);
    server.latest.answers(welcome('s1'));
    await settle();
    assert.equal(h.transport, 'poll');
    assert.equal(held.aborted, true);
  });

  test('remembers what worked for the next connection', async () => {
    await start();
    latest().breaks();
    await settle();
    server.latest.says(welcome('s1'));
    await settle();
    const sockets = FakeSocket.opened.length;
    server.latest.cut();
    await pass(30_000);
    assert.equal(FakeSocket.opened.length, sockets);
    server.latest.says(welcome('s2'));
    await settle();
    const again = await start();
    assert.equal(FakeSocket.opened.length, sockets);
    server.latest.says(welcome('s3'));
    await settle();
    assert.equal(again.h.transport, 'sse');
  });

  test('does not leave a WebSocket that worked because the server is away for a moment', async () => {
    const {h} = await start();
    latest().welcomes();
    await settle();
    for (let i = 0; i < 3; i++) {
      latest().breaks();
      await pass(30_000);
      assert.equal(server.exchanges.length, 0);
    }
    latest().welcomes('s2');
    assert.equal(h.transport, 'websocket');
  });

  test('leaves it when it fails again and again, broken or silent', async () => {
    const {h} = await start();
    latest().welcomes();
    latest().breaks();
    await pass(30_000);
    for (let i = 0; i < 3; i++) {
      await pass(20_000);
      await pass(30_000);
    }
    await pass(3000);
    server.latest.says(welcome('s2'));
    await settle();
    assert.equal(h.transport, 'sse');
  });

  test('believes a refusal of the server, with its reason', async () => {
    const {of} = await start();
    latest().breaks();
    await settle();
    server.latest.refuses(403, 'Origin not allowed');
    await settle();
    assert.deepEqual(of('closed').map(({code, reason, problem}) => [code, reason, problem.status]),
      [[4403, 'Origin not allowed', 403]]);
  });

  test('does not believe a proxy that answers in the server\'s place', async () => {
    const {h, of} = await start();
    latest().breaks();
    await settle();
    server.latest.refuses(403);
    await settle();
    server.latest.refuses(407);
    await settle();
    assert.equal(h.state, 'waiting');
    assert.deepEqual(of('closed'), []);
  });

  test('waits as long as the server says', async () => {
    const {of} = await start({transports: ['sse']});
    server.latest.refuses(503, 'Draining', {'Retry-After': '7'});
    await settle();
    assert.ok(of('reconnecting')[0].delay >= 7000);
    assert.equal(of('reconnecting')[0].reason, 'Draining');
  });

  test('tries all of them again after the network was gone for 30 s', async () => {
    const {h} = await streaming();
    server.gone = true;
    server.latest.cut();
    for (let i = 0; i < 30; i++) {
      await pass(1000);
    }
    server.gone = false;
    await pass(30_000);
    server.latest.says(welcome('s2'));
    await settle();
    assert.equal(h.state, 'open');
  });

  test('uses nothing that is not there', async () => {
    delete globalThis.WebSocket;
    const {h} = await start();
    server.latest.says(welcome('s1'));
    await settle();
    assert.equal(h.transport, 'sse');
    assert.throws(() => connect(address, {transports: ['websocket']}), TypeError);
  });

  test('asks where the options say', async () => {
    await start({transports: ['poll'], endpoints: {poll: 'https://other.example/heliograph/poll'}});
    assert.equal(server.latest.url, 'https://other.example/heliograph/poll?wait=0');
  });
});

describe('server-sent events', () => {
  test('show the token in a header and never in the address', async () => {
    await streaming({token: 'secret'});
    assert.equal(server.latest.token, 'Bearer secret');
    assert.ok(server.exchanges.every(({url}) => !url.includes('secret')));
  });

  test('bring messages, however the network cuts them', async () => {
    const {seen} = await streaming();
    const [first, ...lines] = JSON.stringify(message('everyone', 'e:1', 'grüße'), null, 1).split('\n');
    const text = `data: ${first}\r\n${lines.map(line => `data: ${line}\r\n`).join('')}\r\n`;
    for (const part of [text.slice(0, 3), text.slice(3, 40), text.slice(40)]) {
      server.latest.sends(part);
      await settle();
    }
    assert.deepEqual(seen, ['e:1']);
  });

  test('subscribe with the next stream, where the last one stopped, once for requests that come together', async () => {
    const {h, seen} = await streaming();
    server.latest.says(message('everyone', 'e:1'));
    await settle();
    const states = [];
    h.subscribe('topic:a', {token: 'cap', since: 'a:4', onState: state => states.push(state)});
    h.subscribe('topic:b');
    await pass(10);
    assert.equal(server.exchanges.length, 2);
    assert.equal(server.exchanges[0].aborted, true);
    const {latest} = server;
    assert.deepEqual(latest.frames.map(({type, channel, token, since}) => [type, channel, token, since]), [
      ['subscribe', 'everyone', undefined, 'e:1'],
      ['subscribe', 'topic:a', 'cap', 'a:4'],
      ['subscribe', 'topic:b', undefined, undefined]
    ]);
    latest.says(welcome('s2', {positions: {everyone: 'e:1'}}),
      message('everyone', 'e:2'),
      message('topic:a', 'a:9'), // before it is resumed: a:5 comes first
      message('everyone', 'e:9'),
      subscribed(latest.asked('topic:a'), 'a:4', {state: {n: 1}}), message('topic:a', 'a:5'),
      subscribed(latest.asked('topic:b'), 'b:0'));
    await settle();
    assert.deepEqual(seen, ['e:1', 'e:2', 'e:9', 'a:5']);
    assert.deepEqual(states, [{n: 1}]);
    assert.equal(h.session, 's2');
  });

  test('go on where the page was when the new stream brings what comes next by itself', async () => {
    const {seen} = await streaming({}, {user: 'alice', positions: {'user:alice': 'e:0'}});
    server.latest.says(message('user:alice', 'e:1'));
    await settle();
    pageEvent('pagehide');
    pageEvent('pageshow');
    await settle();
    // What no session got is sent to the next one at once, before it can say where it was.
    server.latest.says(welcome('s2', {user: 'alice', positions: {'user:alice': 'e:1'}}), message('user:alice', 'e:2'));
    await settle();
    await pass(10);
    assert.equal(server.latest.asked('user:alice').since, 'e:1');
    server.latest.says(welcome('s3', {user: 'alice', positions: {'user:alice': 'e:1'}}), message('user:alice', 'e:2'));
    await settle();
    assert.deepEqual(seen, ['e:1', 'e:2']);
  });

  test('take a change that comes while a stream is being opened with the one after', async () => {
    const {h} = await streaming();
    h.subscribe('topic:a');
    await pass(10);
    h.subscribe('topic:b');
    await pass(1000);
    assert.equal(server.exchanges.length, 2);
    server.latest.says(welcome('s2'), subscribed(server.latest.asked('topic:a'), 'a:0'));
    await settle();
    await pass(10);
    assert.deepEqual(server.latest.frames.map(({channel, since}) => [channel, since]), [['topic:a', 'a:0'], ['topic:b', undefined]]);
    assert.equal(server.open, 1);
  });

  test('tell a gap where a stream cannot go on', async () => {
    const {h, of} = await streaming();
    h.subscribe('topic:a');
    await pass(10);
    server.latest.says(welcome('s2'), subscribed(server.latest.asked('topic:a'), 'a:1'));
    await settle();
    h.subscribe('topic:b');
    await pass(10);
    server.latest.says(welcome('s3'), subscribed(server.latest.asked('topic:a'), 'f:0', {recovered: false}));
    await settle();
    assert.deepEqual(of('gap'), [{type: 'gap', channel: 'topic:a', position: 'f:0'}]);
  });

  test('tell a gap where the session\'s own channels cannot go on', async () => {
    const {h, of, seen} = await streaming({}, {positions: {everyone: 'e:1'}});
    h.subscribe('topic:b');
    await pass(10);
    server.latest.says(welcome('s2', {positions: {everyone: 'f:5'}, lost: ['everyone']}), message('everyone', 'f:6'));
    await settle();
    assert.deepEqual(of('gap'), [{type: 'gap', channel: 'everyone', position: 'f:5'}]);
    assert.deepEqual(seen, ['f:6']);
  });

  test('tell a refusal to the one who asked, and the end of a right to the one who has it', async () => {
    const problem = {type: '/problems/forbidden', title: 'Forbidden', status: 403};
    const {h, of} = await streaming();
    h.subscribe('topic:a', {token: 'cap'});
    await pass(10);
    server.latest.says(welcome('s2'), {type: 'error', id: server.latest.asked('topic:a').id, problem});
    await settle();
    assert.equal(of('error')[0].channel, 'topic:a');
    let n = 0;
    h.subscribe('topic:b', {token: () => `cap${++n}`});
    await settle();
    await pass(10);
    server.latest.says(welcome('s3'), subscribed(server.latest.asked('topic:b'), 'b:1'));
    await settle();
    assert.equal(server.latest.asked('topic:a'), undefined);
    server.latest.says({type: 'error', channel: 'topic:b', problem});
    await settle();
    await pass(10);
    await pass(10);
    assert.deepEqual([server.latest.asked('topic:b').token, server.latest.asked('topic:b').since], ['cap2', 'b:1']);
  });

  test('log in with another stream; a refused token leaves all as it was', async () => {
    const {h} = await streaming({token: 'first'});
    const refused = h.authenticate('second');
    await pass(10);
    assert.equal(server.latest.token, 'Bearer second');
    server.latest.refuses(401, 'Token refused');
    await assert.rejects(refused, error => error.problem.status === 401);
    await pass(10);
    assert.equal(server.latest.token, 'Bearer first');
    server.latest.says(welcome('s3'));
    await settle();
    assert.equal(h.state, 'open');

    const accepted = h.authenticate('third');
    await pass(10);
    assert.equal(server.latest.token, 'Bearer third');
    server.latest.says(welcome('s4', {user: 'alice', expires: inSeconds(60)}));
    await settle();
    assert.equal((await accepted).user, 'alice');
    assert.deepEqual([h.user, h.session], ['alice', 's4']);
  });

  test('live by heartbeats, and are opened anew when they stop', async () => {
    const {h, of} = await streaming();
    for (let i = 0; i < 4; i++) {
      await pass(25_000);
      server.latest.sends(':\n\n');
      await settle();
    }
    assert.equal(server.exchanges.length, 1);
    await pass(50_000);
    await pass(10);
    assert.equal(server.exchanges.length, 2);
    server.latest.says(welcome('s2'));
    await settle();
    await pass(10_000);
    assert.deepEqual([h.state, of('reconnecting').length], ['open', 0]);
  });

  test('are given up when the new stream is silent too', async () => {
    const {of} = await streaming();
    await pass(50_000);
    await pass(10_000);
    assert.equal(of('reconnecting')[0].reason, 'silence');
    assert.equal(server.exchanges.every(exchange => exchange.aborted), true);
  });

  test('come back or stay away as the server says', async () => {
    const {h} = await streaming();
    server.latest.says({type: 'bye', reason: 'lifetime', reconnectAfterMs: 100});
    server.latest.ends();
    await settle();
    assert.equal(h.state, 'waiting');
    await pass(1000);
    server.latest.says(welcome('s2'), {type: 'bye', reason: 'policy', reconnectAfterMs: null});
    server.latest.ends();
    await settle();
    assert.equal(h.state, 'closed');
  });

  test('hold no more than one stream after 1,000 of them', async () => {
    const {h} = await streaming();
    for (let i = 0; i < 1000; i++) {
      const follower = h.subscribe('topic:a');
      await after(10);
      await settleOnce();
      server.latest.says(welcome(`s${i}`));
      server.exchanges = server.exchanges.slice(-2);
      await settle();
      follower.unsubscribe();
      await pass(60);
      server.latest.says(welcome(`t${i}`));
      await settle();
    }
    assert.equal(server.open, 1);
  });
});

describe('polling', () => {
  test('waits for messages, and asks again from where it came to', async () => {
    const {seen} = await polling({}, {positions: {everyone: 'e:3', 'session:s1': 's:0'}});
    assert.match(server.latest.url, /wait=25$/);
    assert.deepEqual(server.latest.frames.map(({type, channel, since}) => [type, channel, since]), [['subscribe', 'everyone', 'e:3']]);
    server.latest.answers(welcome('s2', {positions: {everyone: 'e:3'}}), message('everyone', 'e:4'));
    await settle();
    await pass(0);
    assert.deepEqual(seen, ['e:4']);
    assert.equal(server.latest.asked('everyone').since, 'e:4');
    assert.equal(server.open, 1);
  });

  test('handles no message twice when an answer was lost', async () => {
    const {seen} = await polling({}, {positions: {everyone: 'e:3'}});
    server.latest.answers(welcome('s2'), message('everyone', 'e:4'));
    await settle();
    await pass(0);
    server.latest.cut();
    await settle();
    await pass(30_000);
    server.latest.answers(welcome('s3', {positions: {everyone: 'e:4'}}));
    await settle();
    await pass(10);
    server.latest.answers(welcome('s4'), message('everyone', 'e:4'), message('everyone', 'e:5'));
    await settle();
    assert.deepEqual(seen, ['e:4', 'e:5']);
  });

  test('does not wait while the page waits for an answer', async () => {
    const {h} = await polling();
    const waiting = server.latest;
    h.subscribe('topic:a', {token: 'cap'});
    await pass(10);
    assert.equal(waiting.aborted, true);
    assert.match(server.latest.url, /wait=0$/);
    server.latest.answers(welcome('s2'), subscribed(server.latest.asked('topic:a'), 'a:0'));
    await settle();
    await pass(0);
    assert.match(server.latest.url, /wait=25$/);
  });

  test('pauses between answers that come too soon and bring nothing', async () => {
    await polling();
    const before = server.exchanges.length;
    for (let i = 0; i < 5; i++) {
      server.latest.answers(welcome(`s${i}`));
      await settle();
      await pass(1000);
    }
    assert.equal(server.exchanges.length, before + 5);
  });

  test('stays open as long as polls are answered', async () => {
    const {h, of} = await polling();
    for (let i = 0; i < 10; i++) {
      await pass(25_000);
      server.latest.answers(welcome(`s${i}`));
      await settle();
      await pass(0);
    }
    assert.deepEqual([h.state, of('open').length, of('reconnecting').length], ['open', 1, 0]);
  });

  test('ends with the page', async () => {
    const {h} = await polling();
    h.close();
    await pass(60_000);
    assert.equal(server.open, 0);
  });
});
