/** One pushed thing. */
export interface Message<T = any> {
  readonly channel: string;
  /** Where it stands in its channel; opaque. */
  readonly position: string;
  readonly id: string;
  readonly event: string;
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
}

/** A token, or who to ask for one; asked anew each time one is needed. */
export type Token = string | (() => string | Promise<string>);

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

export interface ConnectOptions {
  /** Who you are; none: anonymous. A function makes renewals possible. */
  token?: Token;
  /** Keeps the positions over a reload of the page; `sessionStorage` is the one that fits. */
  storage?: Storage;
  /** A message counts as handled when you call `ack`, not when the handlers are done. */
  manualAck?: boolean;
}

export interface FollowOptions<T = any, S = any> {
  /** The capability: `login:` needs the watch token, `topic:` a token that names it. */
  token?: Token;
  /** Begin after this position. */
  since?: string;
  onMessage?: MessageHandler<T>;
  /** The snapshot that a channel may have, at each (re)connect and before the messages after it. */
  onState?: (state: S) => unknown;
  onGap?: (gap: Gap) => unknown;
  /** The server refused, or there was no token. */
  onError?: (trouble: Trouble) => unknown;
}

export interface Follower {
  readonly channel: string;
  unfollow(): void;
}

export interface HeliographEventMap {
  /** The server said welcome: the first time and after each reconnect. */
  open: CustomEvent<{ session: string; user?: string }>;
  message: CustomEvent<Message>;
  gap: CustomEvent<Gap>;
  /** Something failed that stops nothing: a refused request, an unreadable frame, a handler that threw. */
  error: CustomEvent<Trouble & { message: string }>;
  /** The line is lost; the next try comes after `delay` milliseconds. */
  reconnecting: CustomEvent<{ attempt: number; delay: number; code: number; reason: string }>;
  /** Closed for good. */
  closed: CustomEvent<{ code: number; reason: string; final: true }>;
}

export class Heliograph extends EventTarget {
  private constructor();
  /** This session's id; a new one after each reconnect. */
  readonly session: string | undefined;
  /** Undefined: anonymous. */
  readonly user: string | undefined;
  readonly state: 'connecting' | 'open' | 'waiting' | 'closed';

  /** Handles messages by event name, on any channel; answers how to take the handler away. */
  on<T = any>(event: string, handler: MessageHandler<T>): () => void;
  follow<T = any, S = any>(channel: string, options?: FollowOptions<T, S>): Follower;
  /** With `manualAck`: this message and all before it on its channel were handled. */
  ack(message: Message): void;
  /** Logs in or renews on the open socket; an accepted token serves later reconnects too. */
  authenticate(token: Token): Promise<{ user: string; expires: string }>;
  /** For good. */
  close(): void;

  addEventListener<K extends keyof HeliographEventMap>(
    type: K,
    listener: (event: HeliographEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions
  ): void;
}

/** Opens a connection that stays until `close()` or until the server says not to come back. */
export function connect(url?: string | URL, options?: ConnectOptions): Heliograph;
