// Checks the embedded ClickHouse with the client of ClickHouse's own makers. Arguments: URL; token in CLICKHOUSE_TOKEN.
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import assert from 'node:assert/strict'

const require = createRequire(process.argv[3] + '/package.json')
const { createClient } = require('@clickhouse/client')
const url = process.argv[2]
const password = process.env.CLICKHOUSE_TOKEN
const open = (options = {}) => createClient({ url, password, ...options })
const client = open()
const checks = {
  async ping() {
    assert.equal((await client.ping()).success, true)
    assert.equal((await client.ping({ select: true })).success, true)
  },
  async json() {
    const result = await client.query({ query: 'SELECT number, toString(number) AS s FROM numbers(3)' })
    assert.deepEqual((await result.json()).data, [0, 1, 2].map((n) => ({ number: n, s: String(n) })))
  },
  async stream() {
    const result = await client.query({ query: 'SELECT number AS n FROM numbers(300000)', format: 'JSONEachRow' })
    let rows = 0
    for await (const part of result.stream()) for (const row of part) assert.equal(Number(row.json().n), rows++)
    assert.equal(rows, 300000)
  },
  async insertJson() {
    await client.command({ query: 'CREATE OR REPLACE TABLE node_json (id UInt32, s String) ENGINE = MergeTree ORDER BY id' })
    const values = [{ id: 1, s: "'); DROP TABLE node_json; --" }, { id: 2, s: 'a\n\nDROP TABLE node_json' }]
    const { summary } = await client.insert({ table: 'node_json', values, format: 'JSONEachRow' })
    assert.equal(summary.written_rows, '2')
    const result = await client.query({ query: 'SELECT * FROM node_json ORDER BY id', format: 'JSONEachRow' })
    assert.deepEqual(await result.json(), values)
  },
  async insertStream() {
    await client.command({ query: 'CREATE OR REPLACE TABLE node_csv (id UInt32, s String) ENGINE = MergeTree ORDER BY id' })
    const lines = Readable.from((function* () { for (let i = 0; i < 50000; i++) yield `${i},"line\n\n${i}"\n` })(), { objectMode: false })
    await client.insert({ table: 'node_csv', values: lines, format: 'CSV' })
    const result = await client.query({ query: 'SELECT count() AS c, sum(id) AS s FROM node_csv', format: 'JSONEachRow' })
    assert.deepEqual(await result.json(), [{ c: '50000', s: '1249975000' }].map((r) => ({ c: Number(r.c), s: Number(r.s) })))
  },
  async parameters() {
    const text = "it's\n\n\t\\ `x` \0 {y:String}"
    const result = await client.query({
      query: 'SELECT {text:String} AS text, {n:UInt64} AS n, {list:Array(String)} AS list',
      query_params: { text, n: 42, list: ["a'b", 'c\nd'] }, format: 'JSONEachRow',
    })
    assert.deepEqual(await result.json(), [{ text, n: 42, list: ["a'b", 'c\nd'] }])
  },
  async session() {
    const session = open({ session_id: `node-${Math.random()}` })
    await session.command({ query: 'CREATE TEMPORARY TABLE mine (a UInt8)' })
    await session.insert({ table: 'mine', values: [{ a: 1 }], format: 'JSONEachRow' })
    await session.command({ query: 'SET max_threads = 7' })
    const result = await session.query({ query: "SELECT toString(getSetting('max_threads')) AS t, count() AS c FROM mine", format: 'JSONEachRow' })
    assert.deepEqual(await result.json(), [{ t: '7', c: 1 }])
    await assert.rejects(client.query({ query: 'SELECT * FROM mine' }), { code: '60' })
    await session.close()
  },
  async compression() {
    const packed = open({ compression: { request: true, response: true } })
    await packed.command({ query: 'CREATE OR REPLACE TABLE node_gz (id UInt32) ENGINE = MergeTree ORDER BY id' })
    await packed.insert({ table: 'node_gz', values: Array.from({ length: 20000 }, (_, id) => ({ id })), format: 'JSONEachRow' })
    const result = await packed.query({ query: 'SELECT id FROM node_gz ORDER BY id', format: 'JSONCompactEachRow' })
    assert.equal((await result.json()).length, 20000)
    await packed.close()
  },
  async errors() {
    await assert.rejects(client.query({ query: 'SELECT * FROM nowhere' }), { code: '60', type: 'UNKNOWN_TABLE' })
    await assert.rejects(client.query({ query: 'SELEC' }), { code: '62' })
    await assert.rejects(open({ password: 'wrong' }).query({ query: 'SELECT 1' }), { code: '516' })
    assert.equal((await client.ping()).success, true)
  },
  async errorInTheMiddle() {
    const result = await client.query({
      query: "SELECT number, throwIf(number = 900000, 'too far') FROM numbers(2000000)", format: 'JSONEachRow', clickhouse_settings: { max_threads: 1 },
    })
    await assert.rejects(async () => { for await (const part of result.stream()) void part }, /too far/)
  },
  async abort() {
    const stop = new AbortController()
    const run = client.query({ query: 'SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(number, 47110815)', abort_signal: stop.signal })
    const running = async () => (await (await client.query({
      query: "SELECT count() AS c FROM system.processes WHERE query LIKE '%47110815%' AND query NOT LIKE '%processes%'", format: 'JSONEachRow',
    })).json())[0].c
    while (Number(await running()) !== 1);
    stop.abort()
    await assert.rejects(run, /abort/i)
    while (Number(await running()) !== 0);
  },
  async settings() {
    const query = "SELECT getSetting('max_threads') AS t"
    const five = await client.query({ query, format: 'JSONEachRow', clickhouse_settings: { max_threads: 5 } })
    assert.deepEqual((await five.json()).map((r) => Number(r.t)), [5])
    const usual = await client.query({ query, format: 'JSONEachRow' })
    assert.notDeepEqual((await usual.json()).map((r) => Number(r.t)), [5])
  },
}
let failed = 0
for (const [name, check] of Object.entries(checks)) {
  try {
    await check()
    console.log(`ok ${name}`)
  } catch (error) {
    failed++
    console.log(`FAILED ${name}: ${error.stack}`)
  }
}
await client.close()
process.exit(failed)
