// An HTTP/1.1 server that is not ours: prints its port, then a line for every request it read to the end, and answers which it was.
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('error', () => {});
  request.on('end', () => {
    const body = JSON.stringify(Buffer.concat(chunks).toString('latin1')).slice(1, -1);
    console.log(`200 ${request.method} ${request.url} ${body}`);
    response.end(`${request.method} ${request.url}`);
  });
});
// A connection that ends inside a request is one that the edge broke off. Anything else is a request that was not understood.
server.on('clientError', (error, socket) => {
  if (error.code !== 'ECONNRESET' && error.code !== 'HPE_INVALID_EOF_STATE') console.log(`fault ${error.code}`);
  socket.destroy();
});
let connections = 0;
server.on('connection', () => console.log(`connection ${++connections}`));
server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
