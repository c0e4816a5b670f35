// A mail server. Arguments: packages' folder, JSON of options. Prints its port, then each mail as one line of JSON.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
const { SMTPServer } = createRequire(process.argv[2] + "/")("smtp-server");
const options = JSON.parse(process.argv[3]);
const server = new SMTPServer({
  secure: options.secure === true,
  disabledCommands: options.startTls === false ? ["STARTTLS"] : [],
  authOptional: !options.password,
  key: options.key && readFileSync(options.key),
  cert: options.cert && readFileSync(options.cert),
  onAuth: (auth, session, done) => auth.username === "weir" && auth.password === options.password
    ? done(null, { user: auth.username }) : done(new Error("no such user or password")),
  onRcptTo: (address, session, done) => {
    const code = address.address.startsWith("unknown") ? 550 : address.address.startsWith("busy") ? 451 : 0;
    done(code ? Object.assign(new Error("not taken"), { responseCode: code }) : null);
  },
  onData: (stream, session, done) => {
    let text = "";
    stream.on("data", piece => text += piece);
    stream.on("end", () => {
      console.log(JSON.stringify({
        secure: session.secure, user: session.user ?? null, from: session.envelope.mailFrom.address,
        to: session.envelope.rcptTo.map(r => r.address), text,
      }));
      done();
    });
  },
});
server.on("error", () => {});
server.listen(0, "127.0.0.1", () => console.log(server.server.address().port));
