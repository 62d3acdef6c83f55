/** useChannel in Vue. Run where the packages are: see FrameworkTests. */
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {effectScope, nextTick, ref} from 'vue';
import {connect} from 'heliograph';
import {useChannel} from 'heliograph/vue';
import {fakeServer, soon} from './server.mjs';

let server;
let heliograph;
let scope;
const use = async (...args) => {
  const used = scope.run(() => useChannel(...args));
  await soon();
  return used;
};
const texts = ({messages}) => messages.value.map(message => message.data);

beforeEach(() => {
  server = fakeServer();
  heliograph = connect('ws://push.example/ws', {WebSocket: server.Socket, transports: ['websocket']});
  scope = effectScope();
});
afterEach(() => {
  scope.stop();
  heliograph.close();
});

test('shows what is published, and unsubscribes when its scope ends', async () => {
  const news = await use(heliograph, 'topic:a', {keep: 2});
  assert.deepEqual(news.state.value, {channel: 'topic:a'});
  for (const text of ['a', 'b', 'c']) {
    server.publish('topic:a', text);
  }
  assert.deepEqual(texts(news), ['b', 'c']);
  scope.stop();
  await soon();
  assert.deepEqual([...server.followed.keys()], []);
});

test('another channel takes the place of the first', async () => {
  const channel = ref('topic:a');
  const news = await use(() => heliograph, channel);
  server.publish('topic:a', 'old');
  channel.value = 'topic:b';
  await nextTick();
  await soon();
  assert.deepEqual(texts(news), []);
  assert.deepEqual([...server.followed.keys()], ['topic:b']);
  channel.value = undefined;
  await nextTick();
  await soon();
  assert.deepEqual([...server.followed.keys()], []);
});

test('tells a gap and a refusal', async () => {
  const gaps = [];
  const news = await use(heliograph, 'topic:a', {onGap: gap => gaps.push(gap)});
  server.says({type: 'gap', channel: 'topic:a', position: 'e:9'});
  assert.deepEqual([news.gap.value.position, gaps.length], ['e:9', 1]);
  const refused = await use(heliograph, 'topic:b', {token: 'refused'});
  assert.equal(refused.error.value.status, 403);
});

test('without a connection, as on a server, there is nothing', async () => {
  const news = await use(null, 'topic:a');
  assert.deepEqual(texts(news), []);
});
