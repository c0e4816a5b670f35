// Times each peer over the user agents given: {"userAgents":[…],"ms":300}. Writes nanoseconds for one user agent in the fastest pass, per peer.
import { readFileSync } from 'node:fs';
import { detectors, versionOf } from './detectors.mjs';

const { userAgents, ms } = JSON.parse(readFileSync(0, 'utf8'));
const answers = Object.entries(detectors).map(([name, detect]) => {
  let programs = 0;
  const pass = () => {
    const start = process.hrtime.bigint();
    for (const userAgent of userAgents)
      programs += detect(userAgent) ? 1 : 0;
    return Number(process.hrtime.bigint() - start) / userAgents.length;
  };
  const run = forMs => {
    const times = [];
    const end = performance.now() + forMs;
    do
      times.push(pass());
    while (performance.now() < end);
    return Math.min(...times);
  };
  run(ms); // the engine compiles
  return { name, version: versionOf(name), ns: run(ms), programs };
});
process.stdout.write(JSON.stringify({ node: process.version, answers }));
