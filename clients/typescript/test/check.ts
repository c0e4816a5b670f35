// Asks a running API as a user of the client would. Arguments: address, site; the key in WEIR_KEY. Prints what it found.
import { rows, taken, weir, WeirError, type Schemas } from '../src/index.js'

declare const process: { argv: string[]; env: Record<string, string | undefined> }

const [url, site] = process.argv.slice(2) as [string, string]
const client = weir({ url, key: process.env.WEIR_KEY ?? '' })
const span = { from: '2026-03-10', to: '2026-03-11' }

const summary: Schemas['Summary'] = await taken(client.GET('/v1/sites/{site}/summary', { params: { path: { site }, query: span } }))
console.log(`hits ${summary.hits}`)

const paths: string[] = []
for await (const page of rows((cursor) => client.GET('/v1/sites/{site}/pages', {
  params: { path: { site }, query: { ...span, limit: '2', ...(cursor === undefined ? {} : { cursor }) } },
}))) paths.push(page.path)
console.log(`pages ${paths.join(' ')}`)

const detail = await taken(client.GET('/v1/sites/{site}/crawlers/{crawler}', { params: { path: { site, crawler: 'gptbot' }, query: span } }))
console.log(`spoof rate ${detail.spoofRate?.rate}`)

try {
  await taken(client.GET('/v1/sites/{site}/summary', { params: { path: { site }, query: { from: 'yesterday' } } }))
} catch (e) {
  if (!(e instanceof WeirError)) throw e
  console.log(`refused ${e.status} ${Object.keys(e.problem.errors ?? {}).join(' ')}`)
}
