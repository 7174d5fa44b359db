import { isDeepStrictEqual } from 'node:util'
import { type AuditEntry, findAuditActor, recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { type Actor, actorName, authorize, personName } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { getAreaContext } from '../../territory/store/areas.ts'
import type {
  NewSector,
  ReadCommunes,
  SectorChange,
  SectorInput,
  SectorsView,
  SectorView,
  ZoneChange,
  ZoneView,
} from './contract.ts'
import { communeProblems, normalizeName, readCommunes, sectorProblems } from './rules.ts'
import {
  type AgencyZone,
  insertSector,
  listCommuneGroups,
  listRemovedSectors,
  listSectors,
  listSectorUses,
  listTerritory,
  listZones,
  lockSectors,
  type Removal,
  territoryCodes,
  updateSector,
  updateZone,
} from './store.ts'

type WriteDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'live'>

/** Returns the sectors and zones of a scheme, and the territory on which they are drawn. */
export function getSectors(deps: Pick<Deps, 'db'>, actor: Actor, schemeId: string): Promise<SectorsView> {
  authorize(actor, 'sector.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const context = await getAreaContext(tx, schemeId)
    const communes = await listTerritory(tx, context)
    const removed = await listRemovedSectors(tx, schemeId)
    const zones = await listZones(tx, context)
    // A change of the territory leaves sectors and zones as they were drawn: what is outside is kept, and not drawn again.
    const inside = new Set(communes.map(({ code }) => code))
    const within = (codes: readonly string[]) => codes.filter((code) => inside.has(code))
    return {
      sectors: (await listSectors(tx, schemeId)).map((sector) => ({
        ...sector,
        communeCodes: within(sector.communeCodes),
      })),
      removed: removed.map((sector) => ({ ...sector, removed: toRemovalView(sector.removed) })),
      zones: zones.map((zone) =>
        toZoneView({ ...zone, communeCodes: zone.communeCodes && within(zone.communeCodes) }),
      ),
      communes,
      epcis: await listCommuneGroups(tx, 'epcis', new Set(communes.map(({ epciCode }) => epciCode))),
      arrondissements: await listCommuneGroups(
        tx,
        'arrondissements',
        new Set(communes.map(({ arrondissementCode }) => arrondissementCode)),
      ),
    }
  })
}

/** Matches a typed list of communes with the territory of the scheme. */
export function readTypedCommunes(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  text: string,
): Promise<ReadCommunes> {
  authorize(actor, 'sector.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) =>
    readCommunes(text, await listTerritory(tx, await getAreaContext(tx, schemeId))),
  )
}

/**
 * Creates a sector. The same request with the same id again returns the sector that it created.
 * @throws AppError `invalid_input` with every problem: `sector.name_empty`, `sector.name_long`, `sector.name_taken`,
 * `sector.too_many`, `sector.no_commune`, `sector.outside` for each commune; `id_taken`
 */
export function createSector(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  input: NewSector,
): Promise<SectorView> {
  return changeSectors(deps, actor, schemeId, async (tx, sectors) => {
    const repeated = await findRepeated(tx, schemeId, {
      id: input.id,
      creator: actorName(actor),
      find: async (id) =>
        sectors.find((one) => one.id === id) ?? (await listRemovedSectors(tx, schemeId, id))[0],
      isSame: (row) => !('removed' in row) && isSameSector(row, normalizeSector(input)),
      creatorOf: ({ id }) =>
        findAuditActor(tx, schemeId, { action: 'sector.create', subject: `sector:${id}` }),
    })
    if (repeated !== undefined) return { sector: repeated }
    const { name, communeCodes } = await checkSector(tx, schemeId, input, sectors)
    const sector = { id: input.id ?? deps.newId(), name, communeCodes, version: 1 }
    await insertSector(tx, schemeId, sector)
    return { sector, action: 'sector.create', details: { name, communes: communeCodes } }
  })
}

/**
 * Changes the name and the communes of a sector. Alerts already sent to it are unchanged; alerts approved for it must be
 * approved again.
 * @throws AppError `not_found`, `sector_changed` when it has another version by now, or as `createSector`
 */
export function changeSector(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  input: SectorChange,
): Promise<SectorView> {
  return changeSectors(deps, actor, schemeId, async (tx, sectors) => {
    const before = requireVersion(sectors, id, input.version)
    const others = sectors.filter((one) => one !== before)
    const { name, communeCodes } = await checkSector(tx, schemeId, input, others)
    const sector = { id, name, communeCodes, version: before.version + 1 }
    await updateSector(tx, schemeId, sector)
    const details = {
      ...(before.name !== name && { before: before.name }),
      name,
      ...addedAndRemoved(before.communeCodes, communeCodes),
    }
    return { sector, action: 'sector.change', details }
  })
}

/**
 * Removes a sector; past alerts keep its communes.
 * @throws AppError `not_found`, `sector_changed` when it has another version by now, `sector_in_use` with the open alerts and
 * the zones that use it
 */
export function removeSector(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  version: number,
): Promise<SectorView> {
  return changeSectors(deps, actor, schemeId, async (tx, sectors) => {
    const before = requireVersion(sectors, id, version)
    const uses = await listSectorUses(tx, schemeId, id)
    if (uses.length > 0) {
      throw new AppError('sector_in_use', {
        values: { name: before.name },
        problems: uses.map(({ kind, name }): Problem => ({ code: `sector.in_${kind}`, values: { name } })),
      })
    }
    const sector = { ...before, version: before.version + 1 }
    await updateSector(tx, schemeId, sector, { at: deps.now(), by: personName(actor) })
    const details = { name: before.name, communes: before.communeCodes }
    return { sector, action: 'sector.remove', details }
  })
}

/**
 * Restores a removed sector.
 * @throws AppError `not_found`, or as `createSector` when another sector has its name by now
 */
export function restoreSector(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<SectorView> {
  return changeSectors(deps, actor, schemeId, async (tx, sectors) => {
    const [removed] = await listRemovedSectors(tx, schemeId, id)
    if (removed === undefined) throw new AppError('not_found')
    const { name, communeCodes } = await checkSector(tx, schemeId, removed, sectors)
    const sector = { id, name, communeCodes, version: removed.version + 1 }
    await updateSector(tx, schemeId, sector)
    return { sector, action: 'sector.restore', details: { name, communes: communeCodes } }
  })
}

/**
 * Sets the zone of a police or gendarmerie agency; null: the whole territory.
 * @throws AppError `not_found` for any other agency, `sector_changed` when its zone has another version by now,
 * `invalid_input` with every commune outside the territory
 */
export async function setZone(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  agencyId: string,
  { communeCodes, version }: ZoneChange,
): Promise<ZoneView> {
  authorize(actor, 'zone.manage', schemeId)
  const saved = await inScheme(deps.db, schemeId, async (tx) => {
    await lockSectors(tx, schemeId)
    const context = await getAreaContext(tx, schemeId)
    const before = requireZone(await listZones(tx, context), agencyId, version)
    if (communeCodes !== null) {
      const problems = communeProblems(communeCodes, await territoryCodes(tx, context))
      if (problems.length > 0) throw new AppError('invalid_input', { problems })
    }
    const codes = communeCodes && [...new Set(communeCodes)].toSorted()
    const zone = {
      ...before,
      communeCodes: codes,
      removed: codes === null ? removedZoneOf(before, { at: deps.now(), by: personName(actor) }) : null,
      version: version + 1,
    }
    await updateZone(tx, schemeId, zone)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'zone.change',
      subject: `agency:${agencyId}`,
      details:
        before.communeCodes === null || codes === null
          ? { before: before.communeCodes, after: codes }
          : addedAndRemoved(before.communeCodes, codes),
    })
    return toZoneView(zone)
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return saved
}

function requireZone(zones: readonly AgencyZone[], agencyId: string, version: number): AgencyZone {
  const zone = zones.find((one) => one.agencyId === agencyId)
  if (zone === undefined) throw new AppError('not_found')
  if (zone.version !== version) throw new AppError('sector_changed', { values: { name: zone.name } })
  return zone
}

/** Returns the zone that an agency loses now, or lost before when it has none. */
function removedZoneOf({ communeCodes, removed }: AgencyZone, removal: Removal): AgencyZone['removed'] {
  return communeCodes === null ? removed : { communeCodes, ...removal }
}

function toZoneView({ removed, ...zone }: AgencyZone): ZoneView {
  return { ...zone, removed: removed && { ...toRemovalView(removed), communeCodes: removed.communeCodes } }
}

const toRemovalView = ({ at, by }: Removal) => ({ at: at.toISOString(), by })

type WrittenSector =
  | {
      readonly sector: SectorView
      readonly action: AuditEntry['action']
      readonly details: Record<string, unknown>
    }
  /** Nothing was changed. */
  | { readonly sector: SectorView; readonly action?: never }

/** Runs one change of the scheme's sectors under a lock and records it in the audit log. */
async function changeSectors(
  deps: WriteDeps,
  actor: Actor,
  schemeId: string,
  change: (tx: Tx, sectors: readonly SectorView[]) => Promise<WrittenSector>,
): Promise<SectorView> {
  authorize(actor, 'sector.manage', schemeId)
  const sector = await inScheme(deps.db, schemeId, async (tx) => {
    await lockSectors(tx, schemeId)
    const result = await change(tx, await listSectors(tx, schemeId))
    if (result.action !== undefined) {
      await recordAudit(tx, schemeId, deps.now(), {
        actor: actorName(actor),
        action: result.action,
        subject: `sector:${result.sector.id}`,
        details: result.details,
      })
    }
    return result.sector
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return sector
}

function requireVersion(sectors: readonly SectorView[], id: string, version: number): SectorView {
  const sector = sectors.find((one) => one.id === id)
  if (sector === undefined) throw new AppError('not_found')
  if (sector.version !== version) throw new AppError('sector_changed', { values: { name: sector.name } })
  return sector
}

async function checkSector(
  tx: Tx,
  schemeId: string,
  input: SectorInput,
  others: readonly SectorView[],
): Promise<SectorInput> {
  const context = await getAreaContext(tx, schemeId)
  const territory = await territoryCodes(tx, context)
  const problems = sectorProblems(input, { others: others.map(({ name }) => name), territory })
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return normalizeSector(input)
}

function normalizeSector({ name, communeCodes }: SectorInput): SectorInput {
  return { name: normalizeName(name), communeCodes: [...new Set(communeCodes)].toSorted() }
}

function isSameSector(one: SectorInput, other: SectorInput): boolean {
  return one.name === other.name && isDeepStrictEqual(one.communeCodes, other.communeCodes)
}

function addedAndRemoved(before: readonly string[], after: readonly string[]) {
  return {
    added: after.filter((code) => !before.includes(code)),
    removed: before.filter((code) => !after.includes(code)),
  }
}
