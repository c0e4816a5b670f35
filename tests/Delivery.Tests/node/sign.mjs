// Reads {secret, id, seconds, body} as JSON and signs the body as a sender would, with the library that the standard's authors publish.
import { createRequire } from "node:module";
const { Webhook } = createRequire(process.argv[2] + "/")("standardwebhooks");
let text = "";
for await (const piece of process.stdin) text += piece;
const { secret, id, seconds, body } = JSON.parse(text);
console.log(new Webhook(secret).sign(id, new Date(seconds * 1000), body));
