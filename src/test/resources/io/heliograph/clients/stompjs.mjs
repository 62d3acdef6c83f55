// A page with @stomp/stompjs, unmodified. Its orders come as JSON lines, and what happens leaves as JSON lines.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const [folder, url, options] = process.argv.slice(2)
const { token, origin, reconnectDelay = 0, versions, sockjs } = JSON.parse(options)
const require = createRequire(folder + '/page.js')
const WebSocket = require('ws')
const { Client, Versions } = require('@stomp/stompjs')

const say = (what, more) => console.log(JSON.stringify({ what, ...more }))
const subscriptions = new Map()
const positions = new Map()

const client = new Client({
  reconnectDelay: Number(reconnectDelay),
  ...(versions ? { stompVersions: new Versions(versions) } : {}),
  webSocketFactory: () => sockjs ? new (require('sockjs-client'))(url) : new WebSocket(url, client.stompVersions.protocolVersions(), origin ? { origin } : {}),
  connectHeaders: token ? { Authorization: 'Bearer ' + token } : {},
  onConnect: frame => {
    say('connected', frame.headers)
    for (const { destination, headers } of subscriptions.values()) {
      follow(destination, headers)
    }
  },
  onStompError: frame => say('error', { ...frame.headers, body: frame.body }),
  onWebSocketError: () => say('failed'),
  onWebSocketClose: event => say('closed', { code: event.code }),
  onDisconnect: () => say('disconnected'),
})

function follow(destination, headers) {
  const receipt = 'receipt-' + Math.random()
  client.watchForReceipt(receipt, frame => say('subscribed', { destination, recovered: frame.headers.recovered }))
  const since = positions.get(destination)
  client.subscribe(
    destination,
    message => {
      const { event, position } = message.headers
      if (position) {
        positions.set(destination, position)
      }
      say('message', { destination, event, data: JSON.parse(message.body) })
      if (headers.ack) {
        message.ack()
      }
    },
    { ...headers, receipt, ...(since ? { since } : {}) },
  )
}

const orders = {
  subscribe: ({ destination, headers = {} }) => {
    subscriptions.set(destination, { destination, headers })
    follow(destination, headers)
  },
  publish: ({ destination, body, headers = {} }) => client.publish({ destination, body, headers }),
  leave: () => client.deactivate(),
}

createInterface({ input: process.stdin })
  .on('line', line => {
    const { order, ...more } = JSON.parse(line)
    orders[order](more)
  })
  .on('close', () => process.exit())
client.activate()
