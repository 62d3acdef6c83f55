// How long a push to one node takes to a browser on another, and how many a second go that way.
//
//   node --experimental-websocket across-nodes.mjs <where it is pushed> <where the browser is> <API key>
//
// Both may be the same node. Needs Node.js 20.10 or later.
const [pushed, followed, key] = process.argv.slice(2);
const WARM = 3_000;
const SINGLE = 3_000;
const STREAMED = 50_000;

const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
const user = `across-${process.pid}`;
const { token } = await (
  await fetch(`${followed}/v1/tokens`, { method: 'POST', headers, body: JSON.stringify({ user, ttl: '10m' }) })
).json();

const socket = new WebSocket(`${followed.replace('http', 'ws')}/ws`, ['heliograph.v1.json', `bearer.${token}`]);
let arrived = () => {};
let count = 0;
await new Promise((resolve, reject) => {
  socket.onerror = () => reject(new Error('no socket'));
  socket.onmessage = ({ data }) => {
    const frame = JSON.parse(data);
    if (frame.type === 'welcome') {
      resolve();
    } else if (frame.type === 'message') {
      count++;
      arrived(frame);
    }
  };
});

async function one() {
  const begin = performance.now();
  const seen = new Promise(resolve => (arrived = () => resolve(performance.now() - begin)));
  const answer = await fetch(`${pushed}/v1/channels/user:${user}/messages`, {
    method: 'POST', headers, body: '{"event":"bench","data":"0123456789012345678901234567890123456789"}',
  });
  await answer.arrayBuffer();
  if (answer.status !== 202) {
    throw new Error(`refused: ${answer.status}`);
  }
  return seen;
}

for (let i = 0; i < WARM; i++) {
  await one();
}
const times = [];
for (let i = 0; i < SINGLE; i++) {
  times.push(await one());
}
times.sort((a, b) => a - b);
const at = share => times[Math.floor(times.length * share)].toFixed(2);
console.log(`one after the other, until the browser has it: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);

for (let round = 0; round < 3; round++) {
  count = 0;
  const all = new Promise(resolve => (arrived = () => count === STREAMED && resolve()));
  const line = JSON.stringify({ channel: `user:${user}`, event: 'bench', data: '0123456789012345678901234567890123456789' });
  const begin = performance.now();
  const answer = await fetch(`${pushed}/v1/messages`, {
    method: 'POST', headers: { ...headers, 'Content-Type': 'application/x-ndjson' }, body: `${line}\n`.repeat(STREAMED),
  });
  await answer.arrayBuffer();
  await Promise.race([all, new Promise(resolve => setTimeout(resolve, 10_000))]);
  const seconds = (performance.now() - begin) / 1000;
  console.log(`streamed: ${Math.round(count / seconds)} a second reached the browser (${count} of ${STREAMED})`);
}
socket.close();
process.exit(0);
