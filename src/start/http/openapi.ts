import { z } from 'zod'
import { ErrorView } from '../../identity/contract.ts'
import {
  type CookieName,
  cookieFor,
  type Endpoint,
  type RoutePermission,
  successStatus,
} from '../../platform/http/endpoints.ts'

type Json = { readonly [key: string]: unknown }

/** The parts of an OpenAPI document that this program fills in. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly info: Json
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: Readonly<
    Record<'schemas' | 'responses' | 'securitySchemes', Readonly<Record<string, Json>>>
  >
  readonly [key: string]: unknown
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly security: readonly Json[]
  readonly parameters?: readonly Json[]
  readonly requestBody?: Json
  readonly responses: Readonly<Record<string, Json>>
}

const SCHEMAS = '#/components/schemas/'

/** Cookies of the console, of the members' portal and of a wall display; a public endpoint needs none. */
const securitySchemes = {
  console: {
    type: 'apiKey',
    in: 'cookie',
    name: 'tocsin.session_token',
    description: 'Over https: __Host-tocsin.session_token',
  },
  portal: {
    type: 'apiKey',
    in: 'cookie',
    name: 'tocsin.portal',
    description: 'Over https: __Host-tocsin.portal',
  },
  wall: {
    type: 'apiKey',
    in: 'cookie',
    name: 'tocsin.wall',
    description: 'Over https: __Host-tocsin.wall. It reads the view of one wall display and nothing else.',
  },
} as const satisfies Record<CookieName, Json>

const statusTexts = {
  200: 'Success',
  201: 'Created',
  204: 'Success, without content',
  304: 'Not modified since the version that the request names',
  503: 'Not ready',
} as const

/** Refusals, by status. Each has the same body. */
const refusals = {
  401: { name: 'NotSignedIn', description: 'No valid session, or wrong credentials' },
  403: { name: 'Forbidden', description: 'The session does not allow this request' },
  404: { name: 'NotFound', description: 'Nothing is found under this path' },
  409: { name: 'Conflict', description: 'The current state does not allow this request' },
  413: { name: 'BodyTooLarge', description: 'The body is larger than this endpoint accepts' },
  423: { name: 'Locked', description: 'The session is locked until its user proves who they are' },
  422: { name: 'InvalidInput', description: 'Invalid input, with every problem' },
  429: { name: 'RateLimited', description: 'Too many requests' },
  default: { name: 'Refused', description: 'Any other refusal or failure' },
} as const

/** Describes endpoints as an OpenAPI 3.1 document. */
export function makeOpenApi(endpoints: readonly Endpoint[], version: string): OpenApiDocument {
  const schemas = collectSchemas(endpoints)
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] ??= {}
    paths[path][endpoint.method.toLowerCase()] = describeOperation(endpoint, schemas)
  }
  const tags = [...new Set(endpoints.map(({ tag }) => tag))].sort()
  const responses = Object.values(refusals).map(({ name, description }) => [
    name,
    { description, content: jsonContent(schemas.output(ErrorView)) },
  ])
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tocsin',
      version,
      summary: 'Alerts to shopkeepers, by SMS, within seconds.',
      description:
        'Paths and bodies are checked: a body with an unknown key is refused. Texts of refusals are in the language of `accept-language`.',
      license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
    },
    servers: [{ url: '/' }],
    tags: tags.map((name) => ({ name })),
    paths,
    components: {
      schemas: pruneSchemas(schemas.components, [paths, responses]),
      responses: Object.fromEntries(responses),
      securitySchemes,
    },
  }
}

function describeOperation(endpoint: Endpoint, schemas: Schemas): OpenApiOperation {
  const { id, tag, summary, permission, params, query, body, consumes, answer, produces } = endpoint
  const parameters = [
    ...(params === undefined ? [] : schemas.parameters(params, 'path')),
    ...(query === undefined ? [] : schemas.parameters(query, 'query')),
  ]
  const responses: Record<string, Json> = {}
  const status = successStatus(endpoint)
  const content = answer === undefined ? binaryOf(produces) : schemas.output(answer)
  responses[status] = {
    description: statusTexts[status],
    ...(content !== undefined && { content: { [produces ?? 'application/json']: { schema: content } } }),
  }
  for (const [other, schema] of Object.entries(endpoint.otherAnswers ?? {})) {
    responses[other] = {
      description: statusTexts[other as unknown as 304 | 503],
      ...(schema && { content: jsonContent(schemas.output(schema)) }),
    }
  }
  for (const refusal of refusalsOf(endpoint)) {
    responses[refusal] ??= { $ref: `#/components/responses/${refusals[refusal].name}` }
  }
  return {
    operationId: id,
    tags: [tag],
    summary,
    security: securityOf(permission),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: body._zod.optin !== 'optional',
        content:
          consumes === undefined
            ? jsonContent(schemas.input(body))
            : Object.fromEntries(
                consumes.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
              ),
      },
    }),
    responses,
  }
}

/** Describes the content of a file or an event stream; undefined when there is none. */
function binaryOf(produces: string | undefined): Json | undefined {
  if (produces === undefined) return undefined
  return { type: produces === 'application/json' ? 'object' : 'string' }
}

const jsonContent = (schema: Json): Json => ({ 'application/json': { schema } })

function securityOf(permission: RoutePermission): readonly Json[] {
  const cookie = cookieFor(permission)
  return cookie === undefined ? [] : [{ [cookie]: [] }]
}

/** Returns the refusals that an endpoint may answer, by its declaration. */
function refusalsOf({ method, path, permission, params, query, body, rateLimit, whileLocked }: Endpoint) {
  const changes = method !== 'GET'
  const may: Readonly<Record<keyof typeof refusals, boolean>> = {
    401: permission !== 'public' || path.startsWith('/api/auth/'),
    403: permission !== 'public' || changes,
    404: params !== undefined,
    409: changes,
    413: body !== undefined,
    422: params !== undefined || query !== undefined || body !== undefined,
    423: cookieFor(permission) === 'console' && whileLocked !== true,
    429: path.startsWith('/api/') || rateLimit !== undefined,
    default: true,
  }
  return (Object.keys(refusals) as unknown as (keyof typeof refusals)[]).filter((status) => may[status])
}

interface Schemas {
  readonly components: Readonly<Record<string, Json>>
  input(schema: z.ZodType): Json
  output(schema: z.ZodType): Json
  parameters(schema: z.ZodType, place: 'path' | 'query'): readonly Json[]
}

/**
 * Writes all schemas as JSON Schema. Named schemas (`nameSchemas`) become components; a body or an answer without a name is
 * named after its operation. @throws Error for a name whose requests and answers differ
 */
function collectSchemas(endpoints: readonly Endpoint[]): Schemas {
  const { inputs, outputs } = listSchemas(endpoints)
  const input = toJsonSchemas(inputs, 'input')
  const output = toJsonSchemas(outputs, 'output')
  return {
    components: mergeDefinitions(input.definitions, output.definitions),
    input: input.of,
    output: output.of,
    parameters(schema, place) {
      const { properties = {}, required = [] } = input.resolved(schema) as {
        properties?: Record<string, Json>
        required?: readonly string[]
      }
      return Object.entries(properties).map(([name, property]) => ({
        name,
        in: place,
        required: place === 'path' || required.includes(name),
        schema: property,
      }))
    },
  }
}

/** Lists the schemas of requests and of answers, each with the name of its operation or undefined. */
function listSchemas(endpoints: readonly Endpoint[]) {
  const inputs = new Map<z.ZodType, string | undefined>()
  const outputs = new Map<z.ZodType, string | undefined>([[ErrorView, undefined]])
  for (const { id, params, query, body, consumes, answer, otherAnswers = {} } of endpoints) {
    const name = id[0]?.toUpperCase() + id.slice(1)
    if (params !== undefined) inputs.set(params, undefined)
    if (query !== undefined) inputs.set(query, undefined)
    if (body !== undefined && consumes === undefined) inputs.set(body, `${name}Body`)
    if (answer !== undefined) outputs.set(answer, `${name}Answer`)
    for (const other of Object.values(otherAnswers))
      if (other && !outputs.has(other)) outputs.set(other, undefined)
  }
  return { inputs, outputs }
}

/** @throws Error for a name whose requests and answers differ */
function mergeDefinitions(
  ofInputs: Readonly<Record<string, Json>>,
  ofOutputs: Readonly<Record<string, Json>>,
): Record<string, Json> {
  const merged = { ...ofInputs }
  for (const [name, json] of Object.entries(ofOutputs)) {
    if (JSON.stringify(merged[name] ?? json) !== JSON.stringify(json)) {
      throw new Error(`schema ${name} differs in requests and answers: name one schema for each`)
    }
    merged[name] = json
  }
  return merged
}

function toJsonSchemas(schemas: ReadonlyMap<z.ZodType, string | undefined>, io: 'input' | 'output') {
  const all = [...schemas.keys()]
  const written = z.toJSONSchema(z.tuple(all as [z.ZodType]), {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      const { def } = zodSchema._zod
      // Later versions may answer more keys than a client knows.
      if (io === 'output' && def.type === 'object' && def.catchall === undefined) {
        delete jsonSchema.additionalProperties
      }
      // A record of every value of an enum is an object of those keys.
      const { additionalProperties: value, required } = jsonSchema
      if (def.type === 'record' && required !== undefined && typeof value === 'object') {
        jsonSchema.properties = Object.fromEntries(required.map((key) => [key, value]))
        delete jsonSchema.propertyNames
        delete jsonSchema.additionalProperties
      }
      delete jsonSchema.id
    },
  })
  const { prefixItems = [], $defs: definitions = {} } = JSON.parse(
    JSON.stringify(written).replaceAll('"#/$defs/', `"${SCHEMAS}`),
  ) as { prefixItems?: Json[]; $defs?: Record<string, Json> }
  const jsonOf = new Map<z.ZodType, Json>()
  for (const [index, schema] of all.entries()) {
    const json = prefixItems[index] ?? {}
    const name = schemas.get(schema)
    if (name === undefined || json.type !== 'object') {
      jsonOf.set(schema, json)
    } else {
      definitions[name] = json
      jsonOf.set(schema, { $ref: SCHEMAS + name })
    }
  }
  const of = (schema: z.ZodType): Json => {
    const json = jsonOf.get(schema)
    if (json === undefined) throw new Error('a schema of no endpoint')
    return json
  }
  const resolved = (schema: z.ZodType): Json => {
    const json = of(schema)
    return typeof json.$ref === 'string' ? (definitions[nameIn(json.$ref)] ?? {}) : json
  }
  return { definitions, of, resolved }
}

/** Keeps the schemas that a document refers to: parameters are written in place. */
function pruneSchemas(schemas: Readonly<Record<string, Json>>, from: unknown): Record<string, Json> {
  const used = new Set<string>()
  const waiting = [...refsIn(from)]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (used.has(name)) continue
    used.add(name)
    waiting.push(...refsIn(schemas[name]))
  }
  return Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => used.has(name))
      .sort(byName),
  )
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1)

const nameIn = (ref: string) => ref.slice(ref.lastIndexOf('/') + 1)

function refsIn(json: unknown, found = new Set<string>()): Set<string> {
  if (json === null || typeof json !== 'object') return found
  for (const [key, value] of Object.entries(json)) {
    if (key === '$ref' && typeof value === 'string' && value.startsWith(SCHEMAS)) found.add(nameIn(value))
    else refsIn(value, found)
  }
  return found
}
