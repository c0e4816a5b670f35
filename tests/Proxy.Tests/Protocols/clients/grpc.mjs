// A gRPC server and client that are not ours. `grpc.mjs PACKAGES serve` prints its port; `grpc.mjs PACKAGES ask HOST:PORT [CA.pem]` prints one "ok" a check.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
const [packages, mode, target, ca] = process.argv.slice(2);
const grpc = createRequire(packages + '/')('@grpc/grpc-js');

const same = { requestSerialize: b => b, requestDeserialize: b => b, responseSerialize: b => b, responseDeserialize: b => b };
const method = (name, requestStream, responseStream) => ({ path: `/weir.Test/${name}`, requestStream, responseStream, ...same });
const service = {
  unary: method('Unary', false, false), list: method('List', false, true), sum: method('Sum', true, false), chat: method('Chat', true, true),
  hang: method('Hang', false, false), cancelled: method('Cancelled', false, false),
};

if (mode === 'serve') {
  let cancelled = 0;
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 });
  server.addService(service, {
    unary: (call, done) => {
      if (call.request.toString() !== 'missing') return done(null, call.request);
      const trailer = new grpc.Metadata();
      trailer.set('x-detail', 'shelf 7');
      done({ code: grpc.status.NOT_FOUND, details: 'no such book: \u00e4', metadata: trailer });
    },
    list: call => { for (let i = 0; i < 100; i++) call.write(Buffer.from(`item ${i}`)); call.end(); },
    sum: (call, done) => { let n = 0; call.on('data', b => { n += b.length; }); call.on('end', () => done(null, Buffer.from(String(n)))); },
    chat: call => { call.on('data', b => call.write(b)); call.on('end', () => call.end()); },
    hang: call => { call.on('cancelled', () => { cancelled++; }); },
    cancelled: (call, done) => done(null, Buffer.from(String(cancelled))),
  });
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => console.log(error ?? port));
} else {
  const credentials = ca ? grpc.credentials.createSsl(readFileSync(ca)) : grpc.credentials.createInsecure();
  const Client = grpc.makeGenericClientConstructor(service, 'weir.Test');
  const client = new Client(target, credentials, {
    'grpc.default_authority': 'www.example.com', 'grpc.ssl_target_name_override': 'www.example.com', 'grpc.max_receive_message_length': -1, 'grpc.enable_retries': 0,
  });
  const deadline = ms => ({ deadline: Date.now() + ms });
  const unary = (name, body, options = deadline(60000)) =>
    new Promise(done => { client[name](Buffer.from(body), options, (error, answer) => done({ error, answer })); });
  const check = (name, holds, seen) => { if (!holds) { console.log(`failed ${name}: ${seen}`); process.exit(1); } console.log(`ok ${name}`); };

  const plain = await unary('unary', 'hello');
  check('unary', plain.answer?.toString() === 'hello', plain.error);
  const big = await unary('unary', Buffer.alloc(3_000_000, 7));
  check('3 MB message', big.answer?.length === 3_000_000, big.error);
  const missing = await unary('unary', 'missing');
  check('status in trailers', missing.error?.code === grpc.status.NOT_FOUND && missing.error.details === 'no such book: \u00e4'
    && missing.error.metadata.get('x-detail')[0] === 'shelf 7', JSON.stringify(missing.error));
  const items = await new Promise((done, fail) => {
    const got = []; const call = client.list(Buffer.alloc(0), deadline(60000));
    call.on('data', b => got.push(b.toString())); call.on('error', fail); call.on('end', () => done(got));
  });
  check('server streaming', items.length === 100 && items[99] === 'item 99', items.length);
  const sum = await new Promise((done, fail) => {
    const call = client.sum(deadline(60000), (error, answer) => (error ? fail(error) : done(answer.toString())));
    for (let i = 0; i < 50; i++) call.write(Buffer.alloc(1000)); call.end();
  });
  check('client streaming', sum === '50000', sum);
  const words = await new Promise((done, fail) => {
    // Each word is sent only after the one before came back.
    const got = []; const call = client.chat(deadline(60000));
    call.on('data', b => { got.push(b.toString()); if (got.length < 20) call.write(Buffer.from(`word ${got.length}`)); else call.end(); });
    call.on('error', fail); call.on('end', () => done(got)); call.write(Buffer.from('word 0'));
  });
  check('both ways at once', words.length === 20 && words[19] === 'word 19', words.length);
  const late = await unary('hang', '', deadline(500));
  check('deadline', late.error?.code === grpc.status.DEADLINE_EXCEEDED, late.error);
  const gone = await new Promise(done => {
    const call = client.hang(Buffer.alloc(0), deadline(60000), error => done(error)); setTimeout(() => call.cancel(), 300);
  });
  check('cancel', gone?.code === grpc.status.CANCELLED, gone);
  // The origin learns of both.
  let seen; do { seen = (await unary('cancelled', '')).answer?.toString(); } while (seen !== '2' && seen !== undefined);
  check('cancellation reaches the origin', seen === '2', seen);
  client.close();
}
