import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readEndpointGroups } from '../../scripts/operations.ts'
import { doorRoutes } from '../../src/demo/doors.ts'
import { permissions, type Role } from '../../src/permissions.ts'
import type { Database } from '../../src/platform/db.ts'
import type { Endpoint } from '../../src/platform/http/endpoints.ts'
import type { App } from '../../src/platform/http/http.ts'
import type { OpenApiDocument, OpenApiOperation } from '../../src/start/http/openapi.ts'
import { testDatabase } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { runsOf, SEED } from '../support/random.ts'
import { cookiesOf, fillSchemes, testServer } from '../support/server.ts'

// Every endpoint of the OpenAPI document gets values made from its own schemas, whole and damaged: none may answer with a failure of
// the program, and none may show where in the program it is.

/** Number of requests; a soak sends a million of everything that is fuzzed. */
const RUNS = Number(process.env.TOCSIN_FUZZ_RUNS ?? runsOf(3000))
const PER_ENDPOINT = Math.max(2, Math.round(RUNS / 1000))
const TIMEOUT_MS = 120_000 + RUNS * 50

const MEMBER = '00000000-0000-7000-8000-000000000001'
const NOTHING = '00000000-0000-7000-8000-000000000009'

let database: Database
let app: App
let document: OpenApiDocument
let endpoints: readonly Endpoint[]
const cookies: Partial<Record<Role | 'merchant', string>> = {}

beforeAll(async () => {
  endpoints = (await readEndpointGroups()).flatMap((group) => group.endpoints)
  database = await testDatabase('postgres')
  await fillSchemes(database)
  const deps = testDeps(database)
  app = await testServer(deps, { moreRoutes: (scope, identity) => doorRoutes(scope, deps, identity) })
  document = (await app.inject('/api/openapi.json')).json()
  for (const role of ['operator', 'chief', 'magistrate', 'chamber'] as const)
    cookies[role] = cookiesOf(
      await app.inject({ method: 'POST', url: '/api/demo/sessions', payload: { as: role } }),
    )
  cookies.merchant = cookiesOf(await app.inject({ method: 'POST', url: '/api/demo/portal' }))
})
afterAll(async () => {
  await app.close()
  await database.close()
})

type Schema = Readonly<Record<string, unknown>>

/** Strings that programs stumble over. */
const HOSTILE = fc.constantFrom(
  '',
  ' ',
  '\u0000',
  '\ud800',
  '../../etc/passwd',
  "'; drop table members; --",
  '%00',
  '{{7*7}}',
  '<script>',
  '\u202e',
  '9'.repeat(400),
  'é'.repeat(300),
  '-1',
  'NaN',
  '1e999',
  '0000-00-00',
  '2026-02-30',
  '9999999999999999',
)
const ANYTHING = fc.oneof(
  HOSTILE,
  fc.integer(),
  fc.double(),
  fc.constantFrom(null, true, [], {}),
  fc.jsonValue(),
)

/** Makes values of a JSON schema; now and then one inside is replaced by anything. */
function valuesOf(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  const right = rightValuesOf(schema, depth)
  return fc.oneof({ weight: 14, arbitrary: right }, { weight: 1, arbitrary: ANYTHING })
}

function rightValuesOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const { $ref, enum: words, const: one, anyOf, oneOf, allOf, type, format } = schema
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? ''
    return depth > 8 ? fc.constant(null) : valuesOf(document.components.schemas[name] ?? {}, depth + 1)
  }
  if (Array.isArray(words)) return fc.constantFrom(...words)
  if (one !== undefined) return fc.constant(one)
  const choice = anyOf ?? oneOf
  if (Array.isArray(choice)) return fc.oneof(...choice.map((inner: Schema) => valuesOf(inner, depth + 1)))
  if (Array.isArray(allOf))
    return fc
      .tuple(...allOf.map((inner: Schema) => valuesOf(inner, depth + 1)))
      .map((all) => Object.assign({}, ...all.filter((part) => typeof part === 'object')))
  const bounds = {
    min: Number(schema.minimum ?? -2_147_483_648),
    max: Number(schema.maximum ?? 2_147_483_647),
  }
  switch (type) {
    case 'object':
      return objectsOf(schema, depth)
    case 'array':
      return fc.array(valuesOf((schema.items ?? {}) as Schema, depth + 1), {
        minLength: Math.min(3, Number(schema.minItems ?? 0)),
        maxLength: Math.max(3, Number(schema.minItems ?? 0)),
      })
    case 'integer':
      return fc.integer(bounds)
    case 'number':
      return fc.double({ ...bounds, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      if (format === 'uuid') return fc.constantFrom(MEMBER, NOTHING)
      if (format === 'date') return fc.constantFrom('2026-03-12', '1900-01-01', '9999-12-31')
      if (format === 'date-time') return fc.constantFrom('2026-03-12T12:00:00Z', '0001-01-01T00:00:00Z')
      return fc.oneof(
        fc.constantFrom('63178', 'Issoire', 'tobacco-press', '0639980001', '12:30', 'a@exemple.fr'),
        fc.string({ maxLength: Math.min(40, Number(schema.maxLength ?? 40)), unit: 'binary' }),
        HOSTILE,
      )
    default:
      return ANYTHING
  }
}

function objectsOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>)
  const required = (schema.required ?? []) as readonly string[]
  const parts = properties.map(([name, inner]) =>
    fc
      .tuple(valuesOf(inner, depth + 1), required.includes(name) ? fc.constant(true) : fc.boolean())
      .map(([value, isThere]): [string, unknown][] => (isThere ? [[name, value]] : [])),
  )
  return fc.tuple(...parts).map((all) => Object.fromEntries(all.flat()))
}

/** Calls that end the session which all others use. */
const ENDING = ['signOut', 'endSession', 'lockSession', 'endContactSession', 'leaveScheme', 'changePassword']

function callerOf({ permission }: Endpoint): Role | 'merchant' | undefined {
  if (permission === 'public' || permission === 'wall') return undefined
  if (permission === 'portal' || permission.startsWith('own.')) return 'merchant'
  if (permission === 'signedIn') return 'chief'
  const allowed = permissions[permission as keyof typeof permissions]
  return (['chamber', 'chief', 'operator', 'magistrate'] as const).find((role) => role in allowed)
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly schema: Schema
}

/** Makes requests of one operation: the scheme and the member are right in most, so that what is behind them is reached. */
function requestsOf(
  path: string,
  operation: OpenApiOperation,
): fc.Arbitrary<{ url: string; payload?: object }> {
  const parameters = (operation.parameters ?? []) as unknown as readonly Parameter[]
  const values = parameters.map(({ name, in: place, schema }) => {
    const known = name === 'scheme' ? 'ac63' : name === 'member' ? MEMBER : undefined
    const value = known === undefined ? valuesOf(schema) : fc.constant(known)
    return value.map((made) => ({
      name,
      place,
      text: typeof made === 'object' ? JSON.stringify(made) : String(made),
    }))
  })
  const content = (operation.requestBody as { content?: Record<string, { schema?: Schema }> } | undefined)
    ?.content
  const schema = content?.['application/json']?.schema
  const body = schema === undefined ? fc.constant(undefined) : valuesOf(schema)
  return fc.tuple(fc.tuple(...values), body).map(([all, payload]) => {
    let url = path
    const query: string[] = []
    for (const { name, place, text } of all) {
      const encoded = encodeURIComponent(text.toWellFormed())
      if (place === 'path') url = url.replace(`{${name}}`, encoded === '' ? '-' : encoded)
      else query.push(`${name}=${encoded}`)
    }
    if (query.length > 0) url += `?${query.join('&')}`
    return { url, ...(payload !== undefined && { payload: payload as object }) }
  })
}

test(
  'no endpoint fails on values made from its own schemas, whole or damaged',
  async () => {
    console.log(`TOCSIN_SEED=${SEED}`)
    const failed: string[] = []
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const endpoint = endpoints.find(({ id }) => id === operation.operationId)
        if (endpoint === undefined) throw new Error(`unknown operation ${operation.operationId}`)
        if (ENDING.includes(endpoint.id) || endpoint.produces === 'text/event-stream') continue
        const caller = callerOf(endpoint)
        const cookie = caller === undefined ? undefined : cookies[caller]
        for (const { url, payload } of fc.sample(requestsOf(path, operation), {
          numRuns: PER_ENDPOINT,
          seed: SEED,
        })) {
          const answer = await app.inject({
            method: method.toUpperCase() as 'GET',
            url,
            headers: {
              ...(cookie !== undefined && { cookie }),
              ...(payload !== undefined && { 'content-type': 'application/json' }),
            },
            ...(payload !== undefined && { payload: JSON.stringify(payload) }),
          })
          const isFailure = answer.statusCode === 500 || /\n\s+at .+:\d+:\d+/.test(answer.payload)
          if (isFailure)
            failed.push(
              `${method} ${url} ${JSON.stringify(payload ?? null)}: ${answer.payload.slice(0, 300)}`,
            )
        }
      }
    }
    expect(failed).toEqual([])
  },
  TIMEOUT_MS,
)
