/** useChannel in React, rendered. Run where the packages are: see FrameworkTests. */
import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {JSDOM} from 'jsdom';
import {fakeServer, soon} from './server.mjs';

const {window} = new JSDOM('<main></main>');
const {document, AbortController, AbortSignal} = window; // of one kind, as in a browser
Object.assign(globalThis, {window, document, AbortController, AbortSignal, IS_REACT_ACT_ENVIRONMENT: true});
globalThis.navigator ??= window.navigator;
const {act, createElement, StrictMode} = await import('react');
const {createRoot} = await import('react-dom/client');
const {connect} = await import('heliograph');
const {useChannel} = await import('heliograph/react');

let server;
let heliograph;
let root;
let view;
let renders;

function News({channel, on = heliograph, ...options}) {
  renders++;
  view = useChannel(on, channel, options);
  return createElement('ul', null, view.messages.map(({id, data}) => createElement('li', {key: id}, data)));
}
const show = props => act(async () => {
  root.render(createElement(StrictMode, null, createElement(News, props)));
  await soon();
});
const publish = (...args) => act(async () => {
  server.publish(...args);
  await soon();
});
const shown = () => document.querySelector('main').textContent;

beforeEach(() => {
  server = fakeServer();
  heliograph = connect('ws://push.example/ws', {WebSocket: server.Socket, transports: ['websocket']});
  root = createRoot(document.querySelector('main'));
  renders = 0;
});
afterEach(async () => {
  await act(async () => root.unmount());
  heliograph.close();
});

test('shows what is published, and unsubscribes when it is gone', async () => {
  await show({channel: 'topic:a'});
  assert.deepEqual(view.state, {channel: 'topic:a'});
  await publish('topic:a', 'one ');
  await publish('topic:a', 'two');
  assert.equal(shown(), 'one two');
  await act(async () => root.unmount());
  await soon();
  assert.deepEqual([...server.followed.keys()], []);
});

test('another channel takes the place of the first', async () => {
  await show({channel: 'topic:a'});
  await publish('topic:a', 'old');
  await show({channel: 'topic:b'});
  assert.equal(shown(), '');
  assert.deepEqual([...server.followed.keys()], ['topic:b']);
  await show({channel: undefined});
  assert.deepEqual([...server.followed.keys()], []);
});

test('new functions in each render subscribe once, and the latest is called', async () => {
  const called = [];
  await show({channel: 'topic:a', token: () => 'first', onMessage: () => called.push('first')});
  const token = server.followed.get('topic:a');
  await show({channel: 'topic:a', token: () => 'second', onMessage: () => called.push('second')});
  await publish('topic:a', 'x');
  assert.equal(token, 'first');
  assert.equal(server.followed.get('topic:a'), 'first');
  assert.deepEqual(called, ['second']);
});

test('keeps as many messages as it is told to', async () => {
  await show({channel: 'topic:a', keep: 2});
  for (const text of ['a', 'b', 'c']) {
    await publish('topic:a', text);
  }
  assert.equal(shown(), 'bc');
});

test('tells a gap and a refusal', async () => {
  await show({channel: 'topic:a'});
  await act(async () => server.says({type: 'gap', channel: 'topic:a', position: 'e:9'}));
  assert.equal(view.gap.position, 'e:9');
  await show({channel: 'topic:b', token: 'refused'});
  assert.equal(view.error.status, 403);
});

test('without a connection, as on a server, there is nothing', async () => {
  await show({channel: 'topic:a', on: null});
  assert.deepEqual([view.messages, renders > 0], [[], true]);
});
