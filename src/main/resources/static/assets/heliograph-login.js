// The browser's side of a QR login: creates a verifier, shows the code, subscribes to the ticket, collects the grant
// code. States come from the WebSocket and from polls, because a broken WebSocket can go undetected; the one with the
// highest version counts. Failed calls are repeated, and a reloaded page continues its login.

const TICK_MS = 3000; // the shortest interval between polls
const POLL_WAITING_MS = 15000; // with an open WebSocket, until the code is scanned
const POLL_SCANNED_MS = 5000; // after the scan, when the confirmation is expected soon
const REFRESH_BEFORE_END_MS = 4000;
const ATTEMPT_MS = 8000; // the timeout of a request; aborting it also closes its connection
const START_MS = 20000; // how long the start of a login is retried
const COLLECT_MS = 120000; // how long the collection of a confirmed login is retried
const MAX_PAUSE_MS = 4000;
const STORAGE_KEY = 'heliograph.login';

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** A 256-bit secret and its SHA-256, both in base64url (RFC 7636, S256). */
export async function makeVerifier() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

/** A refusal by the service; `problem` is its RFC 9457 body, `kind` the last part of the problem's type. */
export class LoginProblem extends Error {
  constructor(problem, status) {
    super(problem.detail ?? problem.title ?? `The service answered ${status}`);
    this.problem = problem;
    this.status = status;
    this.kind = String(problem.type ?? '').replace(/^.*\//, '');
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Makes a JSON call. Transient failures are retried until `until` (by `performance.now()`): no connection, a timeout,
 * a server error, a rate limit, an error page of a proxy. Use it for idempotent calls only.
 *
 * @param {object} [options]
 * @param {string} [options.token] bearer token
 * @param {object} [options.body]
 * @param {object} [options.headers]
 * @param {boolean} [options.keepalive] the call continues after the page was closed
 * @param {number} [options.until] default: a single attempt
 * @param {() => void} [options.onRetry] called before each pause
 * @throws {LoginProblem} when the service refuses
 */
export async function send(method, url, { token, body, headers = {}, keepalive = false, until = 0, onRetry } = {}) {
  for (let attempt = 0; ; attempt++) {
    let failure;
    let retryAfterMs = 0;
    try {
      const response = await fetch(url, {
        method,
        keepalive,
        cache: 'no-store',
        credentials: 'same-origin',
        signal: AbortSignal.timeout(ATTEMPT_MS),
        headers: {
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(body && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        body: body && JSON.stringify(body),
      });
      // A truncated answer counts as a failure; the body of an error may come from a proxy.
      if (response.ok) return response.status === 204 ? {} : await response.json();
      const problem = await response.json().catch(() => ({}));
      failure = new LoginProblem(problem, response.status);
      const ours = String(problem.type ?? '').includes('/problems/');
      if (ours && response.status < 500 && response.status !== 429) throw failure;
      retryAfterMs = 1000 * (Number(response.headers.get('Retry-After') ?? problem.retryAfter) || 0);
      if (response.status === 429 && performance.now() + retryAfterMs > until) throw failure;
    } catch (error) {
      if (error === failure) throw error;
      failure = error;
    }
    const left = until - performance.now();
    if (left <= 0) throw failure;
    const backOff = Math.min(MAX_PAUSE_MS, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
    onRetry?.();
    // The last attempt is made before the end, even if the server requests a longer pause.
    await pause(Math.min(Math.max(backOff, retryAfterMs), Math.max(backOff, left - 2000)));
  }
}

const within = (ms) => performance.now() + ms;

/**
 * Starts a login, or continues the one that this tab had before it was reloaded. A login is stored in
 * `sessionStorage` until its grant was passed to `onGrant`.
 *
 * @param {object} options
 * @param {HTMLElement} options.code the element that shows the code
 * @param {(state: object) => void} options.onState called once per state, with `remainingMs()` by the server's clock
 * @param {(result: {grantCode: string, expiresIn: number}) => void | Promise<void>} options.onGrant passes the grant
 *   to your backend; if it returns a promise, a reload before that is fulfilled passes the same grant again
 * @param {(problem: Error) => void} [options.onError]
 * @param {object} [options.connection] the result of `connect()` of heliograph.js; none: polling only
 * @param {string} [options.provider]
 * @param {string} [options.label] the name of this browser on the phone
 * @param {string} [options.base] the address of the service; default: the origin of the page
 * @returns {{cancel: () => void, restart: () => void, leave: () => void}} `leave` is for `pagehide`: it cancels a
 *   login only if no phone has scanned the code
 */
export function startLogin(options) {
  const login = new Login(options);
  login.start(true);
  return { cancel: () => login.cancel(), restart: () => login.restart(), leave: () => login.leave() };
}

class Login {
  #options;
  #ticket;
  #verifier;
  #version = 0;
  #state;
  #follower;
  #refreshTimer;
  #ticker;
  #run = 0;
  #polledAt = 0;
  #polling = false;
  #refreshing = false;
  #collecting;
  /** The server's time minus `performance.now()`, from the answer with the shortest round trip. */
  #serverClock = -Infinity;
  /** The WebSocket is open but delivers no states of this ticket. */
  #unheard = false;

  constructor(options) {
    this.#options = { provider: 'app', base: '', onError: () => {}, ...options };
  }

  async start(resuming = false) {
    const run = ++this.#run;
    this.#stop();
    try {
      const kept = resuming && (await this.#kept());
      if (run !== this.#run) return;
      if (kept) {
        this.#begin(kept.ticket, kept.verifier, kept.state);
        return;
      }
      const made = await makeVerifier();
      const { provider, label } = this.#options;
      const ticket = await this.#send('POST', '/v1/logins', {
        until: within(START_MS),
        body: { provider, challenge: made.challenge, challengeMethod: 'S256', clientHint: { label } },
        headers: { 'Idempotency-Key': `"${base64url(crypto.getRandomValues(new Uint8Array(16)))}"` },
      });
      if (run === this.#run) this.#begin(ticket, made.verifier, ticket);
    } catch (error) {
      if (run === this.#run) this.#options.onError(error);
    }
  }

  /** The login that this tab had before a reload, with its present state, if it can still succeed. */
  async #kept() {
    let kept;
    try {
      kept = JSON.parse(sessionStorage.getItem(STORAGE_KEY));
    } catch {
      // No storage, or an entry of another program.
    }
    const { provider, base } = this.#options;
    if (!kept?.ticket?.watchToken || kept.provider !== provider || kept.base !== base) return undefined;
    try {
      const state = await this.#send('GET', `/v1/logins/${kept.ticket.ticket}`, {
        token: kept.ticket.watchToken,
        until: within(START_MS),
      });
      return { ...kept, state };
    } catch (error) {
      if (error.problem?.state === 'CONSUMED') return { ...kept, state: this.#end(kept.ticket, error) };
      if (error instanceof LoginProblem) this.#forget();
      return undefined;
    }
  }

  #keep() {
    const { provider, base } = this.#options;
    try {
      sessionStorage.setItem(
        STORAGE_KEY,
        JSON.stringify({ provider, base, ticket: this.#ticket, verifier: this.#verifier }),
      );
    } catch {
      // Without storage, a reload starts a new login.
    }
  }

  #forget() {
    try {
      sessionStorage.removeItem(STORAGE_KEY);
    } catch {
      // No storage.
    }
  }

  #begin(ticket, verifier, state) {
    this.#stop();
    this.#ticket = ticket;
    this.#verifier = verifier;
    this.#version = 0;
    this.#serverClock = -Infinity; // the server's clock may have been set back since the last ticket
    this.#unheard = false;
    this.#polledAt = performance.now();
    this.#keep();
    this.#draw(ticket.qr.svg);
    this.#see(state);
    if (this.#ticket !== ticket) return; // it has ended
    const { connection } = this.#options;
    if (connection) {
      this.#follower = connection.follow(`login:${ticket.ticket}`, {
        token: ticket.watchToken,
        onMessage: (message) => this.#see(message.data),
        onState: (state) => this.#see(state),
        onError: () => (this.#unheard = true),
      });
    }
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
  }

  /** Parses the image outside the page, and inserts it only if it is a plain SVG. */
  #draw(svg) {
    const picture = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    const plain = [...picture.children].every((part) => ['rect', 'path'].includes(part.localName));
    if (picture.localName !== 'svg' || !plain) throw new Error('the service did not return an SVG image');
    this.#options.code.replaceChildren(document.adoptNode(picture));
  }

  #see(state) {
    const ticket = this.#ticket;
    if (!ticket || state.ticket !== ticket.ticket) return;
    // A longer round trip gives an earlier time. A change of this device's clock has no effect.
    const serverClock = Date.parse(state.serverTime ?? '') - performance.now();
    if (serverClock > this.#serverClock) this.#serverClock = serverClock;
    if (state.version <= this.#version) return;
    this.#version = state.version;
    this.#state = state.state;
    const end = Date.parse(state.expiresAt ?? '');
    const remainingMs = () => Math.max(0, end - (performance.now() + this.#serverClock)) || 0;
    this.#options.onState({ ...state, matchCode: ticket.matchCode, qr: ticket.qr, remainingMs });
    if (this.#ticket !== ticket) return; // the page has restarted or cancelled the login
    clearTimeout(this.#refreshTimer);
    if (state.state === 'ISSUED') {
      this.#refreshTimer = setTimeout(() => this.#refresh(remainingMs), Math.max(0, remainingMs() - REFRESH_BEFORE_END_MS));
    }
    if (state.state === 'CONFIRMED' || state.state === 'CONSUMED') this.#collect();
    if (!state.final) return;
    if (state.state !== 'CONSUMED') this.#forget();
    if (state.state !== 'SUPERSEDED') this.#stop();
    else if (!this.#refreshing) this.start(); // replaced by another tab, or by a refresh whose answer was lost
  }

  /** Polls after the page becomes visible, since timers of hidden pages are delayed, and after the network returns. */
  #wake = () => {
    if (!document.hidden && performance.now() - this.#polledAt >= TICK_MS) this.#poll();
  };

  #tick() {
    const open = !this.#unheard && this.#options.connection?.state === 'open';
    const due = !open ? 0 : this.#state === 'ISSUED' ? POLL_WAITING_MS : POLL_SCANNED_MS;
    if (performance.now() - this.#polledAt >= due) this.#poll();
  }

  async #poll() {
    const ticket = this.#ticket;
    if (!ticket || this.#polling) return;
    this.#polling = true;
    this.#polledAt = performance.now();
    try {
      const state = await this.#send('GET', `/v1/logins/${ticket.ticket}`, { token: ticket.watchToken });
      // The WebSocket should have delivered this state.
      if (this.#ticket === ticket && state.version > this.#version) this.#unheard = true;
      this.#see(state);
    } catch (error) {
      if (['ticket-gone', 'ticket-not-found'].includes(error.kind)) this.#see(this.#end(ticket, error));
      // The next tick retries.
      if (error.kind === 'slow-down') this.#polledAt = performance.now() + 1000 * (error.problem.retryAfter ?? 5);
    } finally {
      this.#polling = false;
    }
  }

  /** The state that a refusal contains. */
  #end(ticket, { problem, kind }) {
    const state = kind === 'ticket-not-found' ? 'EXPIRED' : problem.state;
    return { version: Infinity, ...problem, ticket: ticket.ticket, state, final: true };
  }

  async #refresh(remainingMs) {
    const old = this.#ticket;
    const run = this.#run;
    if (!old || this.#state !== 'ISSUED' || this.#refreshing) return;
    this.#refreshing = true;
    try {
      const made = await makeVerifier();
      const ticket = await this.#send('POST', `/v1/logins/${old.ticket}/refresh`, {
        token: old.watchToken,
        until: within(remainingMs()),
        body: { auto: true, challenge: made.challenge },
      });
      this.#refreshing = false;
      if (run === this.#run) this.#begin(ticket, made.verifier, ticket);
    } catch (error) {
      this.#refreshing = false;
      // The answer to the first attempt was lost; the state that says so may have come while this one was under way.
      // Otherwise the code was scanned in the meantime, or a click is required: the ticket's own state says which.
      if (run === this.#run && [error.problem?.state, this.#state].includes('SUPERSEDED')) this.start();
    }
  }

  /** Collects the grant of a confirmed login, and retries after failures of the network or a server. */
  async #collect() {
    const { ticket, watchToken } = this.#ticket;
    const run = this.#run;
    if (this.#collecting === ticket) return;
    this.#collecting = ticket;
    try {
      const grant = await this.#send('POST', `/v1/logins/${ticket}/exchange`, {
        token: watchToken,
        until: within(COLLECT_MS),
        body: { verifier: this.#verifier },
      });
      if (run !== this.#run) return;
      await this.#options.onGrant(grant);
      if (run === this.#run) this.#forget();
    } catch (error) {
      if (run !== this.#run) return;
      if (error instanceof LoginProblem && error.status < 500) this.#forget();
      if (error.kind === 'ticket-gone' && this.#ticket?.ticket === ticket) this.#see(this.#end(this.#ticket, error));
      else this.#options.onError(error);
    } finally {
      if (run === this.#run) this.#collecting = undefined;
    }
  }

  async cancel() {
    const ticket = this.#ticket;
    this.#run++;
    this.#stop();
    this.#forget();
    // Continues after the page was closed, so that an abandoned code does not stay open.
    if (ticket) await this.#delete(ticket, '');
  }

  /** Cancels only an unscanned login, because the user may have confirmed without this page knowing yet. */
  async leave() {
    if (this.#ticket && this.#state === 'ISSUED') await this.#delete(this.#ticket, '?unscanned=true');
  }

  #delete({ ticket, watchToken }, query) {
    return this.#send('DELETE', `/v1/logins/${ticket}${query}`, { token: watchToken, keepalive: true }).catch(() => {});
  }

  restart() {
    this.cancel();
    return this.start();
  }

  #stop() {
    this.#follower?.unfollow();
    this.#follower = undefined;
    this.#ticket = undefined;
    clearTimeout(this.#refreshTimer);
    clearInterval(this.#ticker);
    removeEventListener('online', this.#wake);
    document.removeEventListener('visibilitychange', this.#wake);
  }

  #send(method, path, options) {
    return send(method, this.#options.base + path, options);
  }
}
