// Makes the types and the client. Tables also come as texts (CSV and the like); who wants those asks with fetch, and answers here are JSON alone.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import openapiTS, { astToString } from 'openapi-typescript'

const document = JSON.parse(readFileSync(process.argv[2] ?? new URL('../../Analytics.Api/dashboard/openapi.json', import.meta.url), 'utf8'))
for (const operations of Object.values(document.paths)) {
  for (const operation of Object.values(operations)) {
    for (const { content } of Object.values(operation.responses ?? {})) {
      if (content?.['application/json']) for (const type of Object.keys(content)) if (type !== 'application/json') delete content[type]
    }
  }
}
writeFileSync(new URL('src/schema.ts', import.meta.url), astToString(await openapiTS(document)))
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc'], { cwd: new URL('.', import.meta.url), stdio: 'inherit' })
