// A page with socket.io-client, unmodified. Its orders come as JSON lines, and what happens leaves as JSON lines.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [folder, url, options] = process.argv.slice(2)
const { token, origin, transports, keepsPositions, cookies, reconnectionDelay = 200 } = JSON.parse(options)
const require = createRequire(folder + '/page.js')
const { io } = require('socket.io-client')

const say = (what, more) => console.log(JSON.stringify({ what, ...more }))
const positions = {}

const socket = io(url, {
  transports: transports.split(','),
  reconnectionDelay: Number(reconnectionDelay),
  ...(cookies ? { withCredentials: true } : {}),
  ...(origin ? { extraHeaders: { Origin: origin } } : {}),
  auth: send => send({ ...(token ? { token } : {}), ...(keepsPositions ? { positions } : {}) }),
})

const carrier = () => socket.io.engine?.transport.name
socket.io.on('open', () => socket.io.engine.on('upgrade', transport => say('upgraded', { to: transport.name })))
socket.on('connect', () => say('connected', { session: socket.id, recovered: socket.recovered, carrier: carrier() }))
socket.on('connect_error', error =>
  say('refused', { message: error.message, status: error.data?.status ?? error.context?.status ?? 0, active: socket.active }))
socket.on('disconnect', reason => say('disconnected', { reason, active: socket.active }))
socket.onAny((event, data, meta) => {
  if (meta?.position) {
    positions[meta.channel] = meta.position
    say('message', { event, data, from: meta.channel })
  } else {
    if (event === 'welcome') {
      for (const [channel, position] of Object.entries(data.positions)) {
        positions[channel] ??= position
      }
    }
    say(event, { data })
  }
})

const orders = {
  ask: ({ event }) => socket.emit(...event, answer => say('answer', { answer, carrier: carrier() })),
  leave: () => socket.disconnect(),
}

createInterface({ input: process.stdin })
  .on('line', line => {
    const { order, ...more } = JSON.parse(line)
    orders[order](more)
  })
  .on('close', () => process.exit())
