// @ts-check
/**
 * Heliograph's browser client: the last step of a message's journey, from the socket to your handlers.
 *
 * It keeps one connection open, reconnects when it is lost, and resumes every channel where it stopped: each
 * message once and in order, or a gap that says so. Nothing to install or build:
 *
 *     import {connect} from '/heliograph.js';
 *     const h = connect();
 *     h.on('greeting', message => console.log(message.data));
 *
 * @module heliograph
 */
import {addressOf} from './heliograph/address.js';
import {withFallbacks} from './heliograph/fallback/ladder.js';
import {SendingHeliograph} from './heliograph/upstream.js';

export {SendingHeliograph as Heliograph};

/**
 * Opens a connection that stays: it reconnects by itself until `close()` or until the server says not to.
 *
 * @param {string | URL} [url] by default the `/ws` beside this module
 * @param {import('./heliograph.d.ts').ConnectOptions} [options]
 */
export function connect(url, options = {}) {
  return new SendingHeliograph(addressOf(url, import.meta.url), {...options, WebSocket: withFallbacks(options)});
}
