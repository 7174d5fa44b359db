import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { pickGateway, ruleOf, rulesFor } from '../deliveries/send/routing.ts'
import { AppError } from '../errors.ts'
import { endpointOf, type GatewaySettings } from './settings.ts'
import { identityRefusal, identityRulesOf, SIMULATOR_SYSTEM_ID } from './sms/simulator/identity.ts'

/** Every spelling of this machine that a connection takes, and two others. */
const HERE = [
  '127.0.0.1',
  'localhost',
  'LOCALHOST',
  'localhost.',
  '::1',
  '127.0.0.9',
  '127.1',
  '::ffff:127.0.0.1',
]
const UNSPECIFIED = ['0.0.0.0', '::', '0']
const FAR = ['smsc.example', '192.0.2.7']

const simulated = fc.constantFrom(undefined, false, true)
const smpp = fc.record(
  {
    kind: fc.constant('smpp' as const),
    host: fc.constantFrom(...HERE, ...UNSPECIFIED, ...FAR),
    port: fc.constantFrom(2775, 2776),
    systemId: fc.constantFrom('tocsin', 'one', 'One', 'two'),
    simulated,
    password: fc.constant({ env: 'WORD' }),
    windowPerLink: fc.constant(10),
  },
  { requiredKeys: ['kind', 'host', 'systemId', 'password', 'windowPerLink'] },
)
const http = fc.record(
  {
    kind: fc.constant('smsmode' as const),
    baseUrl: fc.constantFrom('http://localhost:2775', 'http://127.0.0.1:2776', 'https://rest.smsmode.com'),
    apiKey: fc.constant({ env: 'WORD' }),
    simulated,
  },
  { requiredKeys: ['kind', 'apiKey'] },
)
const gateway = fc.oneof({ weight: 4, arbitrary: smpp }, { weight: 1, arbitrary: http })
const route = fc.record(
  {
    schemes: fc.constant(['ac63']),
    prefixes: fc.constant(['+262']),
    order: fc.constantFrom('first', 'weighted'),
    gateways: fc.uniqueArray(fc.constantFrom('a', 'b'), { minLength: 1 }),
  },
  { requiredKeys: ['gateways'] },
)
/** Number of installations tried; a soak tries ten times as many. */
const INSTALLATIONS = process.env.TOCSIN_SOAK ? 30_000 : 3000
const installation = fc.record({
  first: gateway,
  second: gateway,
  routes: fc.option(fc.array(route, { minLength: 1, maxLength: 3 }), { nil: undefined }),
  isDemo: fc.boolean(),
})

type Installation = typeof installation extends fc.Arbitrary<infer T> ? T : never

/** Returns the settings of an installation; undefined when its start is refused. */
function start({ first, second, routes, isDemo }: Installation) {
  const gateways = [
    { ...first, name: 'a' },
    { ...second, name: 'b' },
  ]
  const env = {
    WORD: 'hidden',
    TOCSIN_SECRET: 's'.repeat(32),
    TOCSIN_ENCRYPTION: 'off',
    TOCSIN_BASE_URL: 'https://alerte.example.fr',
    TOCSIN_GATEWAYS: 'file',
    TOCSIN_DEMO: String(isDemo),
  }
  try {
    return readConfig(env, () => JSON.stringify({ gateways, routes }))
  } catch (error) {
    if (error instanceof AppError && error.code === 'config_invalid') return undefined
    throw error
  }
}

/** Returns host and port of a gateway's provider, with one name for all spellings of this machine. */
function placeOf(settings: GatewaySettings): { readonly host: string; readonly port: number } {
  const { host, port } = endpointOf(settings)
  return { host: [...HERE, ...UNSPECIFIED].includes(host) ? 'here' : host, port }
}

const accountOf = (settings: GatewaySettings) =>
  settings.kind === 'smpp' ? settings.systemId.toLowerCase() : settings.name

test('no configuration of two gateways leads a simulated message to a real provider, or a real one to a simulator', () => {
  let started = 0
  let exercises = 0
  fc.assert(
    fc.property(
      installation,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (one, random) => {
        const config = start(one)
        if (config === undefined) return
        started++
        const { gateways, routes } = config
        const real = gateways.filter((gateway) => !gateway.simulated)
        const simulators = gateways.filter((gateway) => gateway.simulated)
        // Every installation can exercise; only a demo has no real gateway.
        expect(simulators.length).toBeGreaterThan(0)
        expect(real.length > 0).toBe(!one.isDemo)
        for (const simulator of simulators) {
          expect(placeOf(simulator).host).toBe('here')
          for (const other of real) {
            expect(placeOf(simulator)).not.toEqual(placeOf(other))
            expect(accountOf(simulator)).not.toBe(accountOf(other))
          }
        }
        // Whatever answers at an address, each kind talks to its own: the simulator, or a provider.
        for (const { simulated } of gateways)
          for (const systemId of [SIMULATOR_SYSTEM_ID, 'provider', ''])
            expect(
              identityRefusal(identityRulesOf({ simulated, refusesSimulator: !simulated }), systemId) ===
                undefined,
            ).toBe(simulated === (systemId === SIMULATOR_SYSTEM_ID))
        for (const isSimulated of [true, false])
          for (const schemeId of ['ac63', 'ac974'])
            for (const phone of ['+33612345678', '+262692000001']) {
              const rule = ruleOf(rulesFor(routes, gateways, { schemeId, simulated: isSimulated }), phone)
              // All gateways work, or one of the two is down.
              for (const down of [undefined, 'a', 'b']) {
                const name = rule && pickGateway(rule, (candidate) => candidate !== down, random)
                const picked = gateways.find((candidate) => candidate.name === name)
                if (picked !== undefined) expect(picked.simulated).toBe(isSimulated)
                if (isSimulated && picked !== undefined) exercises++
              }
            }
      },
    ),
    { numRuns: INSTALLATIONS },
  )
  // If every installation were refused, the checks above would never have run.
  expect(started).toBeGreaterThan(INSTALLATIONS / 20)
  expect(exercises).toBeGreaterThan(started)
})
