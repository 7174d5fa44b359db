import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { AppError, type Problem } from '../errors.ts'
import { formatProblem } from '../i18n/format.ts'
import { endpointOf } from './settings.ts'

const REAL = {
  TOCSIN_ENCRYPTION: 'off',
  TOCSIN_SECRET: 's'.repeat(32),
  TOCSIN_BASE_URL: 'https://alerte.example.fr',
  TOCSIN_GATEWAYS: '/etc/tocsin/gateways.json',
  A_PASSWORD: 'from-env',
}
const A = {
  kind: 'smpp',
  name: 'a',
  host: 'smpp.a.example',
  systemId: 'tocsin',
  password: { env: 'A_PASSWORD' },
  windowPerLink: 50,
}
const B = { ...A, name: 'b', host: 'smpp.b.example', password: { file: '/run/secrets/b' } }

function read(file: unknown, env: Record<string, string> = {}) {
  const files = new Map([
    [REAL.TOCSIN_GATEWAYS, typeof file === 'string' ? file : JSON.stringify(file)],
    ['/run/secrets/b', 'hidden\n'],
    ['/run/secrets/operateur-b', 'hidden'],
    ['/etc/tocsin/operateur-b.pem', 'a certificate'],
    ['/run/secrets/empty', '\n'],
    ['/etc/ca.pem', '-----BEGIN CERTIFICATE-----\n'],
  ])
  return readConfig({ ...REAL, ...env }, (path) => {
    const text = files.get(path)
    if (text === undefined) throw Object.assign(new Error('missing'), { code: 'ENOENT' })
    return text
  })
}

function problemsOf(file: unknown, env: Record<string, string> = {}): readonly Problem[] {
  try {
    read(file, env)
  } catch (error) {
    if (error instanceof AppError && error.code === 'config_invalid') return error.problems
    throw error
  }
  throw new Error('accepted')
}

const told = (file: unknown, env: Record<string, string> = {}) =>
  problemsOf(file, env).map(({ code, path }) => [code, path])

test('reads gateways and routes from a file, and their secrets by reference', () => {
  const { demo, gateways, routes } = read({
    gateways: [
      { ...A, links: 2, partsPerSecond: 40, ca: { file: '/etc/ca.pem' }, servername: 'smsc.a.example' },
      { ...B, tls: false, port: 3550, probeMessage: { phone: '+33600000000', everySeconds: 300 } },
    ],
    routes: [
      { schemes: ['ac974'], prefixes: ['+262'], gateways: ['b'] },
      { order: 'weighted', gateways: [{ name: 'a', weight: 3 }, 'b'] },
    ],
  })
  expect(demo).toBe(false)
  expect(gateways).toMatchObject([
    {
      name: 'a',
      port: 2775,
      simulated: false,
      password: 'from-env',
      window: 100,
      partsPerSecond: 40,
      tls: { servername: 'smsc.a.example', ca: '-----BEGIN CERTIFICATE-----' },
      probeMessage: undefined,
    },
    {
      name: 'b',
      port: 3550,
      tls: false,
      password: 'hidden',
      window: 50,
      partsPerSecond: undefined,
      probeMessage: { phone: '+33600000000', everySeconds: 300, sender: 'TOCSIN' },
    },
    { name: 'simulator', simulated: true },
  ])
  expect(routes).toEqual([
    { schemes: ['ac974'], prefixes: ['+262'], order: 'first', gateways: [{ name: 'b', weight: 1 }] },
    {
      order: 'weighted',
      gateways: [
        { name: 'a', weight: 3 },
        { name: 'b', weight: 1 },
      ],
    },
  ])
})

test('routes everything to the first working gateway by default; checks certificates by default', () => {
  const { gateways, routes } = read({ gateways: [A, B] })
  expect(routes).toEqual([
    {
      order: 'first',
      gateways: [
        { name: 'a', weight: 1 },
        { name: 'b', weight: 1 },
      ],
    },
  ])
  expect(gateways[0]).toMatchObject({ tls: { servername: 'smpp.a.example' } })
})

test('a variable that the file names can itself name a file', () => {
  const file = { gateways: [{ ...B, password: { env: 'B_PASSWORD' } }] }
  expect(read(file, { B_PASSWORD_FILE: '/run/secrets/b' }).gateways[0]).toMatchObject({ password: 'hidden' })
  const at = 'gateways.0.password'
  expect(told(file, { B_PASSWORD_FILE: '/nowhere' })).toEqual([['config.variable_file', at]])
  const both = { B_PASSWORD: 'b', B_PASSWORD_FILE: '/run/secrets/b' }
  expect(told(file, both)).toEqual([['config.given_twice', at]])
})

test('reports every problem at once with its path in the file', () => {
  const file = {
    gateways: [
      { ...A, password: 'secret', port: 70_000, colour: 'red' },
      { ...B, name: 'a', windowPerLink: 0, partsPerSecond: 0, password: { env: 'ABSENT' } },
      { kind: 'pigeon', name: 'p' },
      { ...A, name: 'c', simulated: true, password: { file: '/nowhere' }, systemId: 'x'.repeat(16) },
      { ...B, name: 'd', password: { file: '/run/secrets/empty' } },
    ],
    routes: [{ prefixes: ['262'], gateways: ['a', 'zz', 'a'] }],
    more: 1,
  }
  expect(told(file).sort((x, y) => String(x[1]).localeCompare(String(y[1])))).toEqual([
    ['input.unknown_field', 'gateways.0'],
    ['config.secret_plain', 'gateways.0.password'],
    ['input.too_big', 'gateways.0.port'],
    ['config.gateway_twice', 'gateways.1.name'],
    ['input.not_above', 'gateways.1.partsPerSecond'],
    ['config.secret_env', 'gateways.1.password'],
    ['input.too_small', 'gateways.1.windowPerLink'],
    ['input.choice', 'gateways.2.kind'],
    ['config.secret_file', 'gateways.3.password'],
    ['config.simulated_far', 'gateways.3.simulated'],
    ['input.too_long', 'gateways.3.systemId'],
    ['config.secret_file', 'gateways.4.password'],
    ['config.route_gateway', 'routes.0.gateways.1'],
    ['config.gateway_twice', 'routes.0.gateways.2'],
    ['input.invalid', 'routes.0.prefixes.0'],
    ['input.unknown_field', 'TOCSIN_GATEWAYS'],
  ])
  for (const problem of problemsOf(file)) {
    for (const lang of ['fr', 'en'] as const) {
      expect(formatProblem(lang, problem)).not.toContain(problem.code)
      // A secret in the wrong place is not printed.
      expect(formatProblem(lang, problem)).not.toMatch(/"secret"|hidden/)
    }
  }
  const [plain] = problemsOf({ gateways: [{ ...A, password: 'secret' }] })
  expect(formatProblem('en', plain!)).toBe(
    'Secrets must not be written in this file. Say where to read it: { "env": "NAME" } for an environment variable, { "file": "/run/secrets/name" } for a file.',
  )
})

test('reports a missing setting as missing', () => {
  expect(told({ gateways: [{ kind: 'smpp' }] })).toEqual([
    ['input.required', 'gateways.0.name'],
    ['input.required', 'gateways.0.host'],
    ['input.required', 'gateways.0.systemId'],
    ['input.required', 'gateways.0.password'],
    ['input.required', 'gateways.0.windowPerLink'],
  ])
  expect(told({})).toEqual([['input.required', 'gateways']])
  for (const nothing of [null, [], 'null', 3])
    expect(told(nothing)).toMatchObject([['input.type', 'TOCSIN_GATEWAYS']])
})

test('reports a missing file or invalid JSON without quoting a possible secret', () => {
  expect(told({ gateways: [A] }, { TOCSIN_GATEWAYS: '/nowhere' })).toEqual([
    ['config.file_unreadable', 'TOCSIN_GATEWAYS'],
  ])
  const [problem] = problemsOf('{\n "password": "hush"\n oops }')
  expect(problem).toMatchObject({ code: 'config.file_json', values: { line: 3 } })
  expect(formatProblem('fr', problem!)).not.toContain('hush')
  expect(told('{"a":')).toMatchObject([['config.file_json', 'TOCSIN_GATEWAYS']])
})

test('requires a route for everything that reaches real phones', () => {
  expect(told({ gateways: [A], routes: [{ prefixes: ['+33'], gateways: ['a'] }] })).toEqual([
    ['config.route_rest', 'routes'],
  ])
  const simulated = { ...A, host: '127.0.0.1', systemId: 'exercise', simulated: true }
  expect(told({ gateways: [simulated] })).toEqual([['config.route_real', 'routes']])
  expect(told({ gateways: [simulated, B], routes: [{ gateways: ['a'] }] })).toEqual([
    ['config.route_real', 'routes'],
  ])
  expect(read({ gateways: [simulated, B] }).gateways.map(({ simulated }) => simulated)).toEqual([true, false])
})

test('refuses a simulated gateway with the endpoint or account of a real one', () => {
  const tunnel = { ...B, host: 'localhost', port: 3550, tls: false, systemId: 'provider' }
  const simulated = { ...A, name: 's', host: '127.0.0.1', port: 3551, systemId: 'exercise', simulated: true }
  expect(read({ gateways: [tunnel, simulated] }).gateways.map(({ name }) => name)).toEqual(['b', 's'])
  expect(told({ gateways: [tunnel, { ...simulated, port: 3550 }] })).toEqual([
    ['config.simulated_door', 'gateways.1.port'],
  ])
  expect(told({ gateways: [tunnel, { ...simulated, systemId: 'provider' }] })).toEqual([
    ['config.simulated_account', 'gateways.1.systemId'],
  ])
  // Without a port, both use the default one.
  const { port: _, ...usual } = { ...simulated, systemId: 'provider' }
  const { port: __, ...real } = tunnel
  expect(told({ gateways: [usual, real] })).toEqual([
    ['config.simulated_door', 'gateways.0.port'],
    ['config.simulated_account', 'gateways.0.systemId'],
  ])
  expect(
    told({ gateways: [{ ...simulated, systemId: 'Provider', port: 3550, host: '127.1' }, tunnel] }),
  ).toEqual([
    ['config.simulated_door', 'gateways.0.port'],
    ['config.simulated_account', 'gateways.0.systemId'],
  ])
})

test('adds a gateway to the simulator inside the process, under a free name and account, when there is no simulated one', () => {
  const { gateways, routes } = read({ gateways: [{ ...A, name: 'simulator' }] })
  expect(gateways).toMatchObject([
    { name: 'simulator', systemId: 'tocsin', simulated: false },
    { name: 'simulator-', systemId: 'tocsin-', simulated: true, port: 0 },
  ])
  expect(routes).toEqual([{ order: 'first', gateways: [{ name: 'simulator', weight: 1 }] }])
})

test('allows a demo only simulated gateways on this machine', () => {
  const env = { TOCSIN_DEMO: 'true' }
  expect(told({ gateways: [A] }, env)).toEqual([['config.demo_real', 'gateways.0.simulated']])
  expect(told({ gateways: [{ ...A, simulated: true }] }, env)).toEqual([
    ['config.simulated_far', 'gateways.0.simulated'],
  ])
  for (const host of ['127.0.0.1', '::1', 'localhost']) {
    expect(read({ gateways: [{ ...A, simulated: true, host }] }, env)).toMatchObject({ demo: true })
  }
})

const OVH = {
  kind: 'ovh',
  name: 'ovh',
  serviceName: 'sms-xx12345-1',
  appKey: { env: 'A_PASSWORD' },
  appSecret: { file: '/run/secrets/b' },
  consumerKey: { env: 'A_PASSWORD' },
}
const GENERIC = {
  kind: 'http',
  name: 'own',
  secrets: { key: { env: 'A_PASSWORD' } },
  request: {
    url: 'https://sms.example/{secret:key}/send',
    // The body sent may look like a reference and is not one.
    body: { type: 'json', value: { file: 'x', list: [{ env: '{to}' }] } },
  },
  answer: { id: '/id' },
}

test('reads HTTP providers with their webhook address', () => {
  const { gateways } = read({
    gateways: [OVH, { ...OVH, name: 'o2', callbackUrl: 'https://x.fr/c' }, GENERIC, A],
  })
  expect(gateways).toMatchObject([
    {
      kind: 'ovh',
      simulated: false,
      window: 100,
      partsPerSecond: undefined,
      probeMessage: undefined,
      appSecret: 'hidden',
      callbackUrl: 'https://alerte.example.fr/api/gateways/ovh/webhook',
    },
    { callbackUrl: 'https://x.fr/c' },
    { kind: 'http', secrets: { key: 'from-env' }, request: { body: { value: GENERIC.request.body.value } } },
    { kind: 'smpp' },
    { name: 'simulator', simulated: true },
  ])
  expect(gateways.slice(0, 4).map(endpointOf)).toMatchObject([
    { host: 'eu.api.ovh.com', port: 443, tls: { servername: 'eu.api.ovh.com' } },
    {},
    { host: 'sms.example', port: 443, tls: { servername: 'sms.example' } },
    { host: 'smpp.a.example', port: 2775 },
  ])
})

test('reports the problems of HTTP providers like others', () => {
  const file = {
    gateways: [
      { ...OVH, appKey: 'plain', baseUrl: 'http://eu.api.ovh.com/1.0', simulated: true },
      { ...GENERIC, request: { url: 'http://sms.example' }, receipts: { proof: { type: 'none' } } },
    ],
  }
  expect(told(file)).toEqual(
    expect.arrayContaining([
      ['config.secret_plain', 'gateways.0.appKey'],
      ['config.https_required', 'gateways.0.baseUrl'],
      ['input.choice', 'gateways.0.simulated'],
      ['config.https_required', 'gateways.1.request.url'],
      ['input.choice', 'gateways.1.receipts.proof.type'],
    ]),
  )
})

test('refuses gateways described in both ways', () => {
  const problems = problemsOf({ gateways: [A] }, { TOCSIN_SMPP_HOST: 'x', TOCSIN_SMPP_WINDOW: '5' })
  expect(problems).toMatchObject([
    { code: 'config.gateways_twice', values: { names: 'TOCSIN_SMPP_HOST, TOCSIN_SMPP_WINDOW' } },
  ])
})

test('shows valid files and every SMPP setting in the guide', () => {
  const guide = readFileSync(new URL('../../docs/guides/routes.md', import.meta.url), 'utf8')
  const examples = [...guide.matchAll(/```json\n(.*?)```/gs)].map(([, text]) => String(text))
  expect(examples.length).toBeGreaterThan(1)
  const names = [...guide.matchAll(/"env": "(\w+)"/g)].map(([, name]) => String(name))
  const secrets = Object.fromEntries(
    names.map((name) => [name, name.includes('PASSWORD') ? 'short' : 'sixteen characters at least']),
  )
  for (const example of examples) expect(() => read(example, secrets)).not.toThrow()
  const [smpp] = read({ gateways: [A] }).gateways
  for (const field of Object.keys(smpp!)) {
    if (field !== 'window') expect(guide).toContain(`\`${field}\``)
  }
})
