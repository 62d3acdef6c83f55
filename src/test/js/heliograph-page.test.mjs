/** What the page gets, and what the client makes of the page's own life: errors, events, sleep, iteration, other runtimes. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {afterEach, beforeEach, describe, mock, test} from 'node:test';
import {after, CLIENT, connect, FakeSocket, freshPage, latest, message, pageEvent, settle} from './browser.mjs';

const ADDRESS = 'https://push.example/ws';
const EVENTS = ['connecting', 'open', 'offline', 'reconnecting', 'closed'];

async function opened(options) {
  const h = connect(ADDRESS, options);
  const events = [];
  for (const type of EVENTS) {
    h.addEventListener(type, event => events.push({type, ...event.detail}));
  }
  await settle();
  latest().welcomes();
  await settle();
  return {h, socket: latest(), events, types: () => events.map(event => event.type)};
}

beforeEach(freshPage);

describe('without a listener for errors', () => {
  let warnings;
  let reported;
  beforeEach(() => {
    warnings = [];
    reported = [];
    mock.method(console, 'warn', (...words) => warnings.push(words));
    globalThis.reportError = error => reported.push(error.message);
  });
  afterEach(() => delete globalThis.reportError);

  test('what handlers throw is reported as the page\'s own errors are', async () => {
    const {h, socket} = await opened();
    h.on('greeting', () => { throw new Error('thrown'); });
    h.on('greeting', async () => { throw new Error('rejected'); });
    h.subscribe('everyone', {onMessage: () => { throw new Error('in onMessage'); }});
    socket.subscribes('everyone', 'e:0', {state: {}});
    socket.says(message('everyone', 'e:1'));
    await settle();
    assert.deepEqual(reported.sort(), ['in onMessage', 'rejected', 'thrown']);
    assert.equal(warnings.length, 1);
  });

  test('without reportError, too, there is one warning', async () => {
    delete globalThis.reportError;
    const {h, socket} = await opened();
    h.on('greeting', () => { throw new Error('thrown'); });
    socket.says(message('everyone', 'e:1'), message('everyone', 'e:2'));
    await settle();
    assert.equal(warnings.length, 1);
    assert.equal(warnings[0][1].error.message, 'thrown');
  });

  test('a refused subscribe is warned of', async () => {
    const {h, socket} = await opened();
    h.subscribe('topic:a');
    const [{id}] = socket.got('subscribe');
    socket.says({type: 'error', id, problem: {type: '/problems/forbidden', title: 'Forbidden', status: 403}});
    assert.equal(warnings.length, 1);
    assert.match(warnings[0][0], /Forbidden/);
    assert.equal(warnings[0][1].channel, 'topic:a');
  });

  test('a subscriber with onError gets it and no other', async () => {
    const {h, socket} = await opened();
    const troubles = [];
    h.subscribe('topic:a', {onError: trouble => troubles.push(trouble)});
    const [{id}] = socket.got('subscribe');
    socket.says({type: 'error', id, problem: {type: '/problems/forbidden', title: 'Forbidden', status: 403}});
    assert.deepEqual([troubles.length, warnings.length], [1, 0]);
  });

  test('what the server says to an unsubscribe that came too late is no warning', async () => {
    const {h, socket} = await opened();
    h.subscribe('login:t').unsubscribe();
    const problem = {type: '/problems/not-following', title: 'This channel is not followed', status: 409};
    socket.says({type: 'error', id: socket.got('unsubscribe')[0].id, problem}, {type: 'error', problem});
    assert.deepEqual(warnings, []);
  });

  test('with one, the listener has it alone', async () => {
    const {h, socket} = await opened();
    h.addEventListener('error', () => {});
    h.on('greeting', () => { throw new Error('thrown'); });
    socket.says(message('everyone', 'e:1'), '{');
    assert.deepEqual([reported, warnings], [[], []]);
  });
});

describe('the events', () => {
  test('tell the whole life of a connection', async () => {
    const {h, types, events} = await opened();
    latest().breaks(4408, 'silent');
    await after(500);
    latest().welcomes('s2');
    pageEvent('offline');
    h.close();
    assert.deepEqual(types(), ['connecting', 'open', 'reconnecting', 'connecting', 'open', 'offline', 'closed']);
    assert.deepEqual(events[2], {type: 'reconnecting', attempt: 1, delay: 500, code: 4408, reason: 'silent'});
    assert.equal(events[3].attempt, 1);
  });

  test('always give a reason', async () => {
    const {events} = await opened();
    latest().breaks();
    assert.equal(events.at(-1).reason, 'connection lost');
  });

  test('a socket that fails with an error, as ws in Node does for a 403, is lost and nothing more', async () => {
    const {events} = await opened();
    latest().fails('Unexpected server response: 403');
    assert.equal(events.at(-1).reason, 'Unexpected server response: 403');
    const {socket, h} = await opened();
    h.close();
    socket.fails('WebSocket was closed before the connection was established');
  });

  test('are typed by addEventListener, and a listener can be removed', async () => {
    const {h} = await opened();
    let events = 0;
    const listener = () => events++;
    h.addEventListener('reconnecting', listener);
    h.removeEventListener('reconnecting', listener);
    latest().breaks();
    assert.equal(events, 0);
  });

  test('debug tells frames and events, and never a token', async () => {
    const lines = [];
    const {h, socket} = await opened({token: 'secret', debug: (text, detail) => lines.push([text, JSON.stringify(detail)])});
    h.subscribe('topic:a', {token: 'secret'});
    h.authenticate('secret');
    socket.subscribes('topic:a', 'e:0');
    assert.ok(lines.some(([text, detail]) => text === 'sent' && detail.includes('topic:a')));
    assert.ok(lines.some(([text, detail]) => text === 'received' && detail.includes('subscribed')));
    assert.ok(lines.some(([text]) => text === 'open'));
    assert.ok(lines.every(([, detail]) => !detail?.includes('secret')));
  });
});

describe('the page', () => {
  for (const [away, back] of [['pagehide', 'pageshow'], ['freeze', 'resume']]) {
    const tell = type => {
      pageEvent(type);
      document.dispatchEvent(new Event(type));
    };

    test(`lets go of its connection at ${away}, and resumes at ${back} where it was`, async () => {
      const {h, socket} = await opened();
      const seen = [];
      h.on('greeting', m => seen.push(m.position));
      socket.says(message('everyone', 'e:1'));
      tell(away);
      assert.equal(socket.readyState, 3);
      assert.equal(socket.got('ack').length, 1);
      await after(3_600_000);
      assert.equal(FakeSocket.opened.length, 1, 'nothing happens while it sleeps');
      tell(back);
      await settle();
      latest().welcomes('s2');
      await settle();
      assert.equal(latest().subscribes('everyone', 'e:1').since, 'e:1');
      latest().says(message('everyone', 'e:2'));
      assert.deepEqual(seen, ['e:1', 'e:2']);
    });

    test(`while waiting at ${away} does not come back before ${back}`, async () => {
      const {socket} = await opened();
      socket.breaks();
      tell(away);
      pageEvent('online');
      await after(60_000);
      assert.equal(FakeSocket.opened.length, 1);
      tell(back);
      await settle();
      assert.equal(FakeSocket.opened.length, 2);
    });
  }

  test('that closed the client stays closed, whatever it comes back from', async () => {
    const {h} = await opened();
    pageEvent('pagehide');
    h.close();
    pageEvent('pageshow');
    document.dispatchEvent(new Event('resume'));
    await settle();
    assert.equal(FakeSocket.opened.length, 1);
  });

  test('acknowledges what it handled before it lets go', async () => {
    for (const end of [h => h.close(), () => pageEvent('pagehide')]) {
      const {h, socket} = await opened();
      for (let i = 0; i < 30; i++) {
        h.subscribe(`topic:${i}`);
      }
      await after(2000);
      for (let i = 0; i < 30; i++) {
        socket.subscribes(`topic:${i}`, 'e:0');
        socket.says(message(`topic:${i}`, 'e:1'));
      }
      await settle();
      end(h);
      assert.equal(new Set(socket.got('ack').map(f => f.channel)).size, 30);
    }
  });

  test('without a network is asked rarely, and at once when it is back', async () => {
    Object.defineProperty(globalThis, 'navigator', {value: {onLine: false}, configurable: true});
    try {
      const {socket, events} = await opened();
      socket.breaks();
      assert.deepEqual([events.at(-1).delay, events.at(-1).reason], [30_000, 'offline']);
      navigator.onLine = true;
      pageEvent('online');
      await after(500);
      assert.equal(FakeSocket.opened.length, 2);
    } finally {
      delete globalThis.navigator;
    }
  });

  test('that loses the network asks whether the connection still stands', async () => {
    const {socket} = await opened();
    pageEvent('offline');
    assert.equal(socket.got('ping').length, 1);
  });

  test('a clock that is set neither hides silence nor moves a reconnect', async () => {
    const {h, socket, events} = await opened();
    mock.method(Date, 'now', () => 0);
    await after(50_000);
    assert.equal(socket.got('ping').length, 1);
    await after(10_000);
    assert.equal(events.at(-1).reason, 'silence');
    pageEvent('online');
    await after(500);
    assert.equal(h.state, 'connecting');
  });
});

describe('for await', () => {
  test('hands on messages in order, and holds the next until the loop asks', async () => {
    const {h, socket} = await opened();
    const seen = [];
    let finish;
    const loop = (async () => {
      for await (const m of h.subscribe('topic:a')) {
        seen.push(m.position);
        await new Promise(resolve => finish = resolve);
        if (m.position === 'e:3') {
          break;
        }
      }
    })();
    socket.subscribes('topic:a', 'e:0');
    socket.says(message('topic:a', 'e:1'), message('topic:a', 'e:2'), message('topic:a', 'e:3'));
    await after(1000);
    assert.deepEqual(seen, ['e:1']);
    assert.deepEqual(socket.got('ack'), [], 'not handled yet');
    for (let i = 0; i < 3; i++) {
      finish();
      await settle();
    }
    await loop;
    assert.deepEqual(seen, ['e:1', 'e:2', 'e:3']);
    assert.equal(socket.got('unsubscribe').length, 1, 'leaving the loop ends the subscription');
    assert.equal(socket.got('ack').at(-1).position, 'e:3', 'of the last message, too');
  });

  test('does not acknowledge what the loop was not given', async () => {
    const {h, socket} = await opened();
    const loop = (async () => {
      for await (const _ of h.subscribe('topic:a')) {
        break;
      }
    })();
    socket.subscribes('topic:a', 'e:0');
    socket.says(message('topic:a', 'e:1'), message('topic:a', 'e:2'));
    await loop;
    await after(1000);
    assert.deepEqual(socket.sent.map(f => [f.type, f.position]), [['ack', 'e:1'], ['unsubscribe', undefined]]);
  });

  test('acknowledges what the loop has handled', async () => {
    const {h, socket} = await opened();
    const loop = (async () => {
      for await (const _ of h.follow('topic:a')) {
        // Nothing to do.
      }
    })();
    socket.subscribes('topic:a', 'e:0');
    socket.says(message('topic:a', 'e:1'), message('topic:a', 'e:2'));
    await settle();
    await after(200);
    assert.equal(socket.got('ack').at(-1).position, 'e:2');
    h.close();
    await loop;
  });

  test('throws what the subscribe was refused with', async () => {
    const {h, socket} = await opened();
    const loop = h.subscribe('topic:a')[Symbol.asyncIterator]().next();
    const [{id}] = socket.got('subscribe');
    socket.says({type: 'error', id, problem: {type: '/problems/forbidden', title: 'Forbidden', status: 403}});
    await assert.rejects(loop, error => error.problem.status === 403);
  });

  test('throws when the server closes for good, and ends when the page does', async () => {
    const one = await opened();
    const refused = one.h.subscribe('topic:a')[Symbol.asyncIterator]().next();
    one.socket.breaks(4409, 'replaced');
    await assert.rejects(refused, error => error.code === 4409);
    const two = await opened();
    const done = two.h.subscribe('topic:a')[Symbol.asyncIterator]().next();
    two.h.close();
    assert.deepEqual(await done, {done: true, value: undefined});
    assert.equal((await two.h.subscribe('topic:b')[Symbol.asyncIterator]().next()).done, true);
  });

  test('ends with its signal', async () => {
    const {h, socket} = await opened();
    const ending = new AbortController();
    const next = h.subscribe('topic:a', {signal: ending.signal})[Symbol.asyncIterator]().next();
    socket.subscribes('topic:a', 'e:0');
    ending.abort();
    assert.equal((await next).done, true);
    assert.equal(socket.got('unsubscribe').length, 1);
    assert.equal((await h.subscribe('topic:b', {signal: ending.signal})[Symbol.asyncIterator]().next()).done, true);
    assert.equal(socket.got('subscribe').length, 0);
  });
});

describe('a signal', () => {
  test('closes the client and takes a handler away', async () => {
    const ending = new AbortController();
    const {h, socket} = await opened({signal: ending.signal});
    const off = new AbortController();
    const seen = [];
    h.on('greeting', m => seen.push(m), {signal: off.signal});
    off.abort();
    socket.says(message('everyone', 'e:1'));
    assert.deepEqual(seen, []);
    ending.abort();
    assert.equal(h.state, 'closed');
    assert.equal(connect(ADDRESS, {signal: ending.signal}).state, 'closed');
  });
});

describe('other places than a page', () => {
  test('the module can be imported where there is neither page nor socket, and says so when it is to connect', () => {
    const script = `
      for (const name of ['WebSocket', 'document', 'CustomEvent', 'fetch', 'navigator', 'performance']) {
        Object.defineProperty(globalThis, name, {value: undefined, configurable: true, writable: true});
      }
      const {connect} = await import(${JSON.stringify(CLIENT)});
      try {
        connect('wss://push.example/ws');
      } catch (error) {
        console.log(error.message);
      }`;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8'});
    assert.match(said, /WebSocket/);
  });

  test('another WebSocket is used where one is given', async () => {
    const used = [];
    class Other extends FakeSocket {
      constructor(...args) {
        super(...args);
        used.push(this);
      }
    }
    delete globalThis.WebSocket;
    connect(ADDRESS, {WebSocket: Other});
    await settle();
    assert.equal(used.length, 1);
  });

  test('an address that is none is refused at once', () => {
    assert.throws(() => connect('/ws'), /file:.*wss:/s);
    assert.throws(() => connect('ftp://push.example/'), /ftp:/);
  });
});
