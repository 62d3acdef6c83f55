// A page with the npm package eventsource, unmodified. What happens leaves as JSON lines.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [folder, url, options] = process.argv.slice(2)
const { token, site, types } = JSON.parse(options)
const { EventSource } = createRequire(folder + '/page.js')('eventsource')

const say = (what, more) => console.log(JSON.stringify({ what, ...more }))

const source = new EventSource(url, {
  fetch: (input, init) => fetch(input, {
    ...init,
    headers: {
      ...init.headers,
      ...(token ? { Authorization: 'Bearer ' + token } : {}),
      ...(site ? { 'Sec-Fetch-Site': site } : {}),
    },
  }),
})
for (const type of types.split(',')) {
  source.addEventListener(type, ({ data, lastEventId }) => say(type, { data: JSON.parse(data), id: lastEventId }))
}
source.addEventListener('error', ({ code }) => say('error', { code: code ?? 0, state: source.readyState }))

createInterface({ input: process.stdin }).on('close', () => process.exit())
