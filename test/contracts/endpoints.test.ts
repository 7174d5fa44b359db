import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RouteOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { lintOpenApi } from '../../scripts/openapi.ts'
import { operationsFile, readEndpointGroups } from '../../scripts/operations.ts'
import { cardPageRoutes, createDemoCards } from '../../src/demo/cards.ts'
import { doorRoutes } from '../../src/demo/doors.ts'
import { handsetRoutes } from '../../src/demo/handsets.ts'
import { mailRoutes } from '../../src/demo/mails.ts'
import { createKeptMailer } from '../../src/gateways/mail/kept.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { ownPermissions, permissions } from '../../src/permissions.ts'
import type { Database } from '../../src/platform/db.ts'
import { CALLER_PERMISSIONS, type Endpoint } from '../../src/platform/http/endpoints.ts'
import type { App } from '../../src/platform/http/http.ts'
import type { OpenApiDocument } from '../../src/start/http/openapi.ts'
import { testDatabase } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { ROOT } from '../support/program.ts'
import { testServer } from '../support/server.ts'

let database: Database
let smsc: Smsc
let app: App
let declared: readonly Endpoint[]
let document: OpenApiDocument
const routes: RouteOptions[] = []

beforeAll(async () => {
  declared = (await readEndpointGroups()).flatMap(({ endpoints }) => endpoints)
  database = await testDatabase('postgres')
  smsc = await startSmsc()
  const deps = testDeps(database)
  app = await testServer(deps, {
    onRoute: (route) => void routes.push(route),
    moreRoutes(scope, identity) {
      doorRoutes(scope, deps, identity)
      handsetRoutes(scope, deps, smsc)
      mailRoutes(scope, createKeptMailer(deps.now))
      cardPageRoutes(scope, deps, createDemoCards({ config: { ...deps.config, demo: true }, now: deps.now }))
    },
  })
  document = (await app.inject('/api/openapi.json')).json()
})
afterAll(async () => {
  await app.close()
  await smsc.stop()
  await database.close()
})

test('the server has every declared endpoint, and no other except those outside the documented API', () => {
  const served = routes.flatMap(({ method, config }) =>
    method === 'HEAD' ? [] : (config?.endpoint?.id ?? []),
  )
  expect(served.sort()).toEqual(declared.map(({ id }) => id).sort())
  const undeclared = routes.filter(
    ({ method, config }) => method !== 'HEAD' && config?.endpoint === undefined,
  )
  expect(undeclared.map(({ url }) => url).sort()).toEqual(['/*', '/api/openapi.json', '/api/payments/card'])
})

test('every endpoint has an operation id of its own, a summary, a tag, a permission and the parameters of its path', () => {
  const ids = declared.map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index || !/^[a-z][A-Za-z]+$/.test(id))).toEqual([])
  const known = [...Object.keys(permissions), ...Object.keys(ownPermissions), ...CALLER_PERMISSIONS]
  for (const { id, summary, tag, permission, path, params } of declared) {
    expect(summary, id).toMatch(/^\p{Lu}.*[^.]$/u)
    expect(tag, id).toMatch(/^[a-z]+$/)
    expect(known, id).toContain(permission)
    const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)
    expect(Object.keys(params instanceof z.ZodObject ? params.shape : {}).sort(), id).toEqual(named.sort())
  }
})

test('every operation declares its refusals, with the shared body, and its cookie', () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  )
  expect(operations).toHaveLength(declared.length)
  for (const { operationId, path, method, responses, security } of operations) {
    expect(Object.keys(responses), operationId).toContain('default')
    if (security.length > 0)
      expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(['401', '403']))
    if (path.includes('{'))
      expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(['404', '422']))
    if (method !== 'get')
      expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(['403', '409']))
  }
  const bodies = Object.values(document.components.responses).map((response) => response.content)
  expect(new Set(bodies.map((body) => JSON.stringify(body)))).toEqual(
    new Set([JSON.stringify({ 'application/json': { schema: { $ref: '#/components/schemas/ErrorView' } } })]),
  )
  const cookieOf = Object.fromEntries(operations.map(({ operationId, security }) => [operationId, security]))
  expect(cookieOf).toMatchObject({
    listDues: [{ console: [] }],
    getPortalSession: [{ portal: [] }],
    getOwnDues: [{ portal: [] }],
    readWall: [{ wall: [] }],
    openWall: [{ console: [] }],
    getAbout: [],
  })
})

test('every reference of the OpenAPI document resolves, and every array names its items', () => {
  const wrong: string[] = []
  const visit = (value: unknown, at: string): void => {
    if (value === null || typeof value !== 'object') return
    const { $ref, type, items, prefixItems } = value as Record<string, unknown>
    if (typeof $ref === 'string') {
      const target = $ref
        .split('/')
        .slice(1)
        .reduce<unknown>((found, key) => (found as Record<string, unknown>)?.[key], document)
      if (target === undefined) wrong.push(`${at} → ${$ref}`)
    }
    if (type === 'array' && items === undefined && prefixItems === undefined) wrong.push(`${at} has no items`)
    for (const [key, inner] of Object.entries(value)) visit(inner, `${at}/${key}`)
  }
  visit(document, '')
  expect(wrong).toEqual([])
})

test('the OpenAPI document passes the linter', async () => {
  expect(await lintOpenApi(document)).toEqual([])
  const { ErrorView: _, ...schemas } = document.components.schemas
  const broken = { ...document, components: { ...document.components, schemas } }
  expect(await lintOpenApi(broken)).toContainEqual(expect.stringMatching(/^no-unresolved-refs: /))
})

test('every schema that a contract exports and an endpoint uses has its name', async () => {
  const used = new Set<z.core.$ZodType>()
  const visit = (schema: unknown): void => {
    if (!(schema instanceof z.core.$ZodType) || used.has(schema)) return
    used.add(schema)
    const { def } = schema._zod
    for (const part of Object.values('shape' in def ? { ...def, ...(def.shape as object) } : def)) {
      for (const inner of [part].flat()) visit(inner)
    }
  }
  for (const { body, answer } of declared) for (const schema of [body, answer]) visit(schema)
  const nameless: string[] = []
  for (const file of globSync('src/**/*contract.ts', { cwd: ROOT })) {
    const exported = (await import(join(ROOT, file))) as Record<string, unknown>
    for (const [name, schema] of Object.entries(exported)) {
      if (!(schema instanceof z.ZodType) || !used.has(schema)) continue
      if (['string', 'number'].includes(schema._zod.def.type)) continue
      if (z.globalRegistry.get(schema)?.id !== name) nameless.push(`${file}: ${name}`)
    }
  }
  expect(nameless).toEqual([])
})

test('the operations of the web client are up to date', async () => {
  expect(readFileSync(join(ROOT, 'web/api/operations.ts'), 'utf8'), 'npm run docs writes them').toBe(
    await operationsFile(),
  )
})

test('the web app imports only types from contracts and endpoints, so that no schema is loaded in a browser', () => {
  const taken = globSync('web/**/*.{ts,tsx}', { cwd: ROOT })
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .flatMap((file) => {
      const imports = readFileSync(join(ROOT, file), 'utf8').matchAll(/^import\s[^']*'([^']+)'/gm)
      return [...imports]
        .filter(
          ([line, path = '']) => /(?:contract|endpoints)\.ts$/.test(path) && !/^import type\s/.test(line),
        )
        .map(([, path]) => `${file} imports ${path}`)
    })
  expect(taken).toEqual([])
})
