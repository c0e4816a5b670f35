// Reads {secret, headers, body} as JSON and verifies them as a receiver would, with the library that the standard's authors publish.
import { createRequire } from "node:module";
const { Webhook } = createRequire(process.argv[2] + "/")("standardwebhooks");
let text = "";
for await (const piece of process.stdin) text += piece;
const { secret, headers, body } = JSON.parse(text);
const hook = new Webhook(secret);
console.log("ok", JSON.stringify(hook.verify(body, headers)));
for (const [what, wrong] of [["body", [body + " ", headers]], ["id", [body, { ...headers, "webhook-id": "msg_other" }]],
  ["timestamp", [body, { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) }]]]) {
  try {
    hook.verify(...wrong);
    console.log("accepted a changed", what);
  } catch {
    console.log("refused a changed", what);
  }
}
