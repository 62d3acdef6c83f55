// @ts-check
/** What a browser says about the page and the network. Elsewhere (Node, workers) the events that there are. */

/**
 * @typedef {object} PageHost
 * @property {() => void} wake the page is shown, or the network is back
 * @property {() => void} sleep the page is frozen, or put into the back/forward cache, or left
 * @property {() => void} resume the page is back from there
 * @property {() => void} offline the network is gone
 */

export const isOffline = () => globalThis.navigator?.onLine === false;

/** @param {PageHost} host @returns {() => void} stops watching */
export function watchPage(host) {
  const {document} = globalThis;
  const watching = new AbortController();
  /** @param {EventTarget | undefined} target @param {string} type @param {() => void} act */
  const on = (target, type, act) => target?.addEventListener?.(type, act, {signal: watching.signal});
  on(globalThis, 'online', host.wake);
  on(globalThis, 'offline', host.offline);
  on(globalThis, 'pagehide', host.sleep);
  on(globalThis, 'pageshow', host.resume);
  on(document, 'freeze', host.sleep);
  on(document, 'resume', host.resume);
  on(document, 'visibilitychange', () => document.visibilityState === 'visible' && host.wake());
  return () => watching.abort();
}
