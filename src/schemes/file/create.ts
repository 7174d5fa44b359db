import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { NO_SCHEME } from '../../audit/chain.ts'
import { recordAudit } from '../../audit/record.ts'
import { findAuditEntry, findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { type Actor, actorName, authorize, authorizeInstallation } from '../../permissions.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import { type Changes, withChanges } from '../../platform/http/bodies.ts'
import { announceEvent } from '../../platform/http/live.ts'
import { isSame } from '../../settings/rules.ts'
import { resolveAreas, writeDefinition } from '../actions.ts'
import { prefixProblems } from '../prefix.ts'
import { readyMade, readyMadeFiles } from '../ready-made.ts'
import { listSchemeSummaries } from '../store.ts'
import {
  type InstallationSchemes,
  SchemeCreation,
  type SchemeFile,
  type WrittenSchemeFile,
} from './contract.ts'
import { toDefinition } from './definition.ts'
import { changedSettings, readAsFile, SETTINGS_PARTS } from './export.ts'
import { checkSchemeFile } from './read.ts'

type CreateDeps = Pick<Deps, 'db' | 'database' | 'now' | 'newId' | 'config' | 'live'>

/** Parts of a copy that belong to its territory. */
const OF_TERRITORY = ['agencies', 'sectors', 'contact'] as const

/** Fields by which recipients tell schemes apart: each scheme has its own values. */
const OWN = ['name', 'sender', 'referencePrefix'] as const

/**
 * Creates a scheme from a file.
 * @param of `from`: a scheme, loaded or ready-made, whose copy the file changes; of another territory, services, sectors and contact
 * are not copied. `id`: in place of that of the file. `dryRun`: checks only. `request`: chosen by the client; the same request again
 * creates nothing, and is answered as the first one
 * @throws AppError `forbidden`, `unknown_scheme` for `from`, `invalid_input` with every problem of the file; `id_taken` if the
 * `request` created another scheme
 */
export async function createScheme(
  deps: CreateDeps,
  actor: Actor,
  json: Readonly<Record<string, unknown>>,
  of: {
    readonly from?: string | undefined
    readonly id?: string | undefined
    readonly dryRun?: boolean | undefined
    readonly request?: string | undefined
  } = {},
): Promise<SchemeCreation> {
  authorizeInstallation(actor, 'scheme.create')
  const content = { from: of.from, file: createHash('sha256').update(JSON.stringify(json)).digest('hex') }
  const { creation, admins } = await acrossSchemes(deps.db, async (tx) => {
    if (of.dryRun !== true) {
      const creation = await findRepeatedCreation(tx, actor, { ...content, request: of.request })
      if (creation !== undefined) return { creation, admins: [] }
    }
    const base = of.from === undefined ? {} : await readBase(tx, of.from)
    const given = of.id === undefined ? json : { ...json, id: of.id }
    const checked = checkSchemeFile(mergeFile(base, given))
    const { file } = checked
    const scheme = toDefinition(file)
    const areas = await resolveAreas(tx, scheme)
    const problems = [
      ...checked.problems,
      ...(await stateProblems(tx, scheme, areas, { unread: checked.unread, given })),
      ...inheritedProblems(base, given, of.from),
      ...providerProblems(deps, file),
    ]
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    const creation = {
      id: scheme.id,
      name: scheme.name,
      communes: areas.communes,
      trades: scheme.trades.length,
      categories: scheme.categories.length,
      agencies: scheme.agencies.length,
      sectors: scheme.sectors.length,
    }
    if (of.dryRun === true) return { creation: { ...creation, created: false }, admins: [] }
    await writeDefinition(
      tx,
      deps,
      { ...scheme, doctrine: changedSettings('doctrine', file.doctrine) },
      areas,
    )
    await writeFileSettings(tx, file)
    await recordCreation(tx, deps, actor, creation, { ...content, request: of.request })
    const admins = await listAdministrators(tx)
    for (const userId of admins) await announceEvent(tx, deps, accountEvent(userId))
    return { creation: { ...creation, created: true }, admins }
  })
  for (const userId of admins) deps.live.publish(accountEvent(userId))
  return creation
}

/** Checks a file against what the database has; of what the file has no valid value for, nothing is checked. */
async function stateProblems(
  tx: Tx,
  scheme: ReturnType<typeof toDefinition>,
  areas: Awaited<ReturnType<typeof resolveAreas>>,
  {
    unread,
    given,
  }: Pick<ReturnType<typeof checkSchemeFile>, 'unread'> & {
    readonly given: Readonly<Record<string, unknown>>
  },
): Promise<Problem[]> {
  const problems: Problem[] = []
  if (!unread.has('territory')) problems.push(...areas.problems.filter(({ path = '' }) => !unread.has(path)))
  if (!unread.has('id')) problems.push(...(await takenProblems(tx, scheme.id)))
  if (!unread.has('referencePrefix') && given.referencePrefix !== undefined)
    problems.push(...(await prefixProblems(tx, scheme.id, scheme.referencePrefix)))
  return problems
}

/** Records a creation: the log of the installation says who created the scheme, that of the scheme begins with it. */
async function recordCreation(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  actor: Actor,
  { id, name: _, ...figures }: Omit<SchemeCreation, 'created'>,
  content: CreationAsked,
): Promise<void> {
  const { from, request, file } = content
  const claimed = actor.kind === 'system' ? actor.claimed : undefined
  for (const chain of [NO_SCHEME, id]) {
    await recordAudit(tx, chain, deps.now(), {
      actor: actorName(actor),
      action: 'scheme.create',
      subject: `scheme:${id}`,
      details: {
        ...figures,
        ...(from !== undefined && { from }),
        ...(request !== undefined && { request, file }),
      },
      ...(claimed !== undefined && { named: { claimed } }),
    })
  }
}

/** The request that creates a scheme, by which its repetition is recognised. */
interface CreationAsked {
  readonly request: string | undefined
  readonly from: string | undefined
  /** Digest of the file. */
  readonly file: string
}

/** Finds the scheme that an earlier request with the same id created. @throws AppError `id_taken` */
async function findRepeatedCreation(
  tx: Tx,
  actor: Actor,
  { request, ...of }: CreationAsked,
): Promise<SchemeCreation | undefined> {
  const entry = await findRepeated(tx, NO_SCHEME, {
    id: request,
    creator: actorName(actor),
    find: (request) => findAuditEntry(tx, NO_SCHEME, { action: 'scheme.create', details: { request } }),
    isSame: ({ details }) => details.file === of.file && details.from === of.from,
    creatorOf: ({ actor }) => actor,
  })
  if (entry === undefined) return undefined
  const id = entry.subject.slice('scheme:'.length)
  const { name } = await tx
    .selectFrom('schemes')
    .select('name')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return { ...Figures.parse(entry.details), id, name, created: true }
}

const Figures = SchemeCreation.omit({ id: true, name: true, created: true })

const accountEvent = (userId: string) => ({ type: 'account', schemeId: NO_SCHEME, userId }) as const

/** Lists the accounts whose role outside the schemes holds in the new one, too: their sessions are read again. */
async function listAdministrators(tx: Tx): Promise<string[]> {
  const rows = await tx.selectFrom('grants').select('userId').where('schemeId', '=', NO_SCHEME).execute()
  return rows.map(({ userId }) => userId)
}

/** Returns the file of a scheme. @throws AppError `unknown_scheme`, `forbidden` */
export async function exportScheme(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<WrittenSchemeFile> {
  authorize(actor, 'scheme.export', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readAsFile(tx, schemeId))
}

/** Lists every scheme of the installation, and the ready-made ones. @throws AppError `forbidden` */
export async function listAllSchemes(deps: Pick<Deps, 'db'>, actor: Actor): Promise<InstallationSchemes> {
  authorizeInstallation(actor, 'scheme.create')
  const { schemes, people } = await acrossSchemes(deps.db, async (tx) => ({
    schemes: await listSchemeSummaries(tx, 'all'),
    people: await tx
      .selectFrom('grants')
      .select((eb) => ['schemeId', eb.fn.count<string>('userId').distinct().as('count')])
      .groupBy('schemeId')
      .execute(),
  }))
  return {
    schemes: schemes.map((scheme) => ({
      ...scheme,
      people: Number(people.find(({ schemeId }) => schemeId === scheme.id)?.count ?? 0),
    })),
    readyMade: readyMade.map(({ id, name }) => ({ id, name })),
  }
}

/** Reads the copy that a new scheme starts from. @throws AppError `unknown_scheme` with the ready-made ones */
async function readBase(tx: Tx, from: string): Promise<Readonly<Record<string, unknown>>> {
  const loaded = await tx.selectFrom('schemes').select('id').where('id', '=', from).executeTakeFirst()
  if (loaded !== undefined) return { ...(await readAsFile(tx, from)) }
  const file = readyMadeFiles.find(({ id }) => id === from)
  if (file !== undefined) return file
  const codes = readyMadeFiles.map(({ id }) => id).join(', ')
  throw new AppError('unknown_scheme', {
    values: { scheme: from },
    problems: [{ code: 'scheme.not_ready_made', path: 'from', values: { codes } }],
  })
}

/**
 * Returns the base with the parts of the file in place of its own; of settings, value by value. Fees of trades that the result does
 * not use are left out, but for those that the file names, so that its mistakes are reported.
 */
export function mergeFile(
  base: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base }
  if (file.territory !== undefined && !isSame(file.territory, base.territory)) {
    for (const part of OF_TERRITORY) delete merged[part]
    delete merged.timeZone
    const { organisations: _, ...access } = (merged.access ?? {}) as Record<string, unknown>
    merged.access = access
  }
  for (const [key, value] of Object.entries(file)) {
    const before = merged[key]
    const isSettings = (SETTINGS_PARTS as readonly string[]).includes(key)
    merged[key] =
      isSettings && isObject(before) && isObject(value)
        ? withChanges(before, value as Changes<typeof before>)
        : value
  }
  return withoutFeesOfOthers(merged, feesIn(file) ?? {})
}

/** Leaves out the fees of trades that the file does not use, except those that are given. */
function withoutFeesOfOthers(
  file: Record<string, unknown>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const fees = feesIn(file)
  if (fees === undefined || !Array.isArray(file.trades)) return file
  const trades = file.trades.map((trade: unknown) => (isObject(trade) ? trade.code : trade))
  const tradeFees = Object.fromEntries(
    Object.entries(fees).filter(([trade]) => trades.includes(trade) || trade in given),
  )
  const dues = file.dues as { readonly fees: object }
  return { ...file, dues: { ...dues, fees: { ...dues.fees, tradeFees } } }
}

/** Returns the fees per trade of a file that may be of any form. */
function feesIn({ dues }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const fees = isObject(dues) ? dues.fees : undefined
  const tradeFees = isObject(fees) ? fees.tradeFees : undefined
  return isObject(tradeFees) ? tradeFees : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Nobody else creates this scheme until the transaction ends. */
async function takenProblems(tx: Tx, id: string): Promise<Problem[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`scheme:${id}`}, 0))`.execute(tx)
  const known = await tx.selectFrom('schemes').select('id').where('id', '=', id).executeTakeFirst()
  return known === undefined ? [] : [{ code: 'scheme_file.id_taken', path: 'id', values: { id } }]
}

/** Lists what the file would take silently from the copy, although it is that of the other scheme. */
function inheritedProblems(
  base: Readonly<Record<string, unknown>>,
  file: Readonly<Record<string, unknown>>,
  from = '',
): Problem[] {
  return OWN.filter((key) => file[key] === undefined && base[key] !== undefined).map((key) => ({
    ...{ code: 'scheme_file.inherited', path: key, values: { from, value: String(base[key]) } },
  }))
}

function providerProblems({ config }: Pick<Deps, 'config'>, { access }: SchemeFile): Problem[] {
  if (config.identityProvider !== undefined) return []
  return Object.entries(access.signIn).flatMap(([role, need]): Problem[] =>
    need === 'provider' ? [{ code: 'access.no_provider', path: `access.signIn.${role}` }] : [],
  )
}

/** Writes the settings of a new scheme that differ from the defaults. */
async function writeFileSettings(tx: Tx, file: SchemeFile): Promise<void> {
  const columns = SETTINGS_PARTS.filter((part) => part !== 'doctrine').map((part) => [
    part,
    JSON.stringify(changedSettings(part, file[part])),
  ])
  await tx.updateTable('schemes').set(Object.fromEntries(columns)).where('id', '=', file.id).execute()
}
