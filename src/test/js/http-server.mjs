/** The server's side of the transports over HTTP, as a `fetch` that a test answers by hand. */
export class FakeServer {
  /** @type {Exchange[]} */
  exchanges = [];
  /** Everything fails, as it does without a network. */
  gone = false;

  fetch = (url, init) => {
    const exchange = new Exchange(url, init);
    this.exchanges.push(exchange);
    return this.gone ? Promise.reject(new TypeError('fetch failed')) : exchange.response;
  };

  get latest() {
    return this.exchanges.at(-1);
  }
  /** How many exchanges are under way. */
  get open() {
    return this.exchanges.filter(exchange => !exchange.ended).length;
  }
}

class Exchange {
  ended = false;
  #lines = [];
  #wake = () => {};

  constructor(url, init) {
    this.url = url;
    this.method = init.method;
    this.token = init.headers.Authorization;
    this.frames = init.body.split('\n').filter(Boolean).map(line => JSON.parse(line));
    this.response = new Promise((resolve, reject) => Object.assign(this, {resolve, reject}));
    this.response.catch(() => {}); // where the client does not wait for it any more
    init.signal.addEventListener('abort', () => {
      this.aborted = true;
      this.cut(init.signal.reason);
    });
  }

  asked(channel) {
    return this.frames.find(frame => frame.type === 'subscribe' && frame.channel === channel);
  }

  // The server's side:

  /** Frames on a stream; its head goes out with the first. */
  says(...frames) {
    for (const frame of frames) {
      this.sends(`data: ${JSON.stringify(frame)}\n\n`);
    }
  }
  /** Bytes on a stream, whole lines or not. */
  sends(text) {
    this.resolve({status: 200, headers: new Headers({'Content-Type': 'text/event-stream'}), body: {getReader: () => this}});
    this.#lines.push(text);
    this.#wake();
  }
  /** All of a poll. */
  answers(...frames) {
    this.ended = true;
    this.resolve({status: 200, headers: new Headers({'Content-Type': 'application/json'}), json: async () => frames});
  }
  refuses(status, title, headers = {}) {
    this.ended = true;
    this.resolve({
      status,
      headers: new Headers({'Content-Type': title ? 'application/problem+json' : 'text/html', ...headers}),
      json: async () => ({type: '/problems/x', title, status})
    });
  }
  /** The stream ends in good order. */
  ends() {
    this.ended = true;
    this.#wake();
  }
  cut(why = new TypeError('network error')) {
    this.failure = why;
    this.ended = true;
    this.reject(why);
    this.#wake();
  }

  // What the client reads from:

  async read() {
    while (this.#lines.length === 0 && !this.ended) {
      await new Promise(resolve => this.#wake = resolve);
    }
    if (this.#lines.length > 0) {
      return {done: false, value: new TextEncoder().encode(this.#lines.shift())};
    }
    if (this.failure) {
      throw this.failure;
    }
    return {done: true};
  }
}
