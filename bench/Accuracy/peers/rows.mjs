// Writes the corpus that anybody may use: rows of packages whose licences allow it, one JSON object a line.
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { versionOf } from './detectors.mjs';

const require = createRequire(import.meta.url);
const read = path => readFileSync(new URL(`./node_modules/${path}`, import.meta.url), 'utf8');

const sources = [
  {
    name: 'crawler-user-agents', licence: 'MIT', licenceFile: 'LICENSE', what: '`instances` of its list: programs that named themselves to somebody',
    rows: () => require('crawler-user-agents').flatMap(entry => (entry.instances ?? [])
      .map(ua => ({ ua, isBot: true, kind: entry.tags?.[0] ?? 'no tag', isAi: (entry.tags ?? []).includes('ai-crawler') }))),
  },
  {
    name: 'user-agents', licence: 'BSD-2-Clause', licenceFile: 'LICENSE', what: 'a sample of the visitors of real sites',
    rows: () => JSON.parse(read('user-agents/dist/user-agents.json')).map(row => ({ ua: row.userAgent, isBot: false, kind: row.deviceCategory })),
  },
  {
    name: 'top-user-agents', licence: 'MIT', licenceFile: 'LICENSE.md', what: 'the hundred commonest user agents among the clients of microlink.io',
    rows: () => ['desktop', 'mobile'].flatMap(kind =>
      JSON.parse(read(`top-user-agents/src/${kind}.json`)).map(ua => ({ ua, isBot: false, kind }))),
  },
];

// A text that stands under several labels or twice is kept once, as the first source has it.
const seen = new Set();
for (const source of sources) {
  if (!existsSync(new URL(`./node_modules/${source.name}/${source.licenceFile}`, import.meta.url)))
    throw new Error(`${source.name} carries no ${source.licenceFile}: its rows may not be used until its licence is known.`);
  const all = source.rows();
  const rows = all.filter(row => !seen.has(row.ua) && seen.add(row.ua));
  console.log(JSON.stringify({ source: source.name, version: versionOf(source.name), licence: source.licence, what: source.what, given: all.length }));
  for (const row of rows)
    console.log(JSON.stringify({ ...row, source: source.name }));
}
