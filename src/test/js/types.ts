// Uses every declaration of heliograph.d.ts. Checked by `tsc --strict --exactOptionalPropertyTypes`; never run.
import {
  connect, Heliograph,
  type ConnectOptions, type Follower, type FollowOptions, type Gap, type HeliographError, type HeliographEventMap,
  type KeyOption, type Login, type Message, type MessageHandler, type MessageTypes, type PositionStorage, type Problem,
  type Published, type SendOptions, type SignalOption, type UploadOptions, type SubscribeOptions, type Subscription, type Token, type TokenRequest,
  type Transport, type Trouble
} from '../../main/js/heliograph.js';

interface Greeting { text: string }
interface Price { symbol: string; price: number }
interface Messages { greeting: Greeting; price: Price }

const maybe: string | undefined = Math.random() > 0.5 ? 'token' : undefined;
const storage: PositionStorage = sessionStorage;
const {signal} = new AbortController();

// Every option may be left out, and may be undefined.
const none: ConnectOptions = {
  token: undefined, storage: undefined, manualAck: undefined, signal: undefined, debug: undefined,
  WebSocket: undefined, fetch: undefined, transports: undefined, endpoints: undefined, shareTabs: undefined
};
const all: ConnectOptions = {
  token: async ({channel, signal, fetch}: TokenRequest) =>
    (await fetch(`/token?for=${channel ?? ''}`, {signal})).text(),
  storage, manualAck: true, signal, debug: (text: string, detail?: unknown) => console.log(text, detail), WebSocket, fetch,
  transports: ['websocket', 'sse', 'poll'], endpoints: {sse: '/events', poll: new URL('https://push.example/poll')}, shareTabs: false
};
connect();
connect('/ws', none);
connect(new URL('wss://push.example/ws'), {token: maybe, debug: true});
const tokens: Token[] = ['text', () => 'text', () => undefined, async () => null];

// Without an event map any event goes, with the data's type at the handler.
const any = connect('/ws', all);
any.on<Greeting>('greeting', message => message.data.text.length);
any.on('whatever', message => message.data.anything);

// With one, names and data are checked.
const h: Heliograph<Messages> = connect<Messages>('/ws');
const off: () => void = h.on('price', ({data}) => data.price.toFixed(), {signal});
off();
// @ts-expect-error there is no such event
h.on('prise', () => {});
// @ts-expect-error a price is a number
h.on('price', ({data}) => data.price.length);
// @ts-expect-error made by connect alone
new Heliograph('/ws', {});

const handler: MessageHandler<Price> = async (message: Message<Price>) => {
  const {channel, position, id, event, time}: Message = message;
  console.log(channel, position, id, event, time, message.data.symbol);
  h.ack(message);
};
// @ts-expect-error a message cannot be changed
const change = (message: Message) => { message.position = ''; };

const options: SubscribeOptions<Price, {open: boolean}> = {
  token: maybe, since: undefined, signal: undefined, onMessage: handler,
  onState: state => state.open === true,
  onGap: ({channel, position}: Gap) => console.log(channel, position),
  onError: ({channel, problem, error}: Trouble) => console.log(channel, problem?.status, error)
};
const subscription: Subscription<Price> = h.subscribe('topic:prices', options);
const follower: Follower<Price> = h.follow('topic:prices', options satisfies FollowOptions<Price, {open: boolean}>);
subscription.unsubscribe();
follower.unfollow();
console.log(subscription.channel);

async function loop() {
  try {
    for await (const message of h.subscribe<Price>('topic:prices', {signal})) {
      console.log(message.data.price.toFixed());
    }
  } catch (error) {
    const {problem, code} = error as HeliographError;
    console.log(problem satisfies Problem | undefined, problem?.type, problem?.title, problem?.detail, code?.toFixed());
  }
}

const abortable: SignalOption = {signal};
h.authenticate('token', abortable).then(({user, expires}: Login) => console.log(user, Date.parse(expires)));

const sending: SendOptions & KeyOption = {queue: true, timeout: 5000, signal, idempotencyKey: maybe};
h.publish('topic:room', 'chat', {text: 'hi'}, sending).then(({message, position}: Published) => console.log(message, position));
h.call<{cancelled: boolean}>('order.cancel', {order: 1}).then(answer => answer.cancelled satisfies boolean);
const upload: UploadOptions = {name: 'voice', contentType: maybe, onProgress: ({sent, size}) => sent / size};
h.upload<string>(new Blob(['x']), upload).then(answer => answer.length);
h.upload(new Uint8Array(1), {name: 'x'});
h.upload(new Blob(['x']).stream(), {name: 'x', queue: undefined});
// @ts-expect-error an upload has a name
h.upload(new Blob(['x']), {});
const sender = (message: Message): string | undefined => message.from;
const wait = (problem: Problem): number | undefined => problem.retryAfterMs;

const lost = (event: HeliographEventMap['reconnecting']) => console.log(event.detail.attempt, event.detail.delay);
h.addEventListener('reconnecting', lost, {once: true, signal});
h.removeEventListener('reconnecting', lost);
h.addEventListener('connecting', event => event.detail.attempt.toFixed());
h.addEventListener('open', ({detail: {session, user, transport}}) =>
  console.log(session.length, user?.length, transport satisfies Transport));
h.addEventListener('message', event => event.detail.channel.length);
h.addEventListener('gap', event => event.detail.position.length);
h.addEventListener('error', ({detail: {message, channel, problem, error}}) => console.warn(message, channel, problem, error));
h.addEventListener('offline', event => event.type);
h.addEventListener('closed', ({detail: {code, reason, problem, final}}) =>
  console.log(code.toFixed(), reason, problem?.status, final satisfies true));
h.addEventListener('closed', {handleEvent: event => event.detail.code});
h.addEventListener('something else', event => console.log(event));
// @ts-expect-error a reason is a text
h.addEventListener('closed', event => event.detail.reason.toFixed());

const target: EventTarget = h;
const state: 'connecting' | 'open' | 'waiting' | 'closed' = h.state;
const [session, user]: [string | undefined, string | undefined] = [h.session, h.user];
const transport: Transport | undefined = h.transport;
const types: MessageTypes = {greeting: {text: ''}};
h.close();
export {change, loop, sender, session, state, target, tokens, transport, types, user, wait};
