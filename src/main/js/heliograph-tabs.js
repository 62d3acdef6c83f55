// @ts-check
/**
 * Heliograph's browser client with one connection for all tabs of an origin and user:
 *
 *     import {connect} from '/heliograph-tabs.js';
 *     const h = connect('/ws', {token});
 *
 * @module heliograph/tabs
 */
import {addressOf} from './heliograph/address.js';
import {withFallbacks} from './heliograph/fallback/ladder.js';
import {sharedAmongTabs} from './heliograph/tabs/shared-socket.js';
import {SendingHeliograph} from './heliograph/upstream.js';

export {SendingHeliograph as Heliograph};

/**
 * Opens a connection that stays: it reconnects by itself until `close()` or until the server says not to.
 *
 * @param {string | URL} [url] by default the `/ws` beside this module
 * @param {import('./heliograph.d.ts').ConnectOptions} [options]
 */
export function connect(url, options = {}) {
  const Socket = withFallbacks(options);
  const WebSocket = Socket && options.shareTabs !== false ? sharedAmongTabs(Socket) : Socket;
  return new SendingHeliograph(addressOf(url, import.meta.url), {...options, WebSocket});
}
