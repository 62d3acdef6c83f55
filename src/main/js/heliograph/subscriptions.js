// @ts-check
/** All channels of a page: subscribing, resuming, renewing rights, delivering and acknowledging. */
import {Channel, isAutomatic} from './channel.js';
import {fullJitter} from './clock.js';
import {isAfter} from './frames.js';
import {createIterator} from './iterator.js';
import {asError, onAbort} from './link.js';
import {loadPositions} from './storage.js';

/** @typedef {import('../heliograph.d.ts').Message} Message */
/** @typedef {import('../heliograph.d.ts').MessageHandler} MessageHandler */
/** @typedef {import('../heliograph.d.ts').ConnectOptions} ConnectOptions */
/** @typedef {import('../heliograph.d.ts').Problem} Problem */
/** @typedef {import('../heliograph.d.ts').SubscribeOptions} SubscribeOptions */
/** @typedef {import('../heliograph.d.ts').Subscription} Subscription */
/** @typedef {import('./channel.js').Subscriber} Subscriber */
/** @typedef {import('./frames.js').Frame} Frame */
/** @typedef {import('./link.js').Link} Link */
/** @typedef {import('./reporter.js').Reporter} Reporter */

const RETRY_MS = 500;
/** A right that lasts longer is no sign of trouble. */
const SHORT_RIGHT_MS = 10_000;

/** @typedef {ReturnType<typeof createSubscriptions>} Subscriptions */

/**
 * @param {Link} link
 * @param {Reporter} reporter
 * @param {ConnectOptions} options
 * @param {string} key of the stored positions
 */
export function createSubscriptions(link, reporter, {storage, manualAck}, key) {
  /** @type {Map<string, Channel>} */
  const channels = new Map();
  /** @type {Set<{event: string, handler: MessageHandler}>} */
  const handlers = new Set();
  /** What was handled and not yet acknowledged, by channel, the one that waits longest first. @type {Map<Channel, string>} */
  const acks = new Map();
  const stored = loadPositions(storage, key);
  let closed = false;

  /** @param {string} event @param {MessageHandler} handler @returns {() => void} */
  function on(event, handler) {
    const entry = {event, handler};
    handlers.add(entry);
    return () => handlers.delete(entry);
  }

  /** @param {string} name @param {SubscribeOptions} options @returns {Subscription} */
  function subscribe(name, options) {
    const {signal} = options;
    /** @type {Subscriber} */
    const subscriber = {...options};
    const channel = channelOf(name);
    const unsubscribe = () => leave(channel, subscriber);
    if (options.since && channel.subscribers.size === 0 && !channel.live) {
      channel.taken = options.since;
      stored.put(name, options.since);
    }
    channel.subscribers.add(subscriber);
    channel.token = link.source(options.token) ?? channel.token;
    onAbort(signal, unsubscribe);
    request(channel);
    return {
      channel: name,
      unsubscribe,
      unfollow: unsubscribe,
      [Symbol.asyncIterator]() {
        subscriber.iterator ??= createIterator(last => {
          if (last && !manualAck) {
            markHandled(channel, last.position, true);
          }
          unsubscribe();
        });
        if (closed || signal?.aborted) {
          subscriber.iterator.end();
        }
        return subscriber.iterator;
      }
    };
  }

  /** @param {Message} message */
  function ack(message) {
    const channel = channels.get(message.channel);
    const handled = stored.get(message.channel);
    if (channel && (!handled || isAfter(message.position, handled))) {
      markHandled(channel, message.position, true);
    }
  }

  /** @returns {Frame | undefined} the next acknowledgement that can be sent */
  function takeAck() {
    for (const [channel, position] of acks) {
      if (channel.live && !channel.request?.since) {
        acks.delete(channel);
        return {type: 'ack', channel: channel.name, position};
      }
    }
    return undefined;
  }

  // ---- the connection ----

  /** @param {string} session @param {string | undefined} user @param {unknown} positions */
  function welcomed(session, user, positions) {
    forgetStrangers(session, user);
    pickUp('everyone');
    pickUp(`user:${user}`);
    for (const channel of channels.values()) {
      request(channel);
    }
    beginAt(positions);
  }

  /** @param {string} session @param {string | undefined} user @param {boolean} changed another user than before @param {unknown} positions */
  function authenticated(session, user, changed, positions) {
    if (changed) {
      forgetStrangers(session, user);
      pickUp(`user:${user}`);
      beginAt(positions);
    }
    for (const channel of channels.values()) {
      if (channel.live && channel.expires && !channel.token) {
        request(channel, true); // its right rested on the token before
      }
    }
  }

  function disconnect() {
    for (const channel of channels.values()) {
      channel.disconnect();
    }
  }

  /** The page may end here. */
  function save() {
    link.connection?.flush(true);
    stored.save();
  }

  /** For good; what waits to be handled is dropped where the page closed. @param {Error | undefined} error */
  function close(error) {
    closed = true;
    save();
    for (const channel of channels.values()) {
      if (!error) {
        channel.clear();
      }
      for (const {iterator} of channel.subscribers) {
        iterator?.end(error);
      }
    }
  }

  // ---- frames ----

  /** @param {Frame} frame */
  function onSubscribed(frame) {
    const channel = requestedBy(frame.id);
    if (!channel?.request) {
      return; // unsubscribed meanwhile
    }
    const {since, source} = channel.request;
    channel.request = undefined;
    channel.live = true;
    source?.accepted(frame.expires);
    channel.expires = Date.parse(frame.expires) || source?.expires;
    if (!channel.expires || channel.expires - link.clock.now() > SHORT_RIGHT_MS) {
      channel.failures = 0;
    }
    planRenewal(channel);
    const lost = frame.recovered === false;
    const first = !since && !channel.taken;
    if (lost || first) {
      channel.taken = frame.position;
    } else if (!since && isAfter(frame.position, channel.taken ?? '')) {
      channel.behind = true; // the right had ended before it was renewed
    }
    if (lost) {
      acks.delete(channel); // of a past that the server no longer knows
      channel.enqueue(() => deliverGap(channel, frame.position));
    }
    // A new beginning is a position to resume from; after a resume the queue knows better how far it came.
    channel.enqueue(() => tellSubscribers(channel, 'onState', frame.state), lost || first ? frame.position : '');
    if (source !== channel.token || channel.behind) {
      request(channel);
    }
    link.connection?.flush();
  }

  /** @param {Frame} frame */
  function onMessage(frame) {
    const name = frame.channel;
    if (!channels.has(name) && !isAutomatic(name)) {
      return; // unsubscribed meanwhile
    }
    const channel = channelOf(name);
    if (!channel.live && channel.taken !== undefined) {
      if (!channel.retry) {
        request(channel); // it will come again, after all that was missed before it
      }
      return;
    }
    if (channel.skips) {
      return; // likewise
    }
    // A login's state that was read past the log has the position before it, and is new all the same.
    const pastTheLog = name.startsWith('login:') && frame.position === channel.taken;
    if (channel.taken && !isAfter(frame.position, channel.taken) && !pastTheLog) {
      return; // seen
    }
    if (channel.full) {
      channel.behind = true;
      return;
    }
    channel.live = true;
    channel.taken = frame.position;
    const {type, ...message} = frame;
    channel.enqueue(() => deliver(channel, /** @type {any} */ (Object.freeze(message))), frame.position, true);
  }

  /** @param {Frame} frame */
  function onGap(frame) {
    const channel = channels.get(frame.channel);
    if (!channel) {
      reporter.tell('gap', {channel: frame.channel, position: frame.position});
    } else if (!channel.skips) {
      channel.enqueue(() => deliverGap(channel, frame.position));
    }
  }

  /**
   * @param {unknown} id
   * @param {string} name of the channel whose right ended
   * @param {Problem} problem
   * @returns {boolean} whether it was about a channel
   */
  function onError(id, name, problem) {
    const requested = requestedBy(id);
    const channel = requested ?? channels.get(name);
    if (requested) {
      refused(requested, problem);
    } else if (channel) {
      ended(channel, problem);
    }
    return !!channel;
  }

  // ---- subscribing ----

  /** @param {string} name */
  function channelOf(name) {
    let channel = channels.get(name);
    if (!channel) {
      channel = new Channel(
        name,
        (which, {position, isMessage}) => {
          if (!isMessage || !manualAck) {
            markHandled(which, position, isMessage);
          }
        },
        which => which.behind && request(which));
      channel.taken = stored.get(name);
      channels.set(name, channel);
    }
    return channel;
  }

  /** Picks an automatic channel up where an earlier page left it. @param {string} name */
  function pickUp(name) {
    if (channels.has(name) || stored.get(name)) {
      request(channelOf(name));
    }
  }

  /**
   * Where the channels begin that the server subscribes by itself: without it, a page that is cut off before their first
   * message would not know where to resume.
   *
   * @param {unknown} positions
   */
  function beginAt(positions) {
    for (const [name, position] of Object.entries(positions ?? {})) {
      const channel = channelOf(name);
      if (!channel.taken && !channel.request && typeof position === 'string') {
        channel.taken = position;
        channel.live = true;
      }
    }
  }

  /** An automatic channel belongs to the session and user of its time. @param {string} session @param {string | undefined} user */
  function forgetStrangers(session, user) {
    for (const [name, channel] of channels) {
      const own = name === 'everyone' || name === `user:${user}` || name === `session:${session}`;
      if (!own && channel.subscribers.size === 0) {
        drop(channel); // what waits in it is still handled
      }
    }
  }

  /** @param {Channel} channel */
  function drop(channel) {
    channel.disconnect();
    acks.delete(channel);
    channels.delete(channel.name);
  }

  /** @param {Channel} channel */
  function forgetPosition(channel) {
    channel.taken = undefined;
    acks.delete(channel);
    stored.put(channel.name, undefined);
  }

  /** Sends a subscribe where one is needed. @param {Channel} channel @param {boolean} [renewal] of the right alone */
  function request(channel, renewal = false) {
    const {name, token: source} = channel;
    const needed = channel.subscribers.size > 0 || (channel.taken && !name.startsWith('session:'));
    const busy = channel.request || (channel.behind && !renewal && !channel.idle);
    if (!needed || busy || source?.over || !link.ready) {
      return;
    }
    clearTimeout(channel.retry);
    channel.retry = undefined;
    const token = source?.get(name);
    /** @type {import('./channel.js').SubscribeRequest} */
    const asked = {
      id: link.nextId(),
      since: renewal ? undefined : channel.taken,
      source,
      cached: typeof token === 'string',
      renewal
    };
    channel.request = asked;
    if (!renewal) {
      channel.behind = false; // the answer starts after all that was taken
    }
    link.request(
      `subscribe ${name}`,
      {type: 'subscribe', id: asked.id, channel: name, since: asked.since},
      token,
      () => channel.request === asked,
      error => failed(channel, 'no token for the channel', {error, problem: error?.problem}, !error?.problem));
  }

  /** @param {Channel} channel @param {Problem} problem */
  function refused(channel, problem) {
    const {since, source, cached} = /** @type {import('./channel.js').SubscribeRequest} */ (channel.request);
    const {status} = problem;
    if (source !== channel.token) {
      // A later subscriber brought another token.
    } else if ((status === 401 || status === 403) && cached && source?.renewable) {
      source.discard();
    } else if (status === 400 && since) {
      // The kept position is none to this server: start anew, and say that something may be missing.
      forgetPosition(channel);
      channel.enqueue(() => deliverGap(channel, since));
    } else {
      failed(channel, problem.title ?? 'refused', {problem}, status === 429 || status >= 500);
      return;
    }
    channel.request = undefined;
    request(channel);
  }

  /** The server ended the subscription, because its right did. @param {Channel} channel @param {Problem} problem */
  function ended(channel, problem) {
    const {token} = channel;
    channel.live = false;
    if (channel.request) {
      return; // its answer decides
    }
    if (token && !token.renewable) {
      failed(channel, problem.title ?? 'ended', {problem}, false);
    } else {
      token?.discard(); // and without one, a renewed log-in may have the right
      const delay = channel.failures++ === 0 ? 0 : RETRY_MS + fullJitter(channel.failures);
      requestLater(channel, delay);
    }
  }

  /**
   * The subscribe under way failed, or the subscription ended.
   *
   * @param {Channel} channel
   * @param {string} what
   * @param {{error?: unknown, problem?: Problem}} why
   * @param {boolean} again whether time may mend it
   */
  function failed(channel, what, why, again) {
    const stillLive = channel.request?.renewal && channel.live;
    channel.request = undefined;
    const trouble = {...why, channel: channel.name};
    if (stillLive) {
      planRenewal(channel); // while there is time; then the end of the right is reported
      reporter.report(what, trouble);
      return;
    }
    channel.live = false;
    if (again) {
      requestLater(channel, RETRY_MS + fullJitter(++channel.failures));
    } else if (isAutomatic(channel.name) && channel.subscribers.size === 0) {
      forgetPosition(channel); // it goes on from here, rather than to be asked for with every message
    }
    const subscribers = [...channel.subscribers];
    reporter.report(what, trouble, subscribers.some(s => s.onError ?? s.iterator));
    tellSubscribers(channel, 'onError', trouble);
    if (!again) {
      subscribers.forEach(s => s.iterator?.end(why.error ?? (why.problem && asError(why.problem))));
    }
  }

  /** @param {Channel} channel @param {number} delay */
  function requestLater(channel, delay) {
    clearTimeout(channel.retry);
    channel.retry = setTimeout(() => request(channel), delay);
  }

  /** @param {Channel} channel */
  function planRenewal(channel) {
    clearTimeout(channel.renewal);
    const {token} = channel;
    if (token?.renewable) {
      channel.renewal = link.clock.before(channel.expires, () => {
        token.discard();
        request(channel, true);
      });
    }
  }

  /** @param {Channel} channel @param {Subscriber} subscriber */
  function leave(channel, subscriber) {
    if (!channel.subscribers.delete(subscriber)) {
      return;
    }
    subscriber.iterator?.end();
    if (channel.subscribers.size > 0 || isAutomatic(channel.name)) {
      return;
    }
    if (link.ready) {
      const {name} = channel;
      const position = acks.get(channel);
      if (position) {
        link.send(`ack ${name}`, {type: 'ack', channel: name, position});
      }
      link.send(`subscribe ${name}`, {type: 'unsubscribe', id: link.nextId(), channel: name});
    }
    channel.clear();
    drop(channel);
    forgetPosition(channel);
  }

  /** The channel whose subscribe had this id. @param {unknown} id */
  function requestedBy(id) {
    for (const channel of channels.values()) {
      if (channel.request && channel.request.id === id) {
        return channel;
      }
    }
    return undefined;
  }

  // ---- handling ----

  /**
   * @param {Channel} channel
   * @param {'onMessage' | 'onState' | 'onGap' | 'onError'} name
   * @param {any} what null or undefined: nothing
   * @returns {unknown[]}
   */
  const tellSubscribers = (channel, name, what) =>
    [...channel.subscribers].map(s => reporter.run(() => what == null ? undefined : s[name]?.(what)));

  /** @param {Channel} channel @param {Message} message @returns {unknown[]} */
  function deliver(channel, message) {
    reporter.tell('message', message);
    return [
      ...tellSubscribers(channel, 'onMessage', message),
      ...[...channel.subscribers].map(s => s.iterator?.take(message)),
      ...[...handlers].map(({event, handler}) => event === message.event && reporter.run(() => handler(message)))
    ];
  }

  /** @param {Channel} channel @param {string} position @returns {unknown[]} */
  function deliverGap(channel, position) {
    const gap = {channel: channel.name, position};
    reporter.tell('gap', gap);
    return tellSubscribers(channel, 'onGap', gap);
  }

  /** @param {Channel} channel @param {string} position @param {boolean} ack */
  function markHandled(channel, position, ack) {
    if (channels.get(channel.name) === channel) {
      channel.name.startsWith('session:') || stored.put(channel.name, position);
      if (ack) {
        acks.set(channel, position);
        link.connection?.flush();
      }
    }
  }

  return {on, subscribe, ack, takeAck, welcomed, authenticated, disconnect, close, save, onSubscribed, onMessage, onGap, onError};
}
