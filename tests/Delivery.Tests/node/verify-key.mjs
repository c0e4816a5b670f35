// Reads {publicKey, headers, body} as JSON and verifies the v1a signature with node's own Ed25519.
import { createPublicKey, verify } from "node:crypto";
let text = "";
for await (const piece of process.stdin) text += piece;
const { publicKey, headers, body } = JSON.parse(text);
const raw = Buffer.from(publicKey.slice("whpk_".length), "base64");
const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }, format: "jwk" });
const signatures = headers["webhook-signature"].split(" ").filter((s) => s.startsWith("v1a,")).map((s) => Buffer.from(s.slice(4), "base64"));
const isGood = (of) => signatures.some((s) => verify(null, Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${of}`), key, s));
console.log(isGood(body) ? "ok" : "refused", isGood(body + " ") ? "accepted a changed body" : "refused a changed body");
