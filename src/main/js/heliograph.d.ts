/** One pushed message. */
export interface Message<T = any> {
  readonly channel: string;
  /** Where it stands in its channel; opaque. */
  readonly position: string;
  readonly id: string;
  readonly event: string;
  /** The user whose client published it, as the server knows; undefined: a backend did. */
  readonly from?: string;
  readonly data: T;
  /** RFC 3339, UTC. */
  readonly time: string;
}

/** Why something was refused, RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  /** With status 429: when to try again. */
  retryAfterMs?: number;
}

/** What `authenticate` and iterations fail with. */
export interface HeliographError extends Error {
  problem?: Problem;
  /** The close code, where the server closed for good. */
  code?: number;
}

/** What a token function is told. */
export interface TokenRequest {
  /** The channel that the token is for; undefined: the log-in. */
  channel: string | undefined;
  /** Aborted after 20 s: the token comes too late. */
  signal: AbortSignal;
  /** The `fetch` of the options, else the global one. */
  fetch: typeof globalThis.fetch;
}

/**
 * A token, or a function that answers one. The function is asked when a token is needed: its answer is kept until it
 * ends and renewed before. No token (undefined, null or empty): anonymous.
 */
export type Token =
  | string
  | ((request: TokenRequest) => string | null | undefined | Promise<string | null | undefined>);

/** The next message of the channel waits until the promise is settled. */
export type MessageHandler<T = any> = (message: Message<T>) => unknown;

/** Messages were lost: fetch your state anew. */
export interface Gap {
  channel: string;
  position: string;
}

export interface Trouble {
  channel?: string;
  problem?: Problem;
  error?: unknown;
}

export interface Login {
  /** Undefined: the token names channels only. */
  user: string | undefined;
  /** RFC 3339, by the server's clock. */
  expires: string;
}

/** As much of `Storage` as is used. */
export interface PositionStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface SignalOption {
  signal?: AbortSignal | undefined;
}

/** What carries a connection. The latter two do where networks let no WebSocket through. */
export type Transport = 'websocket' | 'sse' | 'poll';

export interface ConnectOptions {
  /** Who you are; none: anonymous. A function makes renewals possible. */
  token?: Token | undefined;
  /** Keeps the positions over a reload of the page; `sessionStorage` is the one that fits. */
  storage?: PositionStorage | undefined;
  /** A message counts as handled when you call `ack`, not when the handlers are done. */
  manualAck?: boolean | undefined;
  /** Closes the connection when it is aborted. */
  signal?: AbortSignal | undefined;
  /** Every frame and event, without tokens: to `console.debug`, or to a function. */
  debug?: boolean | ((text: string, detail?: unknown) => void) | undefined;
  /** `heliograph/tabs` only: false is a connection of this tab's own. */
  shareTabs?: boolean | undefined;
  /** The constructor of sockets; by default the global one. */
  WebSocket?: (new (url: string, protocols: string[]) => any) | undefined;
  /** What token functions and the transports `sse` and `poll` ask with; by default the global one. */
  fetch?: typeof globalThis.fetch | undefined;
  /** What may carry the connection, in the order in which it is tried; by default all. Not in `heliograph/core`. */
  transports?: Transport[] | undefined;
  /** The addresses of the other two transports; by default `events` and `poll` beside the address of the WebSocket. */
  endpoints?: { sse?: string | URL | undefined; poll?: string | URL | undefined } | undefined;
}

export interface SendOptions extends SignalOption {
  /**
   * Wait for the connection and for those before it, up to 100; without it, what is asked while there is no connection
   * fails at once. A message whose answer was lost with the connection is sent again, once only appended; a call or an
   * upload is not, since it may have had its effect.
   */
  queue?: boolean | undefined;
  /** Fails with a `TimeoutError` after so many milliseconds. */
  timeout?: number | undefined;
}

/** What names a message or call to the server and the backend, so that a repetition has no second effect. */
export interface KeyOption {
  idempotencyKey?: string | undefined;
}

/** Where a message stands that was published. */
export interface Published {
  message: string;
  position: string;
}

export interface UploadOptions extends SendOptions {
  name: string;
  /** By default the type of the blob. */
  contentType?: string | undefined;
  onProgress?: ((progress: { sent: number; size: number }) => unknown) | undefined;
}

export interface SubscribeOptions<T = any, S = any> {
  /** The capability: `login:` needs the watch token, `topic:` a token that names it. */
  token?: Token | undefined;
  /** Begin after this position. */
  since?: string | undefined;
  /** Ends the subscription when it is aborted. */
  signal?: AbortSignal | undefined;
  onMessage?: MessageHandler<T> | undefined;
  /** The snapshot that a channel may have, at each (re)connect and before the messages after it. */
  onState?: ((state: S) => unknown) | undefined;
  onGap?: ((gap: Gap) => unknown) | undefined;
  /** The server refused, the right ended and could not be renewed, or there was no token. */
  onError?: ((trouble: Trouble) => unknown) | undefined;
}

/**
 * A subscription. `for await (const message of subscription)` hands on one message at a time: it counts as handled when
 * the loop asks for the next one. Leaving the loop unsubscribes. A refusal is thrown.
 */
export interface Subscription<T = any> extends AsyncIterable<Message<T>> {
  readonly channel: string;
  unsubscribe(): void;
  /** The same. */
  unfollow(): void;
}

/** @deprecated the older name of `SubscribeOptions` */
export type FollowOptions<T = any, S = any> = SubscribeOptions<T, S>;
/** @deprecated the older name of `Subscription` */
export type Follower<T = any> = Subscription<T>;

export interface HeliographEventMap {
  /** A connection is being opened; `attempt` counts since the last good one. */
  connecting: CustomEvent<{ attempt: number }>;
  /** The server said welcome: the first time and after each reconnect. */
  open: CustomEvent<{ session: string; user?: string; transport: Transport }>;
  message: CustomEvent<Message>;
  gap: CustomEvent<Gap>;
  /** Something failed that stops nothing: a refused request, an unreadable frame, a handler that threw. */
  error: CustomEvent<Trouble & { message: string }>;
  /** The browser says that there is no network. */
  offline: CustomEvent<{}>;
  /** The connection is lost; the next try comes after `delay` milliseconds. */
  reconnecting: CustomEvent<{ attempt: number; delay: number; code: number; reason: string }>;
  /** Closed for good. */
  closed: CustomEvent<{ code: number; reason: string; problem?: Problem; final: true }>;
}

/** Event names and the data that comes with them: `connect<{greeting: {text: string}}>()`. */
export type MessageTypes = Record<string, any>;

type Listener<E> = ((event: E) => unknown) | { handleEvent(event: E): unknown };

interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: AbortSignal;
}

/** The connection as the page sees it, over as many sockets as it takes. */
export class Heliograph<M extends object = MessageTypes> extends EventTarget {
  private constructor();
  /** This session's id; a new one after each reconnect. */
  readonly session: string | undefined;
  /** Undefined: anonymous. */
  readonly user: string | undefined;
  /** What carries the connection; undefined before the first `open`. */
  readonly transport: Transport | undefined;
  readonly state: 'connecting' | 'open' | 'waiting' | 'closed';

  /** Handles messages by event name, on any channel; answers how to take the handler away. */
  on<K extends keyof M & string>(event: K, handler: MessageHandler<M[K]>, options?: SignalOption): () => void;
  on<T>(event: string extends keyof M ? string : never, handler: MessageHandler<T>, options?: SignalOption): () => void;
  /** Subscribes to a channel until `unsubscribe()`, over reconnects too. */
  subscribe<T = any, S = any>(channel: string, options?: SubscribeOptions<T, S>): Subscription<T>;
  /** The same. */
  follow<T = any, S = any>(channel: string, options?: SubscribeOptions<T, S>): Subscription<T>;
  /** With `manualAck`: this message and all before it on its channel were handled. */
  ack(message: Message): void;
  /** Logs in or renews on the open socket; an accepted token serves later reconnects too, a refused one changes nothing. */
  authenticate(token: Token, options?: SignalOption): Promise<Login>;
  /** Appends a message to a topic that the token's `publish` names. Not in `heliograph/core`. */
  publish(channel: string, event: string, data: any, options?: SendOptions & KeyOption): Promise<Published>;
  /** Calls a method of the backend; fails with its problem. Not in `heliograph/core`. */
  call<T = any>(method: string, data?: any, options?: SendOptions & KeyOption): Promise<T>;
  /** Streams bytes to the backend, through a WebSocket only. Not in `heliograph/core`. */
  upload<T = any>(source: Blob | ArrayBuffer | ArrayBufferView | ReadableStream, options: UploadOptions): Promise<T>;
  /** For good. */
  close(): void;

  addEventListener<K extends keyof HeliographEventMap>(
    type: K,
    listener: Listener<HeliographEventMap[K]> | null,
    options?: boolean | ListenerOptions
  ): void;
  addEventListener(type: string, listener: Listener<any> | null, options?: boolean | ListenerOptions): void;
  removeEventListener<K extends keyof HeliographEventMap>(
    type: K,
    listener: Listener<HeliographEventMap[K]> | null,
    options?: boolean | { capture?: boolean }
  ): void;
  removeEventListener(type: string, listener: Listener<any> | null, options?: boolean | { capture?: boolean }): void;
}

/**
 * Opens a connection that stays until `close()` or until the server says not to come back.
 *
 * @param url by default the `/ws` beside the module
 */
export function connect<M extends object = MessageTypes>(
  url?: string | URL | undefined,
  options?: ConnectOptions | undefined
): Heliograph<M>;
