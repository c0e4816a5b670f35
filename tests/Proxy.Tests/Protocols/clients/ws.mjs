// A WebSocket server and client that are not ours. `ws.mjs PACKAGES serve` prints its port; `ws.mjs PACKAGES ask URL [CA.pem]` prints one "ok" a check.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
const [packages, mode, url, ca] = process.argv.slice(2);
const { WebSocket, WebSocketServer } = createRequire(packages + '/')('ws');

if (mode === 'serve') {
  let gone = 0;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true, maxPayload: 64 << 20, handleProtocols: asked => (asked.has('chat') ? 'chat' : false) });
  server.on('connection', socket => {
    socket.on('error', () => {});
    socket.on('close', code => { if (code === 1006) gone++; });
    socket.on('message', (data, isBinary) => {
      const text = isBinary ? '' : data.toString();
      if (text === 'close me') socket.close(4002, 'as asked');
      else if (text === 'ping me') { socket.once('pong', p => socket.send(`pong ${p}`)); socket.ping('from the server'); }
      else if (text === 'gone') socket.send(String(gone));
      else socket.send(data, { binary: isBinary });
    });
  });
  server.on('listening', () => console.log(server.address().port));
} else {
  const options = ca ? { ca: readFileSync(ca), servername: 'www.example.com' } : {};
  const check = (name, holds, seen) => { if (!holds) { console.log(`failed ${name}: ${seen}`); process.exit(1); } console.log(`ok ${name}`); };
  const open = async protocols => { const socket = new WebSocket(url, protocols, { ...options, headers: { Host: 'www.example.com' } }); await once(socket, 'open'); return socket; };
  const ask = async (socket, data) => { socket.send(data); return (await once(socket, 'message'))[0]; };

  const socket = await open(['other', 'chat']);
  check('protocol and compression', socket.protocol === 'chat' && socket.extensions.includes('permessage-deflate'), socket.protocol + socket.extensions);
  check('text', (await ask(socket, 'h\u00e4llo')).toString() === 'h\u00e4llo');
  const big = Buffer.alloc(8 << 20); for (let i = 0; i < big.length; i += 4) big.writeUInt32LE((i * 2654435761) >>> 0, i);
  check('a binary message of 8 MiB', big.equals(await ask(socket, big)));
  socket.ping('over here');
  check('ping from the client', (await once(socket, 'pong'))[0].toString() === 'over here');
  check('ping from the server', (await ask(socket, 'ping me')).toString() === 'pong from the server');
  socket.send('close me');
  const [code, reason] = await once(socket, 'close');
  check('close code of the server', code === 4002 && reason.toString() === 'as asked', `${code} ${reason}`);
  const other = await open(); other.close(4001, 'done');
  check('close code of the client', (await once(other, 'close'))[0] === 4001);
  const many = await Promise.all(Array.from({ length: 100 }, () => open()));
  const echoes = await Promise.all(many.map((s, i) => ask(s, `n${i}`)));
  check('a hundred at once', echoes.every((e, i) => e.toString() === `n${i}`));
  many.slice(1).forEach(s => s.terminate());
  let gone; do { gone = (await ask(many[0], 'gone')).toString(); } while (Number(gone) < 99);
  check('a broken connection is broken for the origin', gone === '99', gone);
  many[0].close();
}
