// The plainest server with `ws`: browsers at /sub/<address>, a POST to /pub/<address> goes to all of them there.
const http = require('node:http');
const { WebSocketServer, WebSocket } = require('ws');

const socketsByAddress = new Map();

const server = http.createServer((request, response) => {
  if (request.method !== 'POST') {
    response.end();
    return;
  }
  const parts = [];
  request.on('data', part => parts.push(part));
  request.on('end', () => {
    const payload = Buffer.concat(parts);
    for (const socket of socketsByAddress.get(request.url.slice(5)) ?? []) {
      if (socket.readyState === WebSocket.OPEN) socket.send(payload, { binary: false });
    }
    response.statusCode = 202;
    response.end();
  });
});
// Connections of backends stay, as with the others.
server.keepAliveTimeout = 0;

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
  const address = request.url.slice(5);
  let sockets = socketsByAddress.get(address);
  if (!sockets) socketsByAddress.set(address, (sockets = new Set()));
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => {
    sockets.delete(socket);
    if (sockets.size === 0) socketsByAddress.delete(address);
  });
});

server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 1024 });
