// @ts-check
/** Where the server is. */

/** @param {string | URL | undefined} url @param {string} beside the address of the module that is loaded */
export function addressOf(url, beside) {
  const address = new URL(url ?? 'ws', beside);
  address.protocol = address.protocol.replace('http', 'ws');
  if (!/^wss?:$/.test(address.protocol)) {
    throw new TypeError(`${address} is not like wss://push.example/ws`);
  }
  return address.href;
}
