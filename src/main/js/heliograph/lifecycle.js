// @ts-check
/** One connection after another: opening, losing, waiting, sleeping, and closing for good. */
import {BACKOFF_CAP_MS, elapsed, fullJitter} from './clock.js';
import {openConnection} from './connection.js';
import {parseFrame, PROTOCOL} from './frames.js';
import {asError} from './link.js';
import {isOffline, watchPage} from './page.js';

/** @typedef {import('../heliograph.d.ts').Problem} Problem */
/** @typedef {import('./frames.js').Frame} Frame */

/** Close codes after which coming back would meet the same answer. */
const FINAL = [1000, 1002, 1003, 1007, 1008, 4400, 4401, 4403, 4409];
const TOO_LARGE = 1009;
const TOKEN_REFUSED = 4401;
/** The longest hint that is believed, so that a wrong one cannot silence the page. */
const LONGEST_HINT_MS = 600_000;
/** A connection that lived this long was a good one: the next failure starts from the shortest wait again. */
const STABLE_MS = 10_000;
/** From the socket's constructor to the welcome. */
const OPENING_MS = 20_000;

/**
 * @param {{session: string | undefined, user: string | undefined,
 *   transport: import('../heliograph.d.ts').Transport | undefined, state: 'connecting' | 'open' | 'waiting' | 'closed'}}
 *   client what the page sees
 * @param {string} url
 * @param {new (url: string, protocols: string[]) => WebSocket} Socket
 * @param {import('./link.js').Link} link
 * @param {import('./reporter.js').Reporter} reporter
 * @param {import('./identity.js').Identity} identity
 * @param {import('./subscriptions.js').Subscriptions} subscriptions
 * @returns {() => void} closes for good
 */
export function startLifecycle(client, url, Socket, link, reporter, identity, subscriptions) {
  let attempt = 0;
  /** Counts openings, so that a token that comes too late opens nothing. */
  let openings = 0;
  let tokenRefused = false;
  /** The page is frozen or in the back/forward cache. */
  let asleep = false;
  /** @type {{reason: string, reconnectAfterMs: number | null} | undefined} */
  let bye;
  /** The server asked to stay away until then. */
  let notBefore = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let next;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let stable;
  const unwatch = watchPage({wake, sleep, resume, offline});

  async function open() {
    if (client.state === 'closed' || asleep) {
      return;
    }
    const opening = ++openings;
    clearTimeout(next);
    bye = undefined;
    client.state = 'connecting';
    reporter.tell('connecting', {attempt});
    try {
      const source = identity.handshake();
      if (source?.over) {
        finish(TOKEN_REFUSED, 'the token has ended');
        return;
      }
      const token = await source?.get();
      if (opening !== openings) {
        return;
      }
      next = setTimeout(() => link.connection?.lose(1006, 'no welcome in time'), OPENING_MS);
      link.connection = openConnection(Socket, url, token ? [PROTOCOL, `bearer.${token}`] : [PROTOCOL], {
        onData,
        onEnd: lost,
        takeAck: subscriptions.takeAck,
        onSend: frame => reporter.trace('sent', frame)
      });
    } catch (error) {
      if (opening === openings) {
        reporter.report('could not connect', {error});
        if (/** @type {any} */ (error)?.name === 'SyntaxError') {
          finish(1008, 'the address or the token cannot be used'); // and never will
        } else {
          lost(1006, 'could not connect');
        }
      }
    }
  }

  /** @param {number} code @param {string} closeReason @param {Problem} [problem] why the server refused, where it could say */
  function lost(code, closeReason, problem) {
    const stated = closeReason || bye?.reason;
    const reason = stated || (isOffline() ? 'offline' : 'connection lost');
    const refused = code === TOKEN_REFUSED || bye?.reason === 'token';
    if (code === TOO_LARGE) {
      link.tooLarge();
    }
    hangUp();
    const source = identity.handshake();
    if (refused && source?.renewable && !tokenRefused) {
      tokenRefused = true; // a fresh token may do better, once
      source.discard();
    } else if (FINAL.includes(code) || bye?.reconnectAfterMs === null) {
      finish(code, stated ?? '', problem);
      return;
    }
    const hint = Math.min(LONGEST_HINT_MS, Math.max(0, Number(bye?.reconnectAfterMs) || 0));
    const delay = hint + (isOffline() ? BACKOFF_CAP_MS : fullJitter(attempt));
    attempt++;
    notBefore = elapsed() + hint;
    client.state = 'waiting';
    next = setTimeout(open, delay);
    reporter.tell('reconnecting', {attempt, delay, code, reason});
  }

  /** @param {number} code @param {string} reason @param {Problem} [problem] */
  function finish(code, reason, problem) {
    const why = Object.assign(new Error(`closed: ${reason || code}`), {code, ...problem && {problem}});
    subscriptions.close(code === 1000 ? undefined : why);
    link.upstream?.close(why);
    client.state = 'closed';
    hangUp();
    unwatch();
    identity.refuse(why);
    reporter.tell('closed', {code, reason, final: true, ...problem && {problem}});
  }

  /** Forgets what belongs to the connection. */
  function hangUp() {
    openings++;
    clearTimeout(next);
    clearTimeout(stable);
    link.connection?.end();
    link.connection = undefined;
    link.upstream?.disconnect();
    subscriptions.disconnect();
    identity.disconnect();
  }

  // ---- the page ----

  /** Waiting may be over, and a connection may have died unseen. */
  function wake() {
    if (client.state === 'open') {
      link.connection?.probe();
    } else if (client.state === 'waiting' && !asleep) {
      clearTimeout(next);
      next = setTimeout(open, Math.max(0, notBefore - elapsed()) + fullJitter(0));
    }
  }

  /**
   * A page that cannot handle messages holds no connection: the server would count on it, and browsers keep no page with
   * an open socket in the back/forward cache.
   */
  function sleep() {
    if (client.state !== 'closed' && !asleep) {
      asleep = true;
      subscriptions.save();
      hangUp();
      client.state = 'waiting';
      reporter.trace('asleep');
    }
  }

  function resume() {
    if (asleep) {
      asleep = false;
      open();
    } else {
      wake();
    }
  }

  function offline() {
    reporter.tell('offline', {});
    link.connection?.probe();
  }

  // ---- frames ----

  /** @param {unknown} data */
  function onData(data) {
    /** @type {Frame} */
    let frame;
    try {
      frame = parseFrame(data);
    } catch (error) {
      reporter.report('a frame could not be read', {error});
      return;
    }
    reporter.trace('received', frame);
    // pong and unsubscribed need nothing; a newer server may say more than we know
    link.upstream?.onFrame(frame) || HANDLERS[frame.type]?.(frame);
  }

  /** @type {Record<string, ((frame: Frame) => void) | undefined>} */
  const HANDLERS = {
    __proto__: /** @type {any} */ (null),
    subscribed: subscriptions.onSubscribed,
    message: subscriptions.onMessage,
    gap: subscriptions.onGap,

    welcome({session, user, time, heartbeat, expires, positions, transport = 'websocket'}) {
      clearTimeout(next);
      stable = setTimeout(() => {
        attempt = 0;
        tokenRefused = false;
      }, STABLE_MS);
      link.clock.set(time);
      client.state = 'open';
      client.session = session;
      client.user = user;
      client.transport = transport;
      link.connection?.welcomed(heartbeat);
      identity.welcomed(expires);
      subscriptions.welcomed(session, user, positions);
      identity.send();
      link.upstream?.welcomed();
      reporter.tell('open', {session, user, transport});
    },

    /** A stream was replaced by another, which is a session of its own. */
    moved({session}) {
      client.session = session;
      reporter.tell('open', {session, user: client.user, transport: client.transport});
    },

    authenticated(frame) {
      if (frame.id === identity.pending()) {
        const changed = client.user !== frame.user;
        client.user = frame.user;
        identity.onAuthenticated(frame);
        subscriptions.authenticated(client.session ?? '', frame.user, changed, frame.positions);
      }
    },

    error({id, channel, problem}) {
      if (id && id === identity.pending()) {
        identity.refuse(asError(problem));
      } else if (!subscriptions.onError(id, channel, problem)) {
        // An acknowledgement or unsubscribe of what the server has ended by itself: nothing to warn of.
        reporter.report(problem.title ?? 'refused', {problem}, true);
      }
    },

    bye({reason, reconnectAfterMs = null}) {
      bye = {reason: String(reason ?? ''), reconnectAfterMs};
    }
  };

  // Not at once, so that listeners that are added right after are there in time, whatever happens.
  queueMicrotask(open);
  return () => finish(1000, 'closed by the page');
}
