// Reads user agents, one JSON text a line; writes what each peer says of each: {"isbot":[1,0,…],…}.
import { readFileSync } from 'node:fs';
import { detectors, versionOf } from './detectors.mjs';

const userAgents = readFileSync(0, 'utf8').split('\n').filter(line => line.length > 0).map(line => JSON.parse(line));
const answers = Object.entries(detectors).map(([name, detect]) => ({
  name,
  version: versionOf(name),
  isProgram: userAgents.map(userAgent => detect(userAgent) ? 1 : 0),
}));
process.stdout.write(JSON.stringify({ node: process.version, answers }));
