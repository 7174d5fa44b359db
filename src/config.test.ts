import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { configurationPage, describeSettings, envExample } from './cli/config.ts'
import { readConfig, readLang, settings } from './config.ts'
import { AppError } from './errors.ts'
import { formatProblem } from './i18n/format.ts'

function problemsOf(env: Record<string, string>) {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof AppError) return error
  }
  throw new Error('accepted')
}

test('without settings, it is a demo on the embedded database', () => {
  expect(readConfig({})).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    dataDir: './data',
    databaseUrl: undefined,
    demo: true,
    lang: 'fr',
  })
  expect(Object.isFrozen(readConfig({}))).toBe(true)
})

test('an empty value counts as absent', () => {
  expect(readConfig({ PORT: '', DATABASE_URL: '' })).toMatchObject({ port: 3000, demo: true })
})

test('a provider, a secret or an address ends the demo, and all three are then required, with the account', () => {
  const error = problemsOf({ TOCSIN_SMPP_HOST: 'smpp.example' })
  expect(error.code).toBe('config_invalid')
  expect(error.problems.map((problem) => [problem.code, problem.path])).toEqual([
    ['config.demo_unsaid', 'TOCSIN_DEMO'],
    ['config.required', 'TOCSIN_SECRET'],
    ['config.required', 'TOCSIN_BASE_URL'],
    ['config.required', 'TOCSIN_SMPP_SYSTEM_ID'],
    ['config.required', 'TOCSIN_SMPP_PASSWORD'],
    ['config.keys_missing', 'TOCSIN_KEYS_FILE'],
  ])
  const complete = {
    TOCSIN_ENCRYPTION: 'off',
    TOCSIN_SECRET: 's'.repeat(32),
    TOCSIN_BASE_URL: 'https://x.fr',
    TOCSIN_SMPP_HOST: 'smsc',
    TOCSIN_SMPP_SYSTEM_ID: 'account',
    TOCSIN_SMPP_PASSWORD: 'word',
  }
  expect(readConfig(complete)).toMatchObject({
    demo: false,
    gateways: [
      {
        kind: 'smpp',
        name: 'smpp',
        host: 'smsc',
        tls: { servername: 'smsc' },
        simulated: false,
        systemId: 'account',
        password: 'word',
      },
      // For exercises, inside the process.
      { kind: 'smpp', name: 'simulator', host: '127.0.0.1', port: 0, simulated: true },
    ],
    routes: [{ order: 'first', gateways: [{ name: 'smpp', weight: 1 }] }],
  })
})

test('all problems are reported at once, wrong and missing alike, in both languages', () => {
  const { problems } = problemsOf({
    PORT: 'x',
    TOCSIN_DEMO: 'false',
    TOCSIN_SECRET: 'short',
    TOCSIN_MAP_TILES: 'ftp://x',
  })
  expect(problems.map((problem) => [problem.code, problem.path])).toEqual([
    ['config.value', 'PORT'],
    ['config.value', 'TOCSIN_SECRET'],
    ['config.value', 'TOCSIN_MAP_TILES'],
    ['config.required', 'TOCSIN_BASE_URL'],
    ['config.required', 'TOCSIN_SMPP_HOST'],
    ['config.keys_missing', 'TOCSIN_KEYS_FILE'],
  ])
  expect(formatProblem('fr', problems[0]!)).toBe(
    'PORT : valeur incorrecte. Port du serveur web ; 0 : un port libre, affiché au démarrage.',
  )
  expect(formatProblem('en', problems[0]!)).toBe(
    'PORT: invalid value. Port of the web server; 0: any free one, printed at start.',
  )
})

test('a demo has one gateway, to its simulator, which the SMPP settings configure', () => {
  const { gateways, routes } = readConfig({
    TOCSIN_SMPP_LINKS: '2',
    TOCSIN_SMPP_WINDOW: '30',
    TOCSIN_SMPP_RATE: '12.5',
    TOCSIN_SMPP_BIND: 'transmitterReceiver',
    TOCSIN_SMPP_CONCATENATION: 'sar',
  })
  expect(gateways).toMatchObject([
    {
      name: 'simulator',
      simulated: true,
      host: '127.0.0.1',
      tls: false,
      links: 2,
      windowPerLink: 30,
      window: 60,
      partsPerSecond: 12.5,
      bind: 'transmitterReceiver',
      concatenation: 'sar',
    },
  ])
  expect(routes).toEqual([{ order: 'first', gateways: [{ name: 'simulator', weight: 1 }] }])
})

test('the delay before sending again is set for all lanes, or for each lane', () => {
  const byDefault = { vital: 10, code: 20, alert: 20, follow_up: 20, service: 'never', reminder: 'never' }
  expect(readConfig({}).inDoubt).toEqual(byDefault)
  expect(readConfig({ TOCSIN_IN_DOUBT_SECONDS: '3' }).inDoubt).toEqual({
    vital: 3,
    code: 3,
    alert: 3,
    follow_up: 3,
    service: 3,
    reminder: 3,
  })
  expect(readConfig({ TOCSIN_IN_DOUBT: 'vital=0.5, service=60' }).inDoubt).toEqual({
    ...byDefault,
    vital: 0.5,
    service: 60,
  })
  expect(readConfig({ TOCSIN_IN_DOUBT_SECONDS: '3', TOCSIN_IN_DOUBT: 'alert=never' }).inDoubt).toMatchObject({
    vital: 3,
    alert: 'never',
  })
})

test.each(['vital', 'vital=', 'vital=-1', 'vital=soon', 'urgent=3', 'vital=4000', ','])(
  '%s is not such a delay',
  (text) => {
    expect(problemsOf({ TOCSIN_IN_DOUBT: text }).problems).toMatchObject([
      { code: 'config.value', path: 'TOCSIN_IN_DOUBT' },
    ])
  },
)

test.each(['mysql://localhost/x', 'postgres://@@@:zz/x', 'postgres'])('%s is not a database URL', (url) => {
  expect(problemsOf({ TOCSIN_DEMO: 'true', DATABASE_URL: url }).problems).toMatchObject([
    { code: 'config.value', path: 'DATABASE_URL' },
  ])
})

test('a database is reached by its host or its socket', () => {
  for (const url of [
    'postgresql://u:p@db:5432/x',
    'postgres://u@%2Fvar%2Frun/x',
    'postgres:///x?host=/var/run',
  ])
    expect(readConfig({ TOCSIN_DEMO: 'true', DATABASE_URL: url }).databaseUrl).toBe(url)
})

test.each([
  [{}, 'fr'],
  [{ LANG: 'C.UTF-8' }, 'fr'],
  [{ LANG: 'en_US.UTF-8' }, 'en'],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'fr_FR.UTF-8' }, 'fr'],
  [{ LANG: 'fr_FR.UTF-8', TOCSIN_LANG: 'en' }, 'en'],
])('the terminal uses, with %o, the language %s', (env, lang) => {
  expect(readLang(env)).toBe(lang)
})

test('every setting is explained, in the terminal too', () => {
  for (const lang of ['fr', 'en'] as const) {
    for (const name of Object.keys(settings)) expect(describeSettings(lang)).toContain(name)
  }
})

test('docs/configuration.md and .env.example are what npm run docs writes', () => {
  const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
  expect(read('docs/configuration.md')).toBe(configurationPage())
  expect(read('.env.example')).toBe(envExample())
})

test.each<[string | undefined, readonly string[] | undefined]>([
  [undefined, ['loopback']],
  ['', ['loopback']],
  ['10.0.0.5', ['10.0.0.5']],
  [' loopback , 10.0.0.0/8,fd00::/8,2001:db8::1', ['loopback', '10.0.0.0/8', 'fd00::/8', '2001:db8::1']],
  // Trusting every proxy would let every client choose its address.
  ['0.0.0.0/0', undefined],
  ['::/0', undefined],
  ['10.0.0.0/33', undefined],
  ['proxy.example', undefined],
  ['10.0.0.5,', undefined],
  ['10.0.0.0/8/8', undefined],
])('the trusted proxies %j are read as %j', (given, wanted) => {
  const env = { TOCSIN_DEMO: 'true', TOCSIN_TRUSTED_PROXIES: given }
  if (wanted !== undefined) expect(readConfig(env).trustedProxies).toEqual(wanted)
  else expect(() => readConfig(env)).toThrowError(expect.objectContaining({ code: 'config_invalid' }))
})

describe('a demo never starts unrequested', () => {
  const ENDING = [
    { DATABASE_URL: 'postgres://localhost/x' },
    { HOST: '0.0.0.0' },
    { HOST: '::' },
    { HOST: '192.0.2.1' },
    { HOST: 'tocsin.example' },
    { TOCSIN_SMPP_HOST: 'smpp.example' },
    { TOCSIN_SMPP_SYSTEM_ID: 'account' },
    { TOCSIN_SMPP_PASSWORD: 'word' },
    { TOCSIN_GATEWAYS: 'gateways.json' },
    { TOCSIN_SMTP_URL: 'smtp://mail.example' },
    { TOCSIN_STRIPE_KEY: 'sk_live_12345678' },
  ]

  test.each(ENDING)('when %j is set, which the error names with the way to a demo', (env) => {
    const { problems } = problemsOf(env)
    expect(problems[0]).toMatchObject({ code: 'config.demo_unsaid', path: 'TOCSIN_DEMO' })
    expect(formatProblem('en', problems[0]!)).toBe(
      `The demo, which needs no password, does not start by default with ${Object.keys(env)[0]}. For a demo: TOCSIN_DEMO=true. For a production installation, set the following.`,
    )
    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'config.required', path: 'TOCSIN_SECRET' }),
    )
  })

  test.each<Record<string, string>>([...ENDING.filter((env) => !('TOCSIN_GATEWAYS' in env))])(
    'and starts with %j when it is requested',
    (env) => {
      const mail = 'TOCSIN_SMTP_URL' in env ? { TOCSIN_MAIL_FROM: 'a@b.fr' } : {}
      const card = 'TOCSIN_STRIPE_KEY' in env ? { TOCSIN_STRIPE_WEBHOOK_SECRET: 'whsec_123456' } : {}
      expect(readConfig({ TOCSIN_DEMO: 'true', ...env, ...mail, ...card }).demo).toBe(true)
    },
  )

  test.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('except on %s of this machine', (HOST) => {
    expect(readConfig({ HOST, PORT: '8080', TOCSIN_DATA_DIR: '/data', TOCSIN_SMPP_LINKS: '2' }).demo).toBe(
      true,
    )
  })

  test('a secret or an address says enough: only what is missing is reported', () => {
    const { problems } = problemsOf({ DATABASE_URL: 'postgres://localhost/x', TOCSIN_SECRET: 's'.repeat(32) })
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['config.required', 'TOCSIN_BASE_URL'],
      ['config.required', 'TOCSIN_SMPP_HOST'],
      ['config.keys_missing', 'TOCSIN_KEYS_FILE'],
    ])
  })
})

describe('a secret can be given as a file', () => {
  const SECRETS = {
    DATABASE_URL: 'postgres://tocsin:word@db:5432/tocsin',
    DATABASE_OWNER_URL: 'postgres://owner:word@db:5432/tocsin',
    DATABASE_SESSION_URL: 'postgres://tocsin:word@primary:5432/tocsin',
    DATABASE_READ_URL: 'postgres://tocsin:word@replica:5432/tocsin',
    TOCSIN_SECRET: 'a secret of more than thirty-two characters',
    TOCSIN_SECRET_PREVIOUS: 'the secret of before, of more than thirty-two characters',
    TOCSIN_SMPP_PASSWORD: 'word',
    TOCSIN_METRICS_TOKEN: 'a token of metrics',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20word',
    TOCSIN_SMTP_URL: 'smtps://alerte:word@mail.example:465',
    TOCSIN_STRIPE_KEY: 'sk_live_12345678',
    TOCSIN_STRIPE_WEBHOOK_SECRET: 'whsec_123456',
    TOCSIN_OIDC_CLIENT_SECRET: 'a client secret',
  }
  const OTHERS = {
    TOCSIN_ENCRYPTION: 'off',
    TOCSIN_OIDC_ISSUER: 'https://auth.example',
    TOCSIN_OIDC_CLIENT_ID: 'tocsin',
    TOCSIN_BASE_URL: 'https://tocsin.example',
    TOCSIN_SMPP_HOST: 'smsc.example',
    TOCSIN_SMPP_SYSTEM_ID: 'tocsin',
    TOCSIN_MAIL_FROM: 'alerte@cci.example',
  }
  const variables = Object.fromEntries(
    Object.keys(SECRETS).map((name) => [`${name}_FILE`, `/run/secrets/${name}`]),
  )
  const refusal = (env: Record<string, string>, readFile: (path: string) => string) => {
    try {
      readConfig(env, readFile)
    } catch (error) {
      if (error instanceof AppError) return error.problems
    }
    throw new Error('accepted')
  }
  const missing = (): never => {
    throw Object.assign(new Error(), { code: 'ENOENT' })
  }

  test('every one, read once, without the line feed at its end', () => {
    const read: string[] = []
    const fromFiles = readConfig({ ...OTHERS, ...variables }, (path) => {
      read.push(path)
      return `${SECRETS[path.slice('/run/secrets/'.length) as keyof typeof SECRETS]}\n`
    })
    expect(fromFiles).toEqual(readConfig({ ...OTHERS, ...SECRETS }))
    expect(read.toSorted()).toEqual(Object.values(variables).toSorted())
    const marked = Object.entries(settings).flatMap(([name, setting]) => ('secret' in setting ? [name] : []))
    expect(marked.toSorted()).toEqual(Object.keys(SECRETS).toSorted())
  })

  test('an unreadable one, an empty one, a wrong one and one given twice are all reported, and nothing else is', () => {
    const env = {
      ...OTHERS,
      ...variables,
      TOCSIN_SMPP_PASSWORD: 'word',
      TOCSIN_ANCHOR_MAILS: 'dpo@cci.example',
    }
    const problems = refusal(env, (path) => {
      if (path.endsWith('TOCSIN_SMTP_URL')) return missing()
      if (path.endsWith('TOCSIN_STRIPE_KEY')) return '\n'
      if (path.endsWith('TOCSIN_SECRET')) return 'short\n'
      return SECRETS[path.slice('/run/secrets/'.length) as keyof typeof SECRETS]
    })
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['config.given_twice', 'TOCSIN_SMPP_PASSWORD_FILE'],
      ['config.variable_file', 'TOCSIN_SMTP_URL_FILE'],
      ['config.variable_file', 'TOCSIN_STRIPE_KEY_FILE'],
      ['config.value', 'TOCSIN_SECRET_FILE'],
    ])
    expect(problems.slice(0, 3).map((problem) => formatProblem('en', problem))).toEqual([
      'TOCSIN_SMPP_PASSWORD and TOCSIN_SMPP_PASSWORD_FILE are both given. Keep one of them.',
      'TOCSIN_SMTP_URL_FILE: /run/secrets/TOCSIN_SMTP_URL cannot be read or is empty (ENOENT). Check the path and the permissions.',
      'TOCSIN_STRIPE_KEY_FILE: /run/secrets/TOCSIN_STRIPE_KEY cannot be read or is empty (EMPTY). Check the path and the permissions.',
    ])
    expect(formatProblem('en', problems[3]!)).toContain('TOCSIN_SECRET_FILE: invalid value.')
  })

  test('an empty variable counts as absent, and a file ends the demo as the value does', () => {
    expect(readConfig({ TOCSIN_SECRET_FILE: '' }).demo).toBe(true)
    const problems = refusal({ DATABASE_URL_FILE: '/run/secrets/url' }, missing)
    expect(problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['config.demo_unsaid', 'config.variable_file']),
    )
  })
})
