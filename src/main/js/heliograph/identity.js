// @ts-check
/** Who the page is: its token, logging in on the open socket, and renewing before the end. */
import {onAbort} from './link.js';

/** @typedef {import('../heliograph.d.ts').Token} Token */
/** @typedef {import('../heliograph.d.ts').Login} Login */
/** @typedef {import('./frames.js').Frame} Frame */
/** @typedef {import('./link.js').Link} Link */
/** @typedef {import('./reporter.js').Reporter} Reporter */
/** @typedef {import('./token.js').TokenSource} TokenSource */
/** @typedef {ReturnType<typeof createIdentity>} Identity */

/** @param {Link} link @param {Reporter} reporter @param {Token | undefined} token */
export function createIdentity(link, reporter, token) {
  /** What the next handshake shows; none: anonymous. @type {TokenSource | undefined} */
  let source = link.source(token);
  /**
   * The log-in or renewal under way, one at a time; `id` once it is sent.
   *
   * @type {{source: TokenSource, renewal: boolean, id?: string | undefined, resolve: (login: Login) => void,
   *   reject: (why: unknown) => void} | undefined}
   */
  let login;
  /** When the present identity ends. @type {number | undefined} */
  let expires;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let renewal;

  /** @param {TokenSource} of @param {boolean} isRenewal @returns {Promise<Login>} */
  function begin(of, isRenewal) {
    refuse(new Error('another log-in took its place'));
    const begun = new Promise((resolve, reject) => {
      login = {source: of, renewal: isRenewal, resolve, reject};
    });
    send();
    return begun;
  }

  /** @param {Token} newToken @param {AbortSignal | undefined} signal @returns {Promise<Login>} */
  function authenticate(newToken, signal) {
    const of = link.source(newToken);
    if (!of || signal?.aborted) {
      return Promise.reject(signal?.reason ?? new TypeError('there is no token'));
    }
    const begun = begin(of, false);
    onAbort(signal, () => login?.source === of && refuse(signal?.reason));
    return begun;
  }

  /** Sends the log-in that waits, if there is one and it can be sent. */
  function send() {
    const sent = login;
    if (sent && !sent.id && link.ready) {
      const id = link.nextId();
      sent.id = id;
      link.request('auth', {type: 'auth', id}, sent.source.get(), () => login === sent && sent.id === id, refuse);
    }
  }

  /** The handshake was accepted. @param {unknown} end RFC 3339 */
  function welcomed(end) {
    expires = Date.parse(String(end)) || source?.expires;
    source?.accepted(end);
    planRenewal();
  }

  /** The log-in that was sent was accepted. @param {Frame} frame */
  function onAuthenticated(frame) {
    const accepted = login;
    login = undefined;
    source = accepted?.source;
    welcomed(frame.expires);
    accepted?.resolve({user: frame.user, expires: frame.expires});
  }

  /** The log-in under way fails, and the identity stays as it was. @param {unknown} [why] */
  function refuse(why) {
    const refused = login;
    login = undefined;
    refused?.reject(why);
    if (refused && link.ready) {
      planRenewal();
    }
  }

  /** A log-in that was not answered is sent again on the next connection; a renewal has become void. */
  function disconnect() {
    clearTimeout(renewal);
    if (login?.renewal) {
      refuse();
    } else if (login) {
      login.id = undefined;
    }
  }

  function planRenewal() {
    clearTimeout(renewal);
    const of = source;
    if (of?.renewable) {
      renewal = link.clock.before(expires, () => {
        if (!login) {
          of.discard();
          begin(of, true).catch(error =>
            error && reporter.report('the log-in could not be renewed', {error, problem: error.problem}));
        }
      });
    }
  }

  /** @returns {TokenSource | undefined} what the next handshake shows: a log-in that waits rather than what has ended */
  function handshake() {
    return source = source?.over && login ? login.source : source;
  }

  /** The id of the log-in that was sent. */
  const pending = () => login?.id;

  return {authenticate, send, welcomed, onAuthenticated, refuse, disconnect, handshake, pending};
}
