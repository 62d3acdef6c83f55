// @ts-check
/**
 * Heliograph's browser client over a WebSocket alone: for pages that every byte counts for, and whose users' networks
 * let WebSockets through.
 *
 *     import {connect} from 'heliograph/core';
 *
 * @module heliograph/core
 */
import {addressOf} from './heliograph/address.js';
import {Heliograph} from './heliograph/client.js';

export {Heliograph};

/**
 * Opens a connection that stays: it reconnects by itself until `close()` or until the server says not to.
 *
 * @param {string | URL} [url] by default the `/ws` beside this module
 * @param {import('./heliograph.d.ts').ConnectOptions} [options]
 */
export function connect(url, options = {}) {
  return new Heliograph(addressOf(url, import.meta.url), options);
}
