import { BlockList, isIP } from 'node:net'
import { z } from 'zod'
import type { GatewayContract } from '../deliveries/gateway.ts'
import type { RouteRule } from '../deliveries/send/routing.ts'
import type { Problem } from '../errors.ts'
import { describeIssue } from '../platform/http/issues.ts'
import { reasonOf } from '../platform/process/secret-file.ts'
import type { Endpoint } from './reach.ts'
import { readReferences, referencedValue, type Sources } from './references.ts'
import { type HttpGatewaySettings, httpSettings } from './sms/http/settings.ts'

/** A test message sent at intervals to a phone of the installation, to check that a provider still delivers. */
export interface ProbeMessage {
  /** E.164 */
  readonly phone: string
  readonly sender: string
  readonly everySeconds: number
}

/** Settings of every kind of gateway. */
export interface CommonSettings extends GatewayContract {
  /** Undefined: no probe messages are sent. */
  readonly probeMessage: ProbeMessage | undefined
  /** The codes of receipts that say that the memory of the phone is full; undefined: those usual for its kind. */
  readonly memoryFullCodes?: readonly number[] | undefined
}

export interface SmppSettings extends CommonSettings {
  readonly kind: 'smpp'
  readonly host: string
  /** 0: the port of the simulator inside the process, known once it is started. */
  readonly port: number
  readonly tls: false | { readonly servername: string /** PEM */; readonly ca?: string }
  readonly systemId: string
  readonly password: string
  readonly systemType: string
  readonly bind: 'transceiver' | 'transmitterReceiver'
  readonly links: number
  readonly windowPerLink: number
  readonly concatenation: 'udh' | 'sar'
  /** True when the provider supports `query_sm`, `cancel_sm`. */
  readonly query: boolean
  readonly cancel: boolean
  readonly addressing: Readonly<Partial<Record<keyof typeof addressing, number>>>
  readonly enquireLinkSeconds: number
  readonly responseSeconds: number
}

type Plain<Kind> = Kind extends HttpGatewaySettings
  ? Omit<Kind, keyof CommonSettings> & CommonSettings
  : never
/** Settings of an HTTP provider, which is never simulated since it reaches real phones. */
export type HttpSettings = Plain<HttpGatewaySettings>

export type GatewaySettings = SmppSettings | HttpSettings

/** Bounds shared by settings from the environment and from a file. */
export const bounds = {
  links: { min: 1, max: 16 },
  windowPerLink: { min: 1, max: 5000 },
  partsPerSecond: { max: 100_000 },
  /** SMPP 3.4 sections 5.2.1 and 5.2.2: 16 and 9 octets with the NUL. */
  systemId: { max: 15 },
  password: { max: 8 },
} as const

/** The port that IANA lists for SMPP. */
const DEFAULT_PORT = 2775

const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/)
const octet = z.int().min(0).max(255).optional()
const addressing = {
  alphanumericTon: octet,
  alphanumericNpi: octet,
  numericTon: octet,
  numericNpi: octet,
  destinationTon: octet,
  destinationNpi: octet,
}

const common = {
  // The name is also used in URLs and metrics.
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/),
  /** True: it reaches no real phone. */
  simulated: z.boolean().default(false),
  partsPerSecond: z.number().positive().max(bounds.partsPerSecond.max).optional(),
  probeMessage: z
    .strictObject({
      phone: e164,
      sender: z.string().min(1).max(15).default('TOCSIN'),
      everySeconds: z.number().min(10).max(86_400),
    })
    .optional(),
  memoryFullCodes: z.array(z.int().min(0)).max(20).optional(),
}

const SmppEntry = z.strictObject({
  kind: z.literal('smpp'),
  ...common,
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(DEFAULT_PORT),
  tls: z.boolean().default(true),
  /** Name in the certificate, when it differs from the host. */
  servername: z.string().min(1).optional(),
  /** Certificate of the authority, when it is not public. */
  ca: referencedValue().optional(),
  systemId: z.string().min(1).max(bounds.systemId.max),
  password: referencedValue(z.string().max(bounds.password.max)),
  systemType: z.string().max(12).default(''),
  bind: z.enum(['transceiver', 'transmitterReceiver']).default('transceiver'),
  links: z.int().min(bounds.links.min).max(bounds.links.max).default(1),
  windowPerLink: z.int().min(bounds.windowPerLink.min).max(bounds.windowPerLink.max),
  concatenation: z.enum(['udh', 'sar']).default('udh'),
  query: z.boolean().default(false),
  cancel: z.boolean().default(false),
  addressing: z.strictObject(addressing).default({}),
  enquireLinkSeconds: z.number().min(1).max(600).default(30),
  responseSeconds: z.number().min(1).max(120).default(10),
})

function smppSettings(entry: z.infer<typeof SmppEntry>): SmppSettings {
  const { tls, ca, servername = entry.host, addressing, ...rest } = entry
  return {
    ...rest,
    probeMessage: entry.probeMessage,
    partsPerSecond: entry.partsPerSecond,
    window: entry.links * entry.windowPerLink,
    tls: tls && { servername, ...(ca === undefined ? {} : { ca }) },
    addressing: defined(addressing),
  }
}

const Entry = z.discriminatedUnion('kind', [
  SmppEntry,
  ...httpSettings(() => referencedValue(), {
    probeMessage: common.probeMessage,
    memoryFullCodes: common.memoryFullCodes,
  }),
])

function settingsOf(entry: z.infer<typeof Entry>, { baseUrl }: GatewaysPolicy): GatewaySettings {
  if (entry.kind === 'smpp') return smppSettings(entry)
  const { probeMessage, partsPerSecond, callbackUrl = callbackAddress(entry.name, baseUrl) } = entry
  return { ...entry, probeMessage, partsPerSecond, callbackUrl }
}

/** Returns the default webhook address, at the base URL of this installation. */
function callbackAddress(name: string, baseUrl: string | undefined): string | undefined {
  // A provider cannot call an address without TLS or of this machine only.
  if (!baseUrl?.startsWith('https:')) return undefined
  return `${baseUrl.replace(/\/$/, '')}/api/gateways/${name}/webhook`
}

const Route = z.strictObject({
  schemes: z.array(z.string().min(1)).min(1).optional(),
  prefixes: z
    .array(z.string().regex(/^\+\d{1,15}$/))
    .min(1)
    .optional(),
  order: z.enum(['first', 'weighted']).default('first'),
  gateways: z
    .array(
      z.preprocess(
        (value) => (typeof value === 'string' ? { name: value } : value),
        z.strictObject({ name: common.name, weight: z.number().positive().max(1000).default(1) }),
      ),
    )
    .min(1),
})

const File = z.strictObject({
  gateways: z.array(Entry).min(1).max(32),
  routes: z.array(Route).min(1).max(1000).optional(),
})

export interface GatewaysFile {
  readonly gateways: readonly GatewaySettings[]
  readonly routes: readonly RouteRule[]
}

/** Restrictions of the installation: a demo reaches no real phone. */
export interface GatewaysPolicy {
  readonly demo: boolean
  /** Base URL of the installation. */
  readonly baseUrl: string | undefined
}

/**
 * Reads the file of gateways and routes. Without routes, the first working gateway carries everything. Adds every
 * problem to `problems` with its path in the file and returns undefined when there is one.
 */
export function readGatewaysFile(
  path: string,
  sources: Sources,
  policy: GatewaysPolicy,
  problems: Problem[],
): GatewaysFile | undefined {
  let text: string
  try {
    text = sources.readFile(path)
  } catch (error) {
    problems.push({
      code: 'config.file_unreadable',
      path: 'TOCSIN_GATEWAYS',
      values: { file: path, reason: reasonOf(error) },
    })
    return undefined
  }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    // The parser may quote a secret written in the wrong place: only the line where it stopped is reported.
    const values = { file: path, line: lineOf(text, error) }
    problems.push({ code: 'config.file_json', path: 'TOCSIN_GATEWAYS', values })
    return undefined
  }
  const found: Problem[] = []
  const parsed = File.safeParse(readReferences(json, sources, [], found))
  const unread = new Set(found.map((problem) => problem.path))
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const problem = problemOf(issue)
      // Problems of unreadable references were reported before.
      if (!unread.has(problem.path)) found.push(problem)
    }
  }
  found.push(...contradictions(json, parsed.data, policy))
  problems.push(...found)
  if (!parsed.success || found.length > 0) return undefined
  const gateways = parsed.data.gateways.map((entry) => settingsOf(entry, policy))
  const given = parsed.data.routes?.map(
    ({ schemes, prefixes, ...rule }): RouteRule => ({ ...rule, ...defined({ schemes, prefixes }) }),
  )
  const routes = given ?? [{ order: 'first' as const, gateways: gateways.map(asUse) }]
  return { gateways, routes }
}

/** Returns host, port and TLS settings of a gateway's provider. */
export function endpointOf(settings: GatewaySettings): Endpoint {
  if (settings.kind === 'smpp') return settings
  return webEndpointOf(settings.kind === 'http' ? settings.request.url : settings.baseUrl)
}

/** Reads the endpoint of a web address, in which placeholders stand for parts. @throws TypeError if it is not one */
function webEndpointOf(address: string): Endpoint {
  const { protocol, hostname, port } = new URL(address.replace(/\{[\w:-]+\}/g, '0'))
  const host = hostname.replace(/^\[|\]$/g, '')
  const isSecure = protocol === 'https:'
  return { host, port: Number(port) || (isSecure ? 443 : 80), tls: isSecure && { servername: host } }
}

/** Makes the only rule of an installation with one gateway. */
export function onlyRoute(gateway: GatewayContract): RouteRule {
  return { order: 'first', gateways: [asUse(gateway)] }
}

function asUse({ name }: GatewayContract): RouteRule['gateways'][number] {
  return { name, weight: 1 }
}

/** Finds contradictions between fields; fields with problems of their own are skipped. */
function contradictions(
  json: unknown,
  file: z.infer<typeof File> | undefined,
  policy: GatewaysPolicy,
): Problem[] {
  const gateways = listOf(json, 'gateways')
  const names = new Set<string>()
  const problems: Problem[] = []
  for (const [index, { name }] of gateways.entries()) {
    if (typeof name !== 'string') continue
    if (names.has(name))
      problems.push({ code: 'config.gateway_twice', path: `gateways.${index}.name`, values: { name } })
    names.add(name)
  }
  problems.push(
    ...usesOfRoutes(listOf(json, 'routes'), names),
    ...wronglySimulated(gateways, policy),
    ...sharedWithReal(gateways),
  )
  return file === undefined || problems.length > 0 ? problems : problemsOfLastRoute(file, policy)
}

/** Finds gateways of a route that do not exist or are named twice. */
function usesOfRoutes(routes: readonly Record<string, unknown>[], names: ReadonlySet<string>): Problem[] {
  const problems: Problem[] = []
  for (const [index, route] of routes.entries()) {
    const used = new Set<string>()
    for (const [at, use] of (Array.isArray(route.gateways) ? route.gateways : []).entries()) {
      const name: unknown = typeof use === 'string' ? use : (use as { name?: unknown } | null)?.name
      if (typeof name !== 'string') continue
      const path = `routes.${index}.gateways.${at}`
      if (!names.has(name)) {
        const known = [...names].join(', ')
        problems.push({ code: 'config.route_gateway', path, values: { name, known } })
      } else if (used.has(name)) problems.push({ code: 'config.gateway_twice', path, values: { name } })
      used.add(name)
    }
  }
  return problems
}

/** Finds real gateways in the demo, and simulated ones that are on another machine. */
function wronglySimulated(gateways: readonly Record<string, unknown>[], policy: GatewaysPolicy): Problem[] {
  return gateways.flatMap(({ simulated, host }, index): Problem[] => {
    const path = `gateways.${index}.simulated`
    if (policy.demo && simulated !== true) return [{ code: 'config.demo_real', path }]
    const isFar = simulated === true && typeof host === 'string' && !isLoopback(host)
    return isFar ? [{ code: 'config.simulated_far', path, values: { host } }] : []
  })
}

/** Finds what is wrong with the route of all other messages: there is none, or it has no real gateway. */
function problemsOfLastRoute(file: z.infer<typeof File>, policy: GatewaysPolicy): Problem[] {
  const rest = file.routes?.filter(({ schemes, prefixes }) => schemes === undefined && prefixes === undefined)
  if (rest?.length === 0) return [{ code: 'config.route_rest', path: 'routes' }]
  if (policy.demo) return []
  const real = new Set(file.gateways.filter(({ simulated }) => !simulated).map(({ name }) => name))
  const carries = rest?.[0]?.gateways.map(({ name }) => name) ?? [...real]
  return carries.some((name) => real.has(name)) ? [] : [{ code: 'config.route_real', path: 'routes' }]
}

/**
 * Finds simulated gateways with the endpoint or account of a real one: an exercise could reach real phones through
 * them.
 */
function sharedWithReal(gateways: readonly Record<string, unknown>[]): Problem[] {
  const real = gateways.filter(({ kind, simulated }) => kind !== undefined && simulated !== true)
  return gateways.flatMap((gateway, index) => {
    if (gateway.kind !== 'smpp' || gateway.simulated !== true) return []
    return real.flatMap(({ name, ...other }): Problem[] => {
      const values = { name: String(name) }
      const door = doorOf(gateway)
      const problems: Problem[] = []
      if (door !== undefined && door === doorOf(other))
        problems.push({ code: 'config.simulated_door', path: `gateways.${index}.port`, values })
      const account = accountOf(gateway)
      if (account !== undefined && account === accountOf(other))
        problems.push({ code: 'config.simulated_account', path: `gateways.${index}.systemId`, values })
      return problems
    })
  })
}

/** Returns host and port of a gateway as given, in one form for all addresses of this machine; undefined: unreadable. */
function doorOf(gateway: Record<string, unknown>): string | undefined {
  const { kind, host, port = DEFAULT_PORT, baseUrl, request } = gateway
  if (kind === 'smpp') return typeof host === 'string' ? `${doorHost(host)}:${port}` : undefined
  const address = kind === 'http' ? (request as { url?: unknown } | undefined)?.url : baseUrl
  try {
    const endpoint = webEndpointOf(String(address))
    return `${doorHost(endpoint.host)}:${endpoint.port}`
  } catch {
    return undefined
  }
}

const doorHost = (host: string) => (isThisMachine(host) ? 'localhost' : canonicalHost(host))

/** Some providers ignore the case of a `system_id`. */
function accountOf({ systemId }: Record<string, unknown>): string | undefined {
  return typeof systemId === 'string' ? systemId.trim().toLowerCase() : undefined
}

/** Returns the objects of a list even when the rest is invalid; other items become empty objects. */
function listOf(json: unknown, key: string): Record<string, unknown>[] {
  const list = (json as Record<string, unknown> | null)?.[key]
  return Array.isArray(list)
    ? list.map((item) => (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>)
    : []
}

function problemOf(issue: z.core.$ZodIssue): Problem {
  const { code, path, message, ...params } = issue
  const at = path.map(String).join('.')
  const where = at === '' ? 'TOCSIN_GATEWAYS' : at
  if (issue.code === 'custom') {
    return { code: issue.params?.problem ?? 'input.invalid', path: where }
  }
  if (issue.code === 'invalid_union' && 'options' in issue) {
    return { code: 'input.choice', path: where, values: { choices: String(issue.options) } }
  }
  return { ...describeIssue({ code, message, params }), path: where }
}

/** Returns a host in the form of URLs: `127.1` and `2130706433` are `127.0.0.1`, names are in lower case. */
function canonicalHost(host: string): string {
  const inUrl = isIP(host) === 6 ? `[${host}]` : host
  const plain = URL.canParse(`http://${inUrl}`) ? new URL(`http://${inUrl}`).hostname : host.toLowerCase()
  return plain.replace(/^\[|\]$|\.$/g, '')
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

function isLoopback(host: string): boolean {
  const plain = canonicalHost(host)
  const family = isIP(plain)
  return family === 0 ? plain === 'localhost' : loopback.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

/** A connection to the unspecified address reaches this machine too. */
function isThisMachine(host: string): boolean {
  return isLoopback(host) || ['0.0.0.0', '::'].includes(canonicalHost(host))
}

/** JSON.parse reports only a position, and not always. */
function lineOf(text: string, error: unknown): number {
  const [, position] = /position (\d+)/.exec((error as Error).message) ?? []
  const end = position === undefined ? text.length : Number(position)
  return text.slice(0, end).split('\n').length
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>
}
