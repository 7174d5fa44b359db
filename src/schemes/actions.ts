import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem, refusalOf } from '../errors.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { acrossSchemes, inScheme, type Tx } from '../platform/db.ts'
import { type Changes, withChanges } from '../platform/http/bodies.ts'
import { cacheFor } from '../platform/remember.ts'
import type { SettingWriter } from '../settings/actions.ts'
import {
  auditBy,
  type ChangedBy,
  changeSettings,
  type ProposeDeps,
  settingsInForce,
} from '../settings/propose.ts'
import type { Area } from '../territory/contract.ts'
import type { DoctrineView, SchemeSummary, SchemeView } from './contract.ts'
import type { DoctrineSettings } from './doctrine.ts'
import { prefixProblems } from './prefix.ts'
import { findReadyMade, readyMade } from './ready-made.ts'
import { doctrineProblems, type SchemeDefinition, schemeRefusals } from './rules.ts'
import {
  findDoctrine,
  findScheme,
  listChamberContacts,
  listNamedCommunes,
  listSchemeSummaries,
  listUnknownCommunes,
  type NamedChamberContact,
  updateDoctrine,
  type WrittenScheme,
  writeAgencies,
  writeCategories,
  writeScheme,
  writeSectors,
} from './store.ts'

const CHAMBERS_KEPT_MS = 5000

export interface LoadedScheme {
  readonly id: string
  readonly name: string
  /** False when the scheme already existed and its definition was written again. */
  readonly created: boolean
  /** Names of columns and codes of categories that were kept because they were edited in the console. */
  readonly kept: readonly string[]
}

/**
 * Creates a ready-made scheme, or overwrites the definition of the existing one: name, trades, texts, agencies, sectors.
 * Members never change, nor does what was edited in the console. Categories, agencies and sectors that the definition does not
 * contain are kept. Needs the reference data of the territory.
 * @throws AppError `unknown_scheme` with the list of ready-made schemes, `unknown_area` when the communes are not loaded,
 * `forbidden`
 */
export async function loadScheme(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  actor: Actor,
  code: string,
): Promise<LoadedScheme> {
  const definition = findReadyMade(code)
  if (definition === undefined) {
    const codes = readyMade.map((scheme) => scheme.id).join(', ')
    throw new AppError('unknown_scheme', {
      values: { scheme: code },
      problems: [{ code: 'scheme.not_ready_made', values: { codes } }],
    })
  }
  return loadDefinition(deps, actor, definition)
}

/**
 * Creates or overwrites a scheme from any definition.
 * @throws AppError `invalid_input` with every problem of the definition, also when another scheme has its reference prefix
 */
export async function loadDefinition(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  actor: Actor,
  scheme: SchemeDefinition,
): Promise<LoadedScheme> {
  authorize(actor, 'scheme.load', scheme.id)
  const problems = schemeRefusals(scheme)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return acrossSchemes(deps.db, async (tx) => {
    const areas = await resolveAreas(tx, scheme)
    if (areas.communes === 0)
      throw new AppError('unknown_area', { values: { code: JSON.stringify(scheme.territory) } })
    const taken = (await takesPrefix(tx, scheme))
      ? await prefixProblems(tx, scheme.id, scheme.referencePrefix)
      : []
    const problems = [...areas.problems, ...taken]
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    const { created, kept } = await writeDefinition(tx, deps, scheme, areas)
    await recordAudit(tx, scheme.id, deps.now(), {
      actor: actorName(actor),
      action: 'scheme.load',
      subject: `scheme:${scheme.id}`,
      details: { created, categories: scheme.categories.length, agencies: scheme.agencies.length, kept },
    })
    return { id: scheme.id, name: scheme.name, created, kept }
  })
}

/** Returns whether writing the definition gives the scheme a prefix that it does not have yet. */
async function takesPrefix(tx: Tx, { id, referencePrefix }: SchemeDefinition): Promise<boolean> {
  const known = await tx
    .selectFrom('schemes')
    .select(['referencePrefix', 'edited'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (known === undefined) return true
  return known.referencePrefix !== referencePrefix && !known.edited.includes('referencePrefix')
}

/** Writes a checked definition. */
export async function writeDefinition(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  scheme: SchemeDefinition,
  areas: Pick<ResolvedAreas, 'elsewhere' | 'sectors'>,
): Promise<WrittenScheme> {
  const { created, kept } = await writeScheme(tx, scheme, deps.now())
  const keptCategories = await writeCategories(tx, scheme)
  await writeAgencies(
    tx,
    scheme.id,
    scheme.agencies.map(({ code, name, kind, zone }) => ({
      id: deps.newId(),
      code,
      name,
      kind,
      zone: zone === 'elsewhere' ? areas.elsewhere : zone,
    })),
  )
  await writeSectors(
    tx,
    scheme.id,
    areas.sectors.map((sector) => ({ id: deps.newId(), ...sector })),
  )
  return { created, kept: [...kept, ...keptCategories] }
}

interface ResolvedAreas {
  /** Communes of the territory. */
  readonly communes: number
  readonly elsewhere: Area
  readonly sectors: readonly { readonly name: string; readonly communeCodes: string[] }[]
  readonly problems: readonly Problem[]
}

/** Resolves the communes of the scheme's sectors, and those outside the zone of every police agency. */
export async function resolveAreas(tx: Tx, scheme: SchemeDefinition): Promise<ResolvedAreas> {
  const { territory } = scheme
  const problems: Problem[] = []
  const all = await listNamedCommunes(tx, territory, territory)
  if (all.length === 0)
    problems.push({ code: 'unknown_area', path: 'territory', values: { code: JSON.stringify(territory) } })

  const police = scheme.agencies.filter((agency) => agency.kind === 'police').map((agency) => agency.zone)
  const taken = new Set<string>()
  for (const zone of police) {
    if (zone === null || zone === 'elsewhere') continue
    for (const code of await listNamedCommunes(tx, territory, zone)) taken.add(code)
  }
  const named = scheme.agencies.flatMap(({ zone }) =>
    zone !== null && zone !== 'elsewhere' && zone.kind === 'communes' ? zone.codes : [],
  )
  for (const code of await listUnknownCommunes(tx, named)) {
    problems.push({ code: 'unknown_commune', path: 'agencies', values: { code } })
  }

  const sectors: { name: string; communeCodes: string[] }[] = []
  for (const { name, area } of scheme.sectors) {
    const communeCodes = await listNamedCommunes(tx, territory, area)
    if (communeCodes.length === 0)
      problems.push({ code: 'unknown_area', path: 'sectors', values: { code: name } })
    sectors.push({ name, communeCodes })
  }
  const elsewhere: Area = { kind: 'communes', codes: all.filter((code) => !taken.has(code)) }
  return { communes: all.length, elsewhere, sectors, problems }
}

/** @throws AppError `unknown_scheme` when it is not loaded */
export async function getScheme(deps: Pick<Deps, 'db'>, actor: Actor, schemeId: string): Promise<SchemeView> {
  authorize(actor, 'scheme.read', schemeId)
  const scheme = await inScheme(deps.db, schemeId, (tx) => findScheme(tx, schemeId))
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return scheme
}

/**
 * Returns the conditions that an alert of the scheme must meet before it is sent, and who set them last.
 * @throws AppError `unknown_scheme` when it is not loaded
 */
export async function getDoctrineSettings(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<DoctrineView> {
  authorize(actor, 'doctrine.read', schemeId)
  const view = await inScheme(deps.db, schemeId, (tx) => findDoctrine(tx, schemeId))
  if (view === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return view
}

/**
 * Sets the conditions that an alert of the scheme must meet before it is sent. They apply to every later order, including
 * orders for alerts submitted earlier. Most of them are proposed, and put in force by another account.
 * @param changes settings that are absent keep their value
 * @param of `version`: of the doctrine that was read; absent: any version is overwritten. `reason`: why, for a setting that another
 * account puts in force
 * @throws AppError `unknown_scheme`; `settings_changed` when the doctrine has another version by now; as `proposeOrApply`; or every
 * problem: `doctrine.rule_empty`, `unknown_category` for a category that the scheme does not have
 */
export async function setDoctrine(
  deps: ProposeDeps & Pick<Deps, 'db' | 'live'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<DoctrineSettings>,
  { version, reason }: { readonly version?: number | undefined; readonly reason?: string | undefined } = {},
): Promise<DoctrineView & { proposed: string | null }> {
  authorize(actor, 'doctrine.set', schemeId)
  const saved = await inScheme(deps.db, schemeId, async (tx) => {
    const before = await lockDoctrine(tx, schemeId)
    if (version !== undefined && version !== before.version) throw new AppError('settings_changed')
    const after = await requireValidDoctrine(tx, schemeId, withChanges(before.doctrine, changes))
    let view = before
    const { proposed } = await changeSettings(tx, deps, actor, {
      schemeId,
      subject: 'doctrine',
      before: before.doctrine,
      after,
      reason,
      write: async (doctrine, by) => {
        view = await writeDoctrine(tx, deps, schemeId, { before, doctrine, by })
      },
    })
    return { ...view, proposed }
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return saved
}

/** Puts a proposed change of the doctrine in force. */
export const doctrineSettingWriter: SettingWriter = {
  async write(tx, deps, { schemeId, parts, by }) {
    const before = await lockDoctrine(tx, schemeId)
    const doctrine = await requireValidDoctrine(tx, schemeId, settingsInForce(before.doctrine, parts))
    await writeDoctrine(tx, deps, schemeId, { before, doctrine, by })
  },
}

async function lockDoctrine(tx: Tx, schemeId: string): Promise<DoctrineView> {
  const doctrine = await findDoctrine(tx, schemeId, { lock: true })
  if (doctrine === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return doctrine
}

/** @throws AppError with every problem */
async function requireValidDoctrine(
  tx: Tx,
  schemeId: string,
  doctrine: DoctrineSettings,
): Promise<DoctrineSettings> {
  const scheme = await findScheme(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const problems = doctrineProblems(
    doctrine,
    scheme.categories.map(({ code }) => code),
  )
  if (problems.length > 0) throw refusalOf(problems)
  return doctrine
}

async function writeDoctrine(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    before,
    doctrine,
    by,
  }: { readonly before: DoctrineView; readonly doctrine: DoctrineSettings; readonly by: ChangedBy },
): Promise<DoctrineView> {
  const now = deps.now()
  const after: DoctrineView = {
    doctrine,
    version: before.version + 1,
    setAt: now.toISOString(),
    setBy: by.proposedBy === undefined ? by.name : `${by.proposedBy.name}, ${by.name}`,
  }
  await updateDoctrine(tx, schemeId, after)
  await recordAudit(
    tx,
    schemeId,
    now,
    auditBy(by, {
      action: 'doctrine.set',
      subject: `scheme:${schemeId}`,
      details: { before: before.doctrine, after: doctrine },
    }),
  )
  return after
}

/** Lists whom merchants call at the chamber of each scheme of the installation, for pages that belong to no scheme. */
async function listChambers(deps: Pick<Deps, 'db'>): Promise<NamedChamberContact[]> {
  return acrossSchemes(deps.db, listChamberContacts)
}

/**
 * Makes a reader of the chambers' contacts that asks the database at most once every few seconds, however many clients
 * ask. While the database fails it returns what was read last, or nothing: pages also ask to see whether the server
 * responds.
 */
export function makeChambersReader(
  deps: Pick<Deps, 'db' | 'now' | 'log'>,
): () => Promise<NamedChamberContact[]> {
  let last: NamedChamberContact[] = []
  const read = cacheFor(
    CHAMBERS_KEPT_MS,
    () => deps.now().getTime(),
    async () => {
      try {
        last = await listChambers(deps)
      } catch (error) {
        deps.log.warn({ err: error }, 'the contacts of the chambers could not be read')
      }
      return last
    },
  )
  return () => read('')
}

/** Lists the schemes in which the actor has a role: all of them for the program, none for a contact. */
export async function listSchemes(deps: Pick<Deps, 'db'>, actor: Actor): Promise<SchemeSummary[]> {
  const grants = actor.kind === 'user' ? actor.grants : []
  const ids = actor.kind === 'system' ? 'all' : [...new Set(grants.map((grant) => grant.schemeId))]
  return acrossSchemes(deps.db, (tx) => listSchemeSummaries(tx, ids))
}
