// The browser's side of a QR login: makes a verifier, shows the code, follows the ticket, collects the grant code.
// The socket only hints; what counts is the state with the highest version, wherever it was read.

const POLL_WITHOUT_SOCKET_MS = 3000;
const SLOW_DOWN_MS = 5000;
const REFRESH_BEFORE_END_MS = 4000;

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

/** A secret of 256 bits and its SHA-256, both in base64url (RFC 7636, S256). */
export async function makeVerifier() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return { verifier, challenge: base64url(new Uint8Array(digest)) };
}

/** The service said no; `problem` is its RFC 9457 body. */
export class LoginProblem extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? 'refused');
    this.problem = problem;
    this.kind = String(problem.type ?? '').replace(/^.*\//, '');
  }
}

/**
 * @param {object} options
 * @param {HTMLElement} options.code where the code is drawn
 * @param {(state: object) => void} options.onState each state once, with `remainingMs()` by the server's clock
 * @param {(result: {grantCode: string, expiresIn: number}) => void} options.onGrant give it to your backend
 * @param {(problem: Error) => void} [options.onError]
 * @param {object} [options.connection] what `connect()` of heliograph.js answered; none: polling alone
 * @param {string} [options.provider]
 * @param {string} [options.label] what this browser is called on the phone
 * @param {string} [options.base] where the service is; none: where the page is from
 */
export function startLogin(options) {
  const login = new Login(options);
  login.start();
  return { cancel: () => login.cancel(), restart: () => login.restart() };
}

class Login {
  #options;
  #ticket;
  #verifier;
  #version = 0;
  #follower;
  #timers = new Set();
  #run = 0;
  #offset = 0;
  /** The socket is there but does not tell of this ticket. */
  #unheard = false;

  constructor(options) {
    this.#options = { provider: 'app', base: '', onError: () => {}, ...options };
  }

  async start() {
    const run = ++this.#run;
    try {
      const made = await makeVerifier();
      const { provider, label } = this.#options;
      const ticket = await this.#call('POST', '/v1/logins', {
        body: { provider, challenge: made.challenge, challengeMethod: 'S256', clientHint: { label } },
        headers: { 'Idempotency-Key': `"${base64url(crypto.getRandomValues(new Uint8Array(16)))}"` },
      });
      if (run === this.#run) this.#begin(ticket, made.verifier);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #begin(ticket, verifier) {
    this.#stop();
    this.#ticket = ticket;
    this.#verifier = verifier;
    this.#version = 0;
    this.#unheard = false;
    this.#draw(ticket.qr.svg);
    this.#see(ticket);
    const { connection } = this.#options;
    if (connection) {
      this.#follower = connection.follow(`login:${ticket.ticket}`, {
        token: ticket.watchToken,
        onMessage: (message) => this.#see(message.data),
        onState: (state) => this.#see(state),
        onError: () => (this.#unheard = true),
      });
    }
    this.#later(() => this.#poll(), POLL_WITHOUT_SOCKET_MS);
  }

  /** Parsed as a picture rather than as a part of the page, and let in only if it is one. */
  #draw(svg) {
    const picture = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
    const plain = [...picture.children].every((part) => ['rect', 'path'].includes(part.localName));
    if (picture.localName !== 'svg' || !plain) throw new Error('the service sent no picture');
    this.#options.code.replaceChildren(document.adoptNode(picture));
  }

  #see(state) {
    if (!this.#ticket || state.ticket !== this.#ticket.ticket || state.version <= this.#version) return;
    this.#version = state.version;
    if (state.serverTime) this.#offset = Date.parse(state.serverTime) - Date.now();
    const end = Date.parse(state.expiresAt ?? '');
    const remainingMs = () => Math.max(0, end - (Date.now() + this.#offset));
    this.#options.onState({ ...state, matchCode: this.#ticket.matchCode, qr: this.#ticket.qr, remainingMs });
    if (state.state === 'ISSUED') this.#later(() => this.#refresh(), remainingMs() - REFRESH_BEFORE_END_MS);
    if (state.state === 'CONFIRMED') this.#collect();
    if (state.final) this.#stop();
  }

  async #poll() {
    const ticket = this.#ticket;
    if (!ticket) return;
    let wait = (ticket.pollInterval ?? 3) * 1000;
    if (this.#unheard || this.#options.connection?.state !== 'open') {
      try {
        const state = await this.#call('GET', `/v1/logins/${ticket.ticket}`, { token: ticket.watchToken });
        this.#see(state);
      } catch (error) {
        if (error.kind === 'ticket-gone') {
          this.#see({ ticket: ticket.ticket, version: Infinity, final: true, ...error.problem });
        } else if (error.kind === 'ticket-not-found') {
          this.#see({ ticket: ticket.ticket, version: Infinity, final: true, state: 'EXPIRED' });
        } else if (error.kind === 'slow-down') {
          wait += SLOW_DOWN_MS;
        }
      }
    }
    if (this.#ticket === ticket) this.#later(() => this.#poll(), wait);
  }

  async #refresh() {
    const old = this.#ticket;
    const run = this.#run;
    if (!old || this.#version > 1) return;
    try {
      const made = await makeVerifier();
      const ticket = await this.#call('POST', `/v1/logins/${old.ticket}/refresh`, {
        token: old.watchToken,
        body: { auto: true, challenge: made.challenge },
      });
      if (run === this.#run) this.#begin(ticket, made.verifier);
    } catch {
      // Scanned in the meantime, or time for a click: the ticket's own state tells which.
    }
  }

  async #collect() {
    const { ticket, watchToken } = this.#ticket;
    try {
      const grant = await this.#call('POST', `/v1/logins/${ticket}/exchange`, {
        token: watchToken,
        body: { verifier: this.#verifier },
      });
      this.#options.onGrant(grant);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async cancel() {
    const ticket = this.#ticket;
    this.#run++;
    this.#stop();
    if (ticket) {
      // Outlives the page: a code that nobody looks at any more should not stay open.
      await this.#call('DELETE', `/v1/logins/${ticket.ticket}`, { token: ticket.watchToken, keepalive: true }).catch(() => {});
    }
  }

  async restart() {
    await this.cancel();
    await this.start();
  }

  #stop() {
    this.#follower?.unfollow();
    this.#follower = undefined;
    this.#ticket = undefined;
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
  }

  #later(act, delay) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, Math.max(0, delay));
    this.#timers.add(timer);
  }

  async #call(method, path, { token, body, headers = {}, keepalive = false } = {}) {
    const response = await fetch(this.#options.base + path, {
      method,
      keepalive,
      cache: 'no-store',
      credentials: 'same-origin',
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
    if (!response.ok) throw new LoginProblem(answer);
    return answer;
  }
}
