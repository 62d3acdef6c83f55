/**
 * A page on a bad network against a real server: requests fail, answers are cut, the page sleeps and changes its mind about
 * channels, and tokens end. Every message has to arrive once and in order, on three channels.
 *
 *     node network-chaos.mjs <client> <port> <key> <transport> <seed>
 */
import assert from 'node:assert/strict';

const [client, port, key, transport, seed] = process.argv.slice(2);
const MESSAGES = 300;
const {connect} = await import(client);

// Linear congruential: the same seed makes the same decisions.
let state = Number(seed);
const random = () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

const page = new EventTarget();
globalThis.addEventListener = page.addEventListener.bind(page);

async function call(path, body) {
  const response = await fetch(`http://localhost:${port}${path}`, {
    method: 'POST',
    headers: {Authorization: `Bearer ${key}`, 'Content-Type': 'application/json'},
    body: JSON.stringify(body)
  });
  assert.ok(response.ok, await response.clone().text());
  return response.json();
}
const token = async grant => (await call('/v1/tokens', grant)).token;
const publish = (channel, data) => call(`/v1/channels/${channel}/messages`, {event: 'number', data});

/** Exchanges that can be cut. */
const exchanges = new Set();
function unreliableFetch(url, init) {
  if (random() < 0.05) {
    return Promise.reject(new TypeError('the network failed'));
  }
  const exchange = new AbortController();
  exchanges.add(exchange);
  init.signal.addEventListener('abort', () => {
    exchanges.delete(exchange);
    exchange.abort(init.signal.reason);
  });
  return fetch(url, {...init, signal: exchange.signal});
}

const user = `chaos-${transport}-${seed}`;
const channels = [`topic:${user}`, `user:${user}`, 'everyone'];
const seen = new Map(channels.map(channel => [channel, []]));
const troubles = [];
const h = connect(`ws://localhost:${port}/ws`, {
  transports: [transport],
  fetch: unreliableFetch,
  token: () => token({user, ttl: '20s'})
});
h.addEventListener('gap', event => troubles.push(event.detail));
h.addEventListener('closed', event => troubles.push(event.detail));
h.on('number', message => seen.get(message.channel)?.push(message.data));

const subscribed = new Promise(resolve => h.on('first', resolve));
h.subscribe(channels[0], {token: () => token({channels: [channels[0]], ttl: '5s'})});
const first = setInterval(() => call(`/v1/channels/${channels[0]}/messages`, {event: 'first', data: 0}), 200);
await subscribed;
clearInterval(first);

const others = [];
for (let number = 1; number <= MESSAGES; number++) {
  await Promise.all(channels.map(channel => publish(channel, number)));
  const chance = random();
  if (chance < 0.03) {
    exchanges.forEach(exchange => exchange.abort(new TypeError('the connection was cut')));
  } else if (chance < 0.05) {
    page.dispatchEvent(new Event('pagehide'));
    await pause(random() * 100);
    page.dispatchEvent(new Event('pageshow'));
  } else if (chance < 0.1) {
    const name = `topic:other-${Math.floor(random() * 5)}`;
    others.push(h.subscribe(name, {token: () => token({channels: [name]})}));
  } else if (chance < 0.15 && others.length > 0) {
    others.splice(Math.floor(random() * others.length), 1)[0].unsubscribe();
  }
  await pause(random() * 20);
}
for (let i = 0; i < 600 && [...seen.values()].some(numbers => numbers.at(-1) !== MESSAGES); i++) {
  await pause(100);
}
const all = Array.from({length: MESSAGES}, (_, i) => i + 1);
for (const [channel, numbers] of seen) {
  assert.deepEqual(numbers, all, channel);
}
assert.deepEqual(troubles, []);
assert.equal(h.transport, transport);
process.exit(0);
