// Each peer in the use that its own page shows: a user agent in, "is it a program?" out.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(import.meta.url);

/** The version of an installed package, past any "exports" map. */
export const versionOf = name =>
  JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;

const { isbot } = require('isbot');
const crawlers = require('crawler-user-agents');
const { Crawler } = require('es6-crawler-detect');
const BotParser = require('device-detector-js/dist/parsers/bot');
const ClientParser = require('device-detector-js/dist/parsers/client').default;

const patterns = crawlers.map(entry => new RegExp(entry.pattern));
const crawlerDetect = new Crawler();
const botParser = new BotParser();
const clientParser = new ClientParser();

export const detectors = {
  'isbot': userAgent => isbot(userAgent),
  'crawler-user-agents': userAgent => patterns.some(pattern => pattern.test(userAgent)),
  'es6-crawler-detect': userAgent => crawlerDetect.isCrawler(userAgent),
  // Its bots, and its clients of type "library": both are programs in the rows' labels. Its parsers of devices, which take most of
  // its time, are left out: nobody needs them for this question.
  'device-detector-js': userAgent => botParser.parse(userAgent) !== null || clientParser.parse(userAgent)?.type === 'library',
};
