/** A server behind a WebSocket's constructor: welcomes, subscribes, and publishes when the test says so. */
export function fakeServer() {
  const sockets = new Set();
  const positions = {};
  const followed = new Map();

  class Socket {
    readyState = 1;
    constructor() {
      sockets.add(this);
      setTimeout(() => this.says({type: 'welcome', session: 's', heartbeat: 25_000, time: new Date().toISOString(), positions: {}}));
    }
    send(text) {
      const {type, id, channel, token} = JSON.parse(text);
      if (type === 'unsubscribe') {
        followed.delete(channel);
        this.says({type: 'unsubscribed', id});
      } else if (type === 'subscribe' && token === 'refused') {
        this.says({type: 'error', id, problem: {type: '/problems/forbidden', title: 'Forbidden', status: 403}});
      } else if (type === 'subscribe') {
        followed.set(channel, token);
        this.says({type: 'subscribed', id, channel, position: `e:${positions[channel] ?? 0}`, recovered: true, state: {channel}});
      }
    }
    close() {
      sockets.delete(this);
    }
    says(frame) {
      this.onmessage?.({data: JSON.stringify(frame)});
    }
  }

  return {
    Socket,
    followed,
    says: frame => sockets.forEach(socket => socket.says(frame)),
    publish(channel, data) {
      const position = positions[channel] = (positions[channel] ?? 0) + 1;
      for (const socket of sockets) {
        socket.says({type: 'message', channel, position: `e:${position}`, id: `m${position}`, event: 'news', data, time: '2026-01-01T00:00:00Z'});
      }
    }
  };
}

export const soon = () => new Promise(resolve => setTimeout(resolve, 20));
