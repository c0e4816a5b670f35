// Reads a Parquet file with a reader that is not ours. Arguments: folder with node_modules, file. Prints columns and rows as JSON.
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [folder, file] = process.argv.slice(2)
const { parquetMetadata, parquetReadObjects, parquetSchema } = await import(pathToFileURL(`${folder}/node_modules/hyparquet/src/index.js`).href)
const bytes = readFileSync(file)
const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
const columns = parquetSchema(parquetMetadata(buffer)).children
  .map(({ element: e }) => [e.name, e.logical_type?.type ?? e.converted_type ?? e.type, e.repetition_type])
const rows = await parquetReadObjects({ file: buffer })
const plain = (_, value) => typeof value === 'bigint' ? Number(value) : value
console.log(JSON.stringify({ columns, rows }, plain))
