// The browser's side of a QR login: makes a verifier, shows the code, follows the ticket, collects the grant code.
// The state with the highest version counts, wherever it was read: from the socket, which may be dead without a sign,
// or from a poll. Calls that fail are repeated, and a page that is reloaded goes on with its login.

const TICK_MS = 3000; // polls come at most so often
const POLL_WAITING_MS = 15000; // beside an open socket, until the code is scanned
const POLL_SCANNED_MS = 5000; // and from then on: the user is about to confirm
const REFRESH_BEFORE_END_MS = 4000;
const ATTEMPT_MS = 8000; // a request without an answer for so long is aborted, and its connection with it
const START_MS = 20000; // how long a login that cannot be started is tried again
const COLLECT_MS = 120000; // how long a confirmed login is
const MAX_PAUSE_MS = 4000;
const STORAGE_KEY = 'heliograph.login';

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** A secret of 256 bits and its SHA-256, both in base64url (RFC 7636, S256). */
export async function makeVerifier() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

/** The service refused; `problem` is its RFC 9457 body, `kind` the last part of the problem's type. */
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
 * Makes a JSON call. What may pass is tried again until `until` (by `performance.now()`): no connection, no answer in
 * time, a server error, a rate limit, an error page of a proxy. Use it for calls that may be repeated.
 *
 * @param {object} [options]
 * @param {string} [options.token] bearer token
 * @param {object} [options.body]
 * @param {object} [options.headers]
 * @param {boolean} [options.keepalive] the call outlives the page
 * @param {number} [options.until] without it there is one attempt
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
      // An answer that breaks off is no answer; an error's body may come from a proxy.
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
    // The last attempt comes before the end, also when the server asks for a longer pause.
    await pause(Math.min(Math.max(backOff, retryAfterMs), Math.max(backOff, left - 2000)));
  }
}

const within = (ms) => performance.now() + ms;

/**
 * Starts a login, or goes on with the one that this tab had before it was reloaded. A login is kept in
 * `sessionStorage` until its grant was handed over.
 *
 * @param {object} options
 * @param {HTMLElement} options.code where the code is drawn
 * @param {(state: object) => void} options.onState each state once, with `remainingMs()` by the server's clock
 * @param {(result: {grantCode: string, expiresIn: number}) => void | Promise<void>} options.onGrant give it to your
 *   backend; return a promise, and a reload before it is fulfilled hands the same grant over again
 * @param {(problem: Error) => void} [options.onError]
 * @param {object} [options.connection] what `connect()` of heliograph.js answered; none: polling alone
 * @param {string} [options.provider]
 * @param {string} [options.label] what this browser is called on the phone
 * @param {string} [options.base] where the service is; none: where the page is from
 * @returns {{cancel: () => void, restart: () => void, leave: () => void}} `leave` is for `pagehide`: it ends a login
 *   that nobody has scanned, and no other
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
  /** The server's time minus `performance.now()`, of the answer that was under way for the shortest time. */
  #serverClock = -Infinity;
  /** The socket is there but does not tell of this ticket. */
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
      // No storage, or not ours.
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
      // Then a reload starts anew.
    }
  }

  #forget() {
    try {
      sessionStorage.removeItem(STORAGE_KEY);
    } catch {
      // There is no storage.
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
    if (this.#ticket !== ticket) return; // it was over
    const { connection } = this.#options;
    if (connection) {
      this.#follower = connection.follow(`login:${ticket.ticket}`, {
        token: ticket.watchToken,
        onMessage: (message) => this.#see(message.data),
        onState: (told) => this.#see(told),
        onError: () => (this.#unheard = true),
      });
    }
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    addEventListener('online', this.#wake);
    document.addEventListener('visibilitychange', this.#wake);
  }

  /** Parsed as a picture rather than as a part of the page, and let in only if it is one. */
  #draw(svg) {
    const picture = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    const plain = [...picture.children].every((part) => ['rect', 'path'].includes(part.localName));
    if (picture.localName !== 'svg' || !plain) throw new Error('the service sent no picture');
    this.#options.code.replaceChildren(document.adoptNode(picture));
  }

  #see(state) {
    const ticket = this.#ticket;
    if (!ticket || state.ticket !== ticket.ticket) return;
    // An answer that took longer shows an earlier time; a step of this device's clock shows nowhere.
    const told = Date.parse(state.serverTime ?? '') - performance.now();
    if (told > this.#serverClock) this.#serverClock = told;
    if (state.version <= this.#version) return;
    this.#version = state.version;
    this.#state = state.state;
    const end = Date.parse(state.expiresAt ?? '');
    const remainingMs = () => Math.max(0, end - (performance.now() + this.#serverClock)) || 0;
    this.#options.onState({ ...state, matchCode: ticket.matchCode, qr: ticket.qr, remainingMs });
    if (this.#ticket !== ticket) return; // the page has restarted or cancelled it
    clearTimeout(this.#refreshTimer);
    if (state.state === 'ISSUED') {
      this.#refreshTimer = setTimeout(() => this.#refresh(remainingMs), Math.max(0, remainingMs() - REFRESH_BEFORE_END_MS));
    }
    if (state.state === 'CONFIRMED' || state.state === 'CONSUMED') this.#collect();
    if (!state.final) return;
    if (state.state !== 'CONSUMED') this.#forget();
    if (state.state !== 'SUPERSEDED') this.#stop();
    else if (!this.#refreshing) this.start(); // by another tab, or by a refresh whose answer got lost
  }

  /** Timers of a hidden page run late, and a network that comes back may have a state to tell. */
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
      // The socket should have told.
      if (this.#ticket === ticket && state.version > this.#version) this.#unheard = true;
      this.#see(state);
    } catch (error) {
      if (['ticket-gone', 'ticket-not-found'].includes(error.kind)) this.#see(this.#end(ticket, error));
      // The next attempt comes later.
      if (error.kind === 'slow-down') this.#polledAt = performance.now() + 1000 * (error.problem.retryAfter ?? 5);
    } finally {
      this.#polling = false;
    }
  }

  /** The state that a refusal tells. */
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
      // The answer to the first attempt got lost. Otherwise the code was scanned in the meantime, or it is time for
      // a click: the ticket's own state tells which.
      if (run === this.#run && error.problem?.state === 'SUPERSEDED') this.start();
    }
  }

  /** The user has confirmed: no failure of the network or of a server may lose that. */
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
    // Outlives the page: a code that nobody looks at any more should not stay open.
    if (ticket) await this.#delete(ticket, '');
  }

  /** The user may have confirmed without this page knowing it yet, so only an unscanned login ends. */
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
