/** The page of a QR login: what it asks when, and that it never goes back (cases 75 and 78 of the login's list). */
import assert from 'node:assert/strict';
import {afterEach, beforeEach, mock, test} from 'node:test';
import {after, settle} from './browser.mjs';
import {startLogin} from '../../main/resources/static/assets/heliograph-login.js';

const TICKET = 'AAAAAAAAAAAAAAAAAAAAAA';
let asked;
let answers;
let seen;
let grants;
let connection;

const stateOf = (state, version, more = {}) => ({
  ticket: TICKET,
  state,
  version,
  final: false,
  serverTime: new Date(Date.now()).toISOString(),
  expiresAt: new Date(Date.now() + 120_000).toISOString(),
  ...more,
});
const reply = (status, body) => ({ok: status < 400, status, headers: new Headers(), json: async () => body});
const polls = () => asked.filter(call => call === `GET /v1/logins/${TICKET}`).length;

beforeEach(() => {
  mock.timers.enable({apis: ['setTimeout', 'setInterval', 'Date'], now: Date.parse('2026-11-21T10:00:00Z')});
  mock.method(performance, 'now', () => Date.now());
  asked = [];
  seen = [];
  grants = [];
  connection = undefined;
  answers = {
    'POST /v1/logins': () => reply(201, {...stateOf('ISSUED', 1), watchToken: 'w', pollInterval: 3, qr: {svg: '<svg/>'}}),
    [`GET /v1/logins/${TICKET}`]: () => reply(200, stateOf('ISSUED', 1)),
    [`POST /v1/logins/${TICKET}/exchange`]: () => reply(200, {grantCode: 'g', expiresIn: 30}),
  };
  globalThis.fetch = async (path, {method}) => {
    asked.push(`${method} ${path}`);
    return answers[`${method} ${path}`]();
  };
  const picture = {localName: 'svg', children: []};
  globalThis.DOMParser = class {
    parseFromString() {
      return {documentElement: picture};
    }
  };
  globalThis.document = Object.assign(new EventTarget(), {adoptNode: node => node});
  globalThis.addEventListener = () => {};
  globalThis.removeEventListener = () => {};
});

afterEach(() => {
  mock.timers.reset();
  mock.reset();
});

const begin = async () => {
  const login = startLogin({
    code: {replaceChildren() {}},
    connection,
    onState: state => seen.push(`${state.state} ${state.version}`),
    onGrant: grant => grants.push(grant.grantCode),
  });
  // The digest of the verifier is made outside this thread.
  while (seen.length === 0) {
    await new Promise(resolve => setImmediate(resolve));
  }
  return login;
};

test('without a socket it asks every three seconds, and collects', async () => {
  await begin();
  await after(2999);
  assert.equal(polls(), 0);
  answers[`GET /v1/logins/${TICKET}`] = () => reply(200, stateOf('CONFIRMED', 3));
  await after(1);
  assert.deepEqual(seen, ['ISSUED 1', 'CONFIRMED 3']);
  assert.deepEqual(grants, ['g']);
  answers[`GET /v1/logins/${TICKET}`] = () => reply(200, stateOf('SCANNED', 2));
  await after(3000);
  assert.equal(polls(), 2);
  assert.deepEqual(seen, ['ISSUED 1', 'CONFIRMED 3']);
});

test('asked to slow down it waits five seconds', async () => {
  await begin();
  answers[`GET /v1/logins/${TICKET}`] = () => reply(429, {type: '/problems/slow-down'});
  await after(3000);
  assert.equal(polls(), 1);
  await after(3000);
  assert.equal(polls(), 1);
  await after(3000);
  assert.equal(polls(), 2);
});

test('the last state ends the asking', async () => {
  await begin();
  answers[`GET /v1/logins/${TICKET}`] = () =>
    reply(410, {type: '/problems/ticket-gone', state: 'DENIED'});
  await after(3000);
  assert.equal(seen.at(-1), 'DENIED Infinity');
  await after(60_000);
  assert.equal(polls(), 1);
});

test('with a socket it listens, and asks only while the socket is away', async () => {
  let follower;
  connection = {state: 'open', follow: (channel, handlers) => ((follower = {channel, ...handlers}), {unfollow() {}})};
  await begin();
  assert.equal(follower.channel, `login:${TICKET}`);
  await after(6000);
  assert.equal(polls(), 0);
  follower.onMessage({data: stateOf('SCANNED', 2)});
  follower.onState(stateOf('ISSUED', 1));
  connection.state = 'connecting';
  answers[`GET /v1/logins/${TICKET}`] = () => reply(200, stateOf('CONFIRMED', 3));
  await after(3000);
  await settle();
  assert.deepEqual(seen, ['ISSUED 1', 'SCANNED 2', 'CONFIRMED 3']);
});
