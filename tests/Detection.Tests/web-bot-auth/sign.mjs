// Signs, and sends, what a test asks for. Arguments: the folder with node_modules. Standard input: a list of jobs; standard output: a list of
// answers, one a job.
import { createRequire } from 'node:module';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

const require = createRequire(`${process.argv[2]}/`);
const webBotAuth = require('web-bot-auth');
const { signerFromJWK } = require('web-bot-auth/crypto');
const httpMessageSig = require('http-message-sig');

// web-bot-auth: the signer that the drafts' authors publish.
async function signByWebBotAuth(job) {
  const headers = { ...job.headers };
  if (job.agent) headers['Signature-Agent'] = job.agent;
  const signed = await webBotAuth.signatureHeaders({ method: job.method, url: job.url, headers }, await signerFromJWK(job.jwk), {
    created: new Date(job.created), expires: new Date(job.expires), nonce: job.nonce, key: job.label, components: job.components,
  });
  return { ...headers, ...signed };
}

// http-message-sig: RFC 9421 to the letter, with members of dictionaries.
async function signByHttpMessageSig(job) {
  const headers = { ...job.headers, 'Signature-Agent': job.agent };
  const key = await crypto.subtle.importKey('jwk', job.jwk, { name: 'Ed25519' }, true, ['sign']);
  const keyid = await webBotAuth.jwkToKeyID(job.jwk, webBotAuth.helpers.WEBCRYPTO_SHA256, webBotAuth.helpers.BASE64URL_DECODE);
  const message = {
    kind: 'request', method: job.method, targetUri: job.url, requestTarget: new URL(job.url).pathname + new URL(job.url).search,
    fields: Object.entries(headers).map(([name, value]) => ({ name, value })),
  };
  const signed = await httpMessageSig.createSignature(message, {
    label: job.label, components: job.components, signer: httpMessageSig.webcrypto.signer(key),
    parameters: { created: job.created / 1000, expires: job.expires / 1000, keyid, nonce: job.nonce, tag: 'web-bot-auth' },
  });
  return { ...headers, Signature: signed.signature, 'Signature-Input': signed.signatureInput };
}

async function signDirectory(job) {
  const message = { request: { method: 'GET', url: job.url, headers: {} }, response: { status: 200, headers: {} } };
  const params = { created: new Date(job.created), expires: new Date(job.expires) };
  return await webBotAuth.directoryResponseHeaders(message, [await signerFromJWK(job.jwk)], params);
}

function send(port, job, headers) {
  const url = new URL(job.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method: job.method, path: url.pathname + url.search, headers: { Host: url.host, ...headers, ...job.sentHeaders } },
      answer => answer.resume().on('end', () => resolve(answer.statusCode)));
    sent.on('error', reject).end();
  });
}

const signers = { 'web-bot-auth': signByWebBotAuth, 'http-message-sig': signByHttpMessageSig, directory: signDirectory };
const answers = [];
for (const job of JSON.parse(await text(process.stdin))) {
  const headers = await signers[job.client](job);
  for (const port of job.sendTo ?? []) await send(port, job, headers);
  answers.push(headers);
}
process.stdout.write(JSON.stringify(answers));
