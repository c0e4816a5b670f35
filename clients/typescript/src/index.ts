import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './schema.js'

/** Everything that the API answers and takes, by the names of its OpenAPI document. */
export type Schemas = components['schemas']

/** What the API refuses with (RFC 9457): what happened, and in `next` what to do. */
export type Problem = { type?: string; title?: string; status?: number; detail?: string; next?: string; errors?: Record<string, string[]> }

/** A refusal as an error, for those who rather catch than look. */
export class WeirError extends Error {
  constructor(readonly status: number, readonly problem: Problem) {
    super(problem.detail ?? problem.title ?? `The API answered ${status}.`)
    this.name = 'WeirError'
  }
}

/** Where the API is, and the key to ask with. */
export type Options = { url: string; key: string; fetch?: (request: Request) => Promise<Response> }

/** A client whose paths, parameters and answers are typed: `await weir({ url, key }).GET('/v1/sites')`. */
export const weir = ({ url, key, fetch }: Options): Client<paths> =>
  createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` }, ...(fetch ? { fetch } : {}) })

/** The answer's data; a WeirError where the API refused. */
export const taken = async <T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> => {
  const { data, error, response } = await answer
  if (data === undefined) throw new WeirError(response.status, (error ?? {}) as Problem)
  return data
}

/** Every row of a list, page by page: `for await (const hit of rows((cursor) => client.GET(…, { params: { query: { cursor } } })))`. */
export async function* rows<T>(
  page: (cursor: string | undefined) => Promise<{ data?: { items: T[]; next: string | null }; error?: unknown; response: Response }>,
): AsyncGenerator<T> {
  let cursor: string | undefined
  do {
    const answer = await taken(page(cursor))
    yield* answer.items
    cursor = answer.next ?? undefined
  } while (cursor !== undefined)
}
