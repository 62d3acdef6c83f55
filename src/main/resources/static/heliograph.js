// @ts-check
/**
 * Heliograph's browser client: the last step of a message's journey, from the socket to your handlers.
 *
 * It keeps one WebSocket open, comes back when the line breaks, and resumes every channel where it stopped: each
 * message once and in order, or a gap that says so. Nothing to install or build:
 *
 *     import {connect} from '/heliograph.js';
 *     const h = connect();
 *     h.on('greeting', message => console.log(message.data));
 *
 * @module heliograph
 */

/** @typedef {import('./heliograph.d.ts').Message} Message */
/** @typedef {import('./heliograph.d.ts').Problem} Problem */
/** @typedef {import('./heliograph.d.ts').Token} Token */
/** @typedef {import('./heliograph.d.ts').Follower} Follower */
/** @typedef {import('./heliograph.d.ts').MessageHandler} MessageHandler */
/** @typedef {import('./heliograph.d.ts').ConnectOptions} ConnectOptions */
/** @typedef {import('./heliograph.d.ts').FollowOptions} FollowOptions */
/** @typedef {{user: string, expires: string}} Login */
/** @typedef {Record<string, any> & {type: string}} Frame */

const PROTOCOL = 'heliograph.v1.json';

/** Close codes after which coming back would meet the same answer. */
const FINAL = new Set([1000, 1002, 1003, 1007, 1008, 1009, 4400, 4401, 4403, 4409]);
const TOKEN_REFUSED = 4401;

const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 30_000;
/** The longest hint that is believed, so that a wrong one cannot silence the page. */
const LONGEST_HINT_MS = 600_000;
/** A line that lived this long was a good one: the next failure starts from the shortest wait again. */
const STABLE_MS = 10_000;
/** From asking for the token to the welcome. */
const OPENING_MS = 20_000;
const PONG_MS = 10_000;
const DEFAULT_HEARTBEAT_MS = 25_000;
/** Acknowledgements are cumulative, so a burst of messages needs few of them. */
const FLUSH_MS = 100;
/** Frames that may leave at once, and the pace after that: a page with many channels stays below the server's limit. */
const BURST = 20;
const PACE_MS = 50;
/** Messages that wait for a slow handler, for each channel. What comes after them is read from the log later. */
const MAX_WAITING = 1000;
const MAX_STORED = 100;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** @param {number} attempt */
const fullJitter = attempt =>
  Math.random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 16));

/**
 * Whether a position comes after another. Within an epoch offsets grow; another epoch is another log, which only
 * the server can have begun, so it counts as after.
 *
 * @param {string} one
 * @param {string} other
 */
function isAfter(one, other) {
  const colon = one.lastIndexOf(':');
  return one.slice(0, colon) !== other.slice(0, other.lastIndexOf(':'))
    || Number(one.slice(colon + 1)) > Number(other.slice(colon + 1));
}

/**
 * When a JWT ends, in milliseconds; undefined when it does not say. Read for planning, not for trust.
 *
 * @param {string} token
 */
function expiryOf(token) {
  try {
    const claims = JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
    return typeof claims.exp === 'number' ? claims.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

/** The channels that the server makes a session follow by itself. @param {string} channel */
const isAutomatic = channel => channel === 'everyone' || /^(user|session):/.test(channel);

/** One WebSocket, from its constructor to its end, which is told exactly once. */
class Line {
  /** The welcome came: requests may be sent. */
  ready = false;
  #socket;
  #onEnd;
  #ended = false;
  #heartbeat = DEFAULT_HEARTBEAT_MS;
  #heard = Date.now();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watch;
  #probing = false;
  /** @type {string[]} */
  #outbox = [];
  #burst = BURST;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pacer;

  /**
   * @param {string} url
   * @param {string[]} protocols
   * @param {(line: Line, data: unknown) => void} onData
   * @param {(line: Line, code: number, reason: string) => void} onEnd
   */
  constructor(url, protocols, onData, onEnd) {
    this.#onEnd = onEnd;
    this.#socket = new WebSocket(url, protocols);
    this.#socket.onmessage = event => {
      if (!this.#ended) {
        this.#heard = Date.now();
        this.#probing = false;
        onData(this, event.data);
      }
    };
    this.#socket.onclose = event => this.end(event.code, event.reason);
  }

  /** @param {unknown} heartbeat */
  welcomed(heartbeat) {
    this.ready = true;
    if (typeof heartbeat === 'number' && heartbeat >= 1000) {
      this.#heartbeat = Math.min(heartbeat, BACKOFF_CAP_MS * 10);
    }
    this.#watchIn(2 * this.#heartbeat);
  }

  /** @param {Frame} frame */
  send(frame) {
    this.#outbox.push(JSON.stringify(frame));
    this.#write();
  }

  /** Finds out soon whether the line still stands: the page woke up, or the network changed. */
  probe() {
    if (this.#socket.readyState > 1) {
      this.end(1006, 'gone while the page slept');
    } else if (this.ready && !this.#probing) {
      this.#ping();
    }
  }

  /**
   * Ends the line at once. A dead socket may take minutes to say that it closed, so it is not waited for.
   *
   * @param {number} code
   * @param {string} reason
   */
  end(code, reason) {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    this.ready = false;
    clearTimeout(this.#watch);
    clearTimeout(this.#pacer);
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    try {
      this.#socket.close(1000);
    } catch {
      // A socket that is closed already needs no closing.
    }
    this.#onEnd(this, code, reason);
  }

  /** @param {number} delay */
  #watchIn(delay) {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      const silence = Date.now() - this.#heard;
      if (silence < 2 * this.#heartbeat) {
        this.#watchIn(2 * this.#heartbeat - silence);
      } else {
        this.#ping();
      }
    }, delay);
  }

  #ping() {
    this.#probing = true;
    this.send({type: 'ping'});
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      if (this.#probing) {
        this.end(1006, 'silence');
      } else {
        this.#watchIn(2 * this.#heartbeat);
      }
    }, PONG_MS);
  }

  #write() {
    while (this.#burst > 0 && this.#outbox.length > 0) {
      this.#burst--;
      try {
        this.#socket.send(/** @type {string} */ (this.#outbox.shift()));
      } catch {
        // The socket is closing; onclose tells.
      }
    }
    if (this.#pacer === undefined && this.#burst < BURST) {
      this.#pacer = setTimeout(() => {
        this.#pacer = undefined;
        this.#burst++;
        this.#write();
      }, PACE_MS);
    }
  }
}

/** One channel as this page sees it: who follows it, how far it came, and what waits to be handled. */
class Feed {
  /** @type {Set<FollowOptions>} */
  followers = new Set();
  /** @type {Token | undefined} */
  token;
  /**
   * The newest position that was put in the queue. Resuming starts here and not at {@link handled}: what is in
   * the queue will be handled by this page, whatever becomes of the line.
   *
   * @type {string | undefined}
   */
  taken;
  /** Everything up to here was handled: what a reload of the page starts from. @type {string | undefined} */
  handled;
  /** Handled but not yet told to the server. @type {string | undefined} */
  ackDue;
  /** Following has begun on the present line. */
  live = false;
  /** The subscribe that is under way. @type {{id: string, since: string | undefined} | undefined} */
  request;
  /** The queue was full: read on from {@link taken} when it is empty. */
  behind = false;
  failures = 0;
  /** @type {Array<{position: string, message?: Message, deliver: () => unknown[]}>} */
  queue = [];
  draining = false;

  /** @param {string} channel */
  constructor(channel) {
    this.channel = channel;
  }
}

/** The positions that survive a reload, in a storage that may be full, broken or shared with other code. */
class Bookmarks {
  /** @type {Record<string, string>} */
  #positions = {};
  #storage;
  #key;

  /**
   * @param {Storage | undefined} storage
   * @param {string} key
   */
  constructor(storage, key) {
    this.#storage = storage;
    this.#key = key;
    try {
      const stored = JSON.parse(storage?.getItem(key) ?? '{}');
      this.#positions = Object.fromEntries(Object.entries(stored)
        .filter(([, position]) => typeof position === 'string')
        .slice(-MAX_STORED)
        .map(([channel, position]) => [channel, String(position)]));
    } catch {
      // Not ours or not readable: start without.
    }
  }

  /** @param {string} channel @returns {string | undefined} */
  get(channel) {
    return Object.hasOwn(this.#positions, channel) ? this.#positions[channel] : undefined;
  }

  /** @param {string} channel @param {string | undefined} position */
  put(channel, position) {
    delete this.#positions[channel]; // so that the newest stands last
    if (position !== undefined) {
      this.#positions[channel] = position;
    }
    for (const oldest of Object.keys(this.#positions).slice(0, -MAX_STORED)) {
      delete this.#positions[oldest];
    }
  }

  save() {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(this.#positions));
    } catch {
      // A full storage costs the positions after a reload and nothing else.
    }
  }
}

/** The connection as the page sees it, over as many sockets as it takes. Made by {@link connect}. */
export class Heliograph extends EventTarget {
  /** This session's id; a new one after each reconnect. @type {string | undefined} */
  session;
  /** Undefined: anonymous. @type {string | undefined} */
  user;
  /** @type {'connecting' | 'open' | 'waiting' | 'closed'} */
  state = 'connecting';

  #url;
  #token;
  #manualAck;
  #bookmarks;
  /** @type {Map<string, Feed>} */
  #feeds = new Map();
  /** @type {Map<string, Set<MessageHandler>>} */
  #handlers = new Map();
  /** @type {Line | undefined} */
  #line;
  #requests = 0;
  #attempt = 0;
  /** Counts openings, so that a token that comes too late opens nothing. */
  #opening = 0;
  #tokenRefused = false;
  /** @type {{reason: string, reconnectAfterMs: number | null} | undefined} */
  #bye;
  #notBefore = 0;
  /** How far the server's clock is ahead. */
  #skew = 0;
  /**
   * The log-in under way, one at a time; `id` once it is sent.
   *
   * @type {{token: Token, id?: string, resolve: (login: Login) => void, reject: (why: Error) => void} | undefined}
   */
  #login;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #next;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #stable;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #renewal;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #flushing;
  #flushAgain = false;
  #unwatch;

  /**
   * @param {string} url
   * @param {ConnectOptions} options
   */
  constructor(url, options) {
    super();
    this.#url = url;
    this.#token = options.token;
    this.#manualAck = options.manualAck ?? false;
    this.#bookmarks = new Bookmarks(options.storage, `heliograph ${url}`);
    this.#unwatch = this.#watchPage();
    // Not at once, so that listeners that are added right after are there in time, whatever happens.
    queueMicrotask(() => this.#open());
  }

  /**
   * Calls the handler for each message with this event name, on any channel. Messages of one channel are handled
   * one after the other; the next waits until the promises of all handlers are settled.
   *
   * @param {string} event
   * @param {MessageHandler} handler
   * @returns {() => void} takes the handler away again
   */
  on(event, handler) {
    const handlers = this.#handlers.get(event) ?? new Set();
    this.#handlers.set(event, handlers.add(handler));
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0 && this.#handlers.get(event) === handlers) {
        this.#handlers.delete(event);
      }
    };
  }

  /**
   * Follows a channel until `unfollow()`, over reconnects too.
   *
   * @param {string} channel
   * @param {FollowOptions} [options]
   * @returns {Follower}
   */
  follow(channel, options = {}) {
    const follower = {...options};
    const feed = this.#feed(channel);
    if (options.since !== undefined && feed.followers.size === 0 && !feed.live) {
      feed.taken = options.since;
      feed.handled = options.since;
    }
    feed.followers.add(follower);
    feed.token = options.token ?? feed.token;
    this.#subscribe(feed);
    return {channel, unfollow: () => this.#unfollow(feed, follower)};
  }

  /**
   * With `manualAck`: says that this message and all before it on its channel were handled.
   *
   * @param {Message} message
   */
  ack(message) {
    const feed = this.#feeds.get(message.channel);
    if (feed && (feed.handled === undefined || isAfter(message.position, feed.handled))) {
      this.#markHandled(feed, message.position, true);
    }
  }

  /**
   * Logs in, or renews the log-in, on the open socket, or as soon as there is one. When the server accepts the
   * token it is also the one for later reconnects.
   *
   * @param {Token} token
   * @returns {Promise<Login>}
   */
  authenticate(token) {
    if (this.state === 'closed') {
      return Promise.reject(new Error('closed'));
    }
    this.#login?.reject(new Error('another log-in took its place'));
    return new Promise((resolve, reject) => {
      this.#login = {token, resolve, reject};
      this.#sendLogin();
    });
  }

  /** Closes for good. What waits to be handled is dropped. */
  close() {
    if (this.state === 'closed') {
      return;
    }
    this.#save();
    for (const feed of this.#feeds.values()) {
      feed.queue.length = 0;
    }
    this.#finish(1000, 'closed by the page');
  }

  // ---- the line ----

  async #open() {
    if (this.state === 'closed') {
      return;
    }
    const opening = ++this.#opening;
    this.state = 'connecting';
    this.#bye = undefined;
    clearTimeout(this.#next);
    this.#next = setTimeout(() => {
      if (this.#line) {
        this.#line.end(1006, 'no welcome in time');
      } else {
        this.#lost(1006, 'no token in time');
      }
    }, OPENING_MS);
    try {
      const token = typeof this.#token === 'function' ? await this.#token() : this.#token;
      if (opening !== this.#opening) {
        return;
      }
      this.#line = new Line(
        this.#url,
        token ? [PROTOCOL, `bearer.${token}`] : [PROTOCOL],
        (line, data) => this.#onData(line, data),
        (_line, code, reason) => this.#lost(code, reason));
      this.#renewAt(token ? expiryOf(token) : undefined);
    } catch (error) {
      if (opening === this.#opening) {
        this.#report('could not connect', {error});
        if (error instanceof DOMException && error.name === 'SyntaxError') {
          this.#finish(1008, 'the address or the token cannot be used'); // and never will
        } else {
          this.#lost(1006, 'could not connect');
        }
      }
    }
  }

  /** @param {number} code @param {string} reason */
  #lost(code, reason) {
    if (this.state === 'closed') {
      return;
    }
    this.#hangUp();
    const bye = this.#bye;
    const refused = code === TOKEN_REFUSED || bye?.reason === 'token';
    if (refused && typeof this.#token === 'function' && !this.#tokenRefused) {
      this.#tokenRefused = true; // a fresh token may do better, once
    } else if (FINAL.has(code) || bye?.reconnectAfterMs === null) {
      this.#finish(code, reason || bye?.reason || '');
      return;
    }
    const hint = Math.min(LONGEST_HINT_MS, Math.max(0, Number(bye?.reconnectAfterMs) || 0));
    const delay = hint + fullJitter(this.#attempt++);
    this.#notBefore = Date.now() + hint;
    this.state = 'waiting';
    this.#next = setTimeout(() => this.#open(), delay);
    this.#tell('reconnecting', {attempt: this.#attempt, delay, code, reason: reason || bye?.reason || ''});
  }

  /** @param {number} code @param {string} reason */
  #finish(code, reason) {
    this.state = 'closed';
    this.#hangUp();
    this.#unwatch();
    this.#login?.reject(new Error(`closed: ${reason}`));
    this.#login = undefined;
    this.#tell('closed', {code, reason, final: true});
  }

  /** Forgets what belongs to the line. */
  #hangUp() {
    this.#opening++;
    const line = this.#line;
    this.#line = undefined;
    clearTimeout(this.#next);
    clearTimeout(this.#stable);
    clearTimeout(this.#renewal);
    for (const feed of this.#feeds.values()) {
      feed.live = false;
      feed.request = undefined;
    }
    if (this.#login) {
      this.#login.id = undefined; // asked again on the next line
    }
    line?.end(1000, '');
  }

  /** Browsers tell when waiting is over, and when a line may have died unseen. */
  #watchPage() {
    const wake = () => {
      if (this.state === 'open') {
        this.#line?.probe();
      } else if (this.state === 'waiting') {
        clearTimeout(this.#next);
        const hint = Math.max(0, this.#notBefore - Date.now());
        this.#next = setTimeout(() => this.#open(), hint + fullJitter(0));
      }
    };
    const shown = () => {
      if (document.visibilityState === 'visible') {
        wake();
      }
    };
    const save = () => this.#save();
    globalThis.addEventListener?.('online', wake);
    globalThis.addEventListener?.('pageshow', wake);
    globalThis.addEventListener?.('pagehide', save);
    globalThis.document?.addEventListener('visibilitychange', shown);
    return () => {
      globalThis.removeEventListener?.('online', wake);
      globalThis.removeEventListener?.('pageshow', wake);
      globalThis.removeEventListener?.('pagehide', save);
      globalThis.document?.removeEventListener('visibilitychange', shown);
    };
  }

  // ---- frames ----

  /** @param {Line} line @param {unknown} data */
  #onData(line, data) {
    /** @type {Frame} */
    let frame;
    try {
      frame = JSON.parse(/** @type {string} */ (data));
      if (!FRAMES.every(rule => rule(frame))) {
        throw new TypeError('a field is missing or of the wrong type');
      }
    } catch (error) {
      this.#report('a frame could not be read', {error});
      return;
    }
    switch (frame.type) {
      case 'welcome': return this.#onWelcome(line, frame);
      case 'subscribed': return this.#onSubscribed(frame);
      case 'message': return this.#onMessage(frame);
      case 'gap': return this.#onGap(frame);
      case 'error': return this.#onError(frame);
      case 'authenticated': return this.#onAuthenticated(frame);
      case 'bye':
        this.#bye = {reason: String(frame.reason ?? ''), reconnectAfterMs: frame.reconnectAfterMs ?? null};
        return;
      default: // pong and unsubscribed need nothing; a newer server may say more than we know
    }
  }

  /** @param {Line} line @param {Frame} frame */
  #onWelcome(line, frame) {
    clearTimeout(this.#next);
    this.#stable = setTimeout(() => {
      this.#attempt = 0;
      this.#tokenRefused = false;
    }, STABLE_MS);
    this.#skew = (Date.parse(frame.time) || Date.now()) - Date.now();
    this.state = 'open';
    this.session = frame.session;
    this.user = frame.user;
    line.welcomed(frame.heartbeat);
    this.#forgetStrangers();
    this.#resume('everyone');
    this.#resume(`user:${this.user}`);
    for (const feed of this.#feeds.values()) {
      this.#subscribe(feed);
    }
    this.#beginAt(frame.positions ?? {});
    this.#sendLogin();
    this.#tell('open', {session: this.session, user: this.user});
  }

  /**
   * Where following began on the channels that the server follows by itself: without it, a page that is cut off before
   * their first message would not know where to resume.
   *
   * @param {Record<string, string>} positions
   */
  #beginAt(positions) {
    for (const [channel, position] of Object.entries(positions)) {
      const feed = this.#feed(channel);
      if (feed.taken === undefined && !feed.request && typeof position === 'string') {
        feed.taken = position;
        feed.live = true;
      }
    }
  }

  /** @param {Frame} frame */
  #onSubscribed(frame) {
    const feed = this.#asked(frame.id);
    if (!feed) {
      return; // unfollowed meanwhile
    }
    const since = feed.request?.since;
    feed.request = undefined;
    feed.live = true;
    feed.failures = 0;
    const lost = frame.recovered === false;
    if (lost) {
      feed.taken = frame.position;
      feed.ackDue = undefined; // of a past that the server no longer knows
    } else if (since === undefined && (feed.taken === undefined || isAfter(frame.position, feed.taken))) {
      feed.taken = frame.position;
    }
    if (lost) {
      this.#enqueue(feed, '', () => this.#deliverGap(feed, frame.position));
    }
    // A new beginning is a position to resume from; after a resume the queue knows better how far it came.
    this.#enqueue(feed, lost || since === undefined ? feed.taken ?? '' : '', () =>
      frame.state === undefined || frame.state === null
        ? []
        : [...feed.followers].map(f => this.#run(() => f.onState?.(frame.state))));
    this.#flush();
  }

  /** @param {Frame} frame */
  #onMessage(frame) {
    if (!this.#feeds.has(frame.channel) && !isAutomatic(frame.channel)) {
      return; // unfollowed meanwhile
    }
    const feed = this.#feed(frame.channel);
    if (!feed.live && feed.taken !== undefined) {
      this.#subscribe(feed); // it will come again, after all that was missed before it
      return;
    }
    if (feed.request?.since !== undefined || feed.behind) {
      return; // likewise
    }
    // A login's state that was read past the log has the position before it, and is new all the same.
    const pastTheLog = frame.channel.startsWith('login:') && frame.position === feed.taken;
    if (feed.taken !== undefined && !isAfter(frame.position, feed.taken) && !pastTheLog) {
      return; // seen
    }
    if (feed.queue.length >= MAX_WAITING) {
      feed.behind = true;
      return;
    }
    feed.live = true;
    feed.taken = frame.position;
    const {channel, position, id, event, data, time} = frame;
    const message = Object.freeze({channel, position, id, event, data, time});
    this.#enqueue(feed, position, () => this.#deliver(feed, message), message);
  }

  /** @param {Frame} frame */
  #onGap(frame) {
    const feed = this.#feeds.get(frame.channel);
    if (feed && feed.request?.since === undefined && !feed.behind) {
      this.#enqueue(feed, '', () => this.#deliverGap(feed, frame.position));
    } else if (!feed) {
      this.#tell('gap', {channel: frame.channel, position: frame.position});
    }
  }

  /** @param {Frame} frame */
  #onAuthenticated(frame) {
    const login = this.#login;
    if (login?.id !== frame.id || !login) {
      return;
    }
    this.#login = undefined;
    this.#token = login.token;
    if (this.user !== frame.user) {
      this.user = frame.user;
      this.#forgetStrangers();
      this.#resume(`user:${this.user}`);
      this.#beginAt(frame.positions ?? {});
    }
    this.#renewAt(Date.parse(frame.expires) || undefined);
    login.resolve({user: frame.user, expires: frame.expires});
  }

  /** @param {Frame} frame */
  #onError(frame) {
    /** @type {Problem} */
    const problem = frame.problem;
    if (this.#login?.id !== undefined && this.#login.id === frame.id) {
      this.#refuseLogin(Object.assign(new Error(problem.title ?? 'refused'), {problem}));
      return;
    }
    const feed = this.#asked(frame.id);
    if (!feed) {
      this.#report(problem.title ?? 'refused', {problem});
      return;
    }
    const since = feed.request?.since;
    feed.request = undefined;
    if (problem.status === 400 && since !== undefined) {
      // The kept position is none to this server: start anew, and say that something may be missing.
      this.#forget(feed);
      this.#enqueue(feed, '', () => this.#deliverGap(feed, since));
      this.#subscribe(feed);
    } else {
      if (isAutomatic(feed.channel)) {
        this.#forget(feed); // it goes on from here, rather than to be asked for with every message
      }
      this.#subscribeFailed(feed, problem.title ?? 'refused', {problem}, problem.status === 429 || problem.status >= 500);
    }
  }

  // ---- following ----

  /** @param {string} channel */
  #feed(channel) {
    let feed = this.#feeds.get(channel);
    if (!feed) {
      feed = new Feed(channel);
      feed.taken = this.#bookmarks.get(channel);
      feed.handled = feed.taken;
      this.#feeds.set(channel, feed);
    }
    return feed;
  }

  /** Picks an automatic channel up where an earlier page left it. @param {string} channel */
  #resume(channel) {
    if (this.#feeds.has(channel) || this.#bookmarks.get(channel) !== undefined) {
      this.#subscribe(this.#feed(channel));
    }
  }

  /** An automatic channel belongs to the session and user of its time. */
  #forgetStrangers() {
    for (const [channel, feed] of this.#feeds) {
      const own = channel === 'everyone' || channel === `user:${this.user}` || channel === `session:${this.session}`;
      if (!own && feed.followers.size === 0) {
        this.#feeds.delete(channel); // what waits in it is still handled
      }
    }
  }

  /** @param {Feed} feed */
  #forget(feed) {
    feed.taken = undefined;
    feed.handled = undefined;
    feed.ackDue = undefined;
    this.#bookmarks.put(feed.channel, undefined);
  }

  /** Sends a subscribe where one is needed. @param {Feed} feed */
  async #subscribe(feed) {
    const line = this.#line;
    const needed = feed.followers.size > 0 || (feed.taken !== undefined && !feed.channel.startsWith('session:'));
    if (!line?.ready || feed.request || feed.behind || !needed) {
      return;
    }
    const request = {id: String(++this.#requests), since: feed.taken};
    feed.request = request;
    try {
      const token = typeof feed.token === 'function' ? await feed.token() : feed.token;
      if (feed.request === request) {
        line.send({type: 'subscribe', id: request.id, channel: feed.channel, token, since: request.since});
      }
    } catch (error) {
      if (feed.request === request) {
        feed.request = undefined;
        this.#subscribeFailed(feed, 'no token for the channel', {error}, true);
      }
    }
  }

  /**
   * @param {Feed} feed
   * @param {string} what
   * @param {{error?: unknown, problem?: Problem}} why
   * @param {boolean} again whether time may mend it
   */
  #subscribeFailed(feed, what, why, again) {
    const line = this.#line;
    if (again) {
      setTimeout(() => {
        if (this.#line === line && this.#feeds.get(feed.channel) === feed) {
          this.#subscribe(feed);
        }
      }, BACKOFF_BASE_MS + fullJitter(++feed.failures));
    }
    this.#report(what, {...why, channel: feed.channel});
    for (const follower of feed.followers) {
      this.#run(() => follower.onError?.({...why, channel: feed.channel}));
    }
  }

  /** @param {Feed} feed @param {FollowOptions} follower */
  #unfollow(feed, follower) {
    if (!feed.followers.delete(follower) || feed.followers.size > 0 || isAutomatic(feed.channel)) {
      return;
    }
    if (this.#line?.ready) {
      this.#line.send({type: 'unsubscribe', id: String(++this.#requests), channel: feed.channel});
    }
    feed.request = undefined;
    feed.queue.length = 0;
    this.#feeds.delete(feed.channel);
    this.#forget(feed);
    this.#flush();
  }

  /** The channel whose subscribe had this id. @param {unknown} id */
  #asked(id) {
    for (const feed of this.#feeds.values()) {
      if (feed.request && feed.request.id === id) {
        return feed;
      }
    }
    return undefined;
  }

  // ---- handling ----

  /**
   * @param {Feed} feed
   * @param {string} position empty: none
   * @param {() => unknown[]} deliver
   * @param {Message} [message]
   */
  #enqueue(feed, position, deliver, message) {
    feed.queue.push({position, message, deliver});
    this.#drain(feed);
  }

  /** Handles what waits, one after the other. @param {Feed} feed */
  async #drain(feed) {
    if (feed.draining) {
      return;
    }
    feed.draining = true;
    for (let next = feed.queue.shift(); next; next = feed.queue.shift()) {
      const {position, message, deliver} = next;
      const unsettled = deliver().filter(result => result instanceof Promise);
      if (unsettled.length > 0) {
        await Promise.all(unsettled);
      }
      if (position !== '' && !(message && this.#manualAck)) {
        this.#markHandled(feed, position, message !== undefined);
      }
    }
    feed.draining = false;
    if (feed.behind) {
      feed.behind = false;
      this.#subscribe(feed);
    }
  }

  /** @param {Feed} feed @param {Message} message @returns {unknown[]} */
  #deliver(feed, message) {
    this.#tell('message', message);
    return [
      ...[...feed.followers].map(f => this.#run(() => f.onMessage?.(message))),
      ...[...this.#handlers.get(message.event) ?? []].map(handler => this.#run(() => handler(message)))
    ];
  }

  /** @param {Feed} feed @param {string} position @returns {unknown[]} */
  #deliverGap(feed, position) {
    const gap = {channel: feed.channel, position};
    this.#tell('gap', gap);
    return [...feed.followers].map(f => this.#run(() => f.onGap?.(gap)));
  }

  /** Runs a piece of the page's code; what it throws, now or later, is told and stops nothing. @param {() => unknown} code */
  #run(code) {
    try {
      const result = code();
      return typeof (/** @type {any} */ (result)?.then) === 'function'
        ? Promise.resolve(result).catch(error => this.#report('a handler failed', {error}))
        : undefined;
    } catch (error) {
      this.#report('a handler failed', {error});
      return undefined;
    }
  }

  /** @param {Feed} feed @param {string} position @param {boolean} ack */
  #markHandled(feed, position, ack) {
    if (this.#feeds.get(feed.channel) !== feed) {
      return;
    }
    feed.handled = position;
    if (ack) {
      feed.ackDue = position;
    }
    if (!feed.channel.startsWith('session:')) {
      this.#bookmarks.put(feed.channel, position);
    }
    this.#flush();
  }

  /** Acknowledges and saves: at once, and then at most every {@link FLUSH_MS}. */
  #flush() {
    if (this.#flushing !== undefined) {
      this.#flushAgain = true;
      return;
    }
    this.#save();
    this.#flushing = setTimeout(() => {
      this.#flushing = undefined;
      if (this.#flushAgain) {
        this.#flushAgain = false;
        this.#flush();
      }
    }, FLUSH_MS);
  }

  #save() {
    for (const feed of this.#feeds.values()) {
      if (feed.ackDue !== undefined && feed.live && !feed.request && this.#line?.ready) {
        this.#line.send({type: 'ack', channel: feed.channel, position: feed.ackDue});
        feed.ackDue = undefined;
      }
    }
    this.#bookmarks.save();
  }

  // ---- who you are ----

  async #sendLogin() {
    const login = this.#login;
    const line = this.#line;
    if (!login || login.id !== undefined || !line?.ready) {
      return;
    }
    const id = String(++this.#requests);
    login.id = id;
    try {
      const token = typeof login.token === 'function' ? await login.token() : login.token;
      if (this.#login === login && login.id === id) {
        line.send({type: 'auth', id, token});
      }
    } catch (error) {
      if (this.#login === login && login.id === id) {
        this.#refuseLogin(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** @param {Error} why */
  #refuseLogin(why) {
    const login = this.#login;
    this.#login = undefined;
    login?.reject(why);
  }

  /** Renews well before the token ends, if there is somebody to ask for a new one. @param {number | undefined} expiry */
  #renewAt(expiry) {
    clearTimeout(this.#renewal);
    if (expiry === undefined || typeof this.#token !== 'function') {
      return;
    }
    const left = expiry - this.#skew - Date.now();
    const token = this.#token;
    const delay = Math.max(1000, left * (0.7 + 0.2 * Math.random()));
    this.#renewal = setTimeout(() => {
      if (delay > LONGEST_TIMER_MS) {
        this.#renewAt(expiry);
      } else if (!this.#login) {
        this.authenticate(token).catch(error => {
          this.#report('the log-in could not be renewed', {error, problem: error.problem});
          if (this.state === 'open' && expiry - this.#skew > Date.now()) {
            this.#renewAt(expiry);
          }
        });
      }
    }, Math.min(delay, LONGEST_TIMER_MS));
  }

  // ---- telling ----

  /** @param {string} message @param {{error?: unknown, problem?: Problem, channel?: string}} detail */
  #report(message, detail) {
    this.#tell('error', {message, ...detail});
  }

  /** @param {string} type @param {object} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, {detail}));
  }
}

/** What each frame must have before anything looks at it. @type {Array<(frame: any) => boolean>} */
const FRAMES = [
  frame => frame !== null && typeof frame === 'object' && typeof frame.type === 'string',
  frame => !['subscribed', 'message', 'gap'].includes(frame.type)
    || (typeof frame.channel === 'string' && typeof frame.position === 'string'),
  frame => frame.type !== 'message' || typeof frame.event === 'string',
  frame => frame.type !== 'welcome' || typeof frame.session === 'string',
  frame => frame.type !== 'authenticated' || typeof frame.user === 'string',
  frame => frame.type !== 'error' || (frame.problem !== null && typeof frame.problem === 'object')
];

/**
 * Opens a connection that stays: it comes back by itself until `close()` or until the server says not to.
 *
 * @param {string | URL} [url] by default the `/ws` beside this module
 * @param {ConnectOptions} [options]
 */
export function connect(url, options = {}) {
  const address = new URL(url ?? 'ws', import.meta.url);
  address.protocol = address.protocol.replace('http', 'ws');
  return new Heliograph(address.href, options);
}
