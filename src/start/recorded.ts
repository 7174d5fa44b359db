import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { NO_SCHEME } from '../audit/chain.ts'
import { recordAudit } from '../audit/record.ts'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import type { GatewaySettings } from '../gateways/settings.ts'
import { fingerprintSecret } from '../identity/codes/codes.ts'
import { sortKeys } from '../platform/canonical.ts'
import { acrossSchemes } from '../platform/db.ts'

/**
 * Returns the configuration that governs an installation, without secrets: of a secret, whether it is set, and of TOCSIN_SECRET
 * and the previous one a fingerprint. Settings of one machine (port, directory, number of connections, logs) are not part of it, since processes of one
 * installation differ in them.
 */
export function governingFacts(config: Config): Readonly<Record<string, unknown>> {
  const { mail, stripe, databaseUrl, identityProvider: provider } = config
  return {
    demo: config.demo,
    baseUrl: config.baseUrl ?? null,
    database: databaseUrl === undefined ? 'embedded' : placeOf(databaseUrl),
    trustedProxies: config.trustedProxies,
    gateways: config.gateways.map((gateway) => ({
      name: gateway.name,
      kind: gateway.kind,
      at: addressOf(gateway),
    })),
    routes: config.routes,
    inDoubt: config.inDoubt,
    memoryFullSeconds: config.memoryFullSeconds,
    mail: mail === undefined ? null : { at: placeOf(mail.url), from: mail.from },
    cards: stripe === undefined ? null : placeOf(stripe.api),
    identityProvider:
      provider === undefined
        ? null
        : {
            issuer: provider.issuer,
            kind: provider.kind,
            clientId: provider.clientId,
            scopes: provider.scopes,
            acr: provider.acr,
            alg: provider.alg,
          },
    coolingHours: config.coolingHours,
    idleMinutes: config.idleMinutes ?? null,
    sessionHours: config.sessionHours,
    keepDeliveriesDays: config.keepDeliveriesDays,
    companyApi: config.companyApi ?? null,
    geoApi: config.geoApi,
    mapTiles: config.mapTiles ?? null,
    metrics: config.metricsToken !== undefined,
    traces: config.tracesEndpoint === undefined ? null : placeOf(config.tracesEndpoint),
    encryption: config.keys !== undefined,
    secret: fingerprintOf(config.secret),
    previousSecret: fingerprintOf(config.previousSecret),
    auditKeyFile: config.audit.pem !== undefined,
    auditPublicKeys: config.audit.publicKeys.length,
    anchorFile: config.audit.anchorFile !== undefined,
    anchorMails: config.audit.anchorMails.length,
    timestamps: config.audit.timestampUrl === undefined ? null : placeOf(config.audit.timestampUrl),
  }
}

function fingerprintOf(secret: string | undefined): string | null {
  return secret === undefined ? null : fingerprintSecret({ secret: { current: secret } })
}

/** Returns the host and path of an address: its account and its query may be secret. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url)
  return host + pathname
}

function addressOf(gateway: GatewaySettings): string {
  return gateway.kind === 'smpp' ? `${gateway.host}:${gateway.port}` : gateway.kind
}

const digest = (value: unknown) =>
  createHash('sha256')
    .update(JSON.stringify(sortKeys(value)))
    .digest('hex')

/**
 * Records in the general chain that the configuration which governs the installation is another one than at the last start: a digest
 * of each value by its name, the names that changed, and a digest of all. Processes with the same configuration record it once.
 */
export async function recordConfiguration(deps: Pick<Deps, 'db' | 'now' | 'config'>): Promise<void> {
  const facts = governingFacts(deps.config)
  const digests = Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, digest(value ?? null).slice(0, 16)]),
  )
  const whole = digest(digests)
  await acrossSchemes(deps.db, async (tx) => {
    // Two processes that start together would both find the entry of before.
    await sql`select pg_advisory_xact_lock(hashtextextended('config.change', 0))`.execute(tx)
    const { rows } = await sql<{ details: { sha256?: string; digests?: Record<string, string> } }>`
      select details from audit_entries where scheme_id = '' and subject = 'config' and action = 'config.change'
      order by seq desc limit 1`.execute(tx)
    const before = rows[0]?.details
    if (before?.sha256 === whole) return
    const changed = Object.keys(digests).filter((name) => before?.digests?.[name] !== digests[name])
    await recordAudit(tx, NO_SCHEME, deps.now(), {
      actor: 'system:start',
      action: 'config.change',
      subject: 'config',
      details: { sha256: whole, digests, changed, first: before === undefined },
    })
  })
}

/** Returns when the secrets of the installation were last changed, as its log has it; undefined before the first record. */
export async function findSecretChange({ db }: Pick<Deps, 'db'>): Promise<Date | undefined> {
  return acrossSchemes(db, async (tx) => {
    const { rows } = await sql<{ at: Date }>`
      select at from audit_entries where scheme_id = '' and subject = 'config' and action = 'config.change'
        and details -> 'changed' ?| array['secret', 'previousSecret']
      order by seq desc limit 1`.execute(tx)
    return rows[0]?.at
  })
}
