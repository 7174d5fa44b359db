import { type AuditEntry, recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { type Actor, actorName, authorize, personName } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { getAreaContext } from '../../territory/store/areas.ts'
import type {
  ReadCommunes,
  SectorChange,
  SectorInput,
  SectorsView,
  SectorView,
  ZoneChange,
  ZoneView,
} from './contract.ts'
import { communeProblems, readCommunes, sectorProblems, tidyName } from './rules.ts'
import {
  type AgencyZone,
  insertSector,
  listGroups,
  listRemoved,
  listSectors,
  listTerritory,
  listUses,
  listZones,
  lockSectors,
  type Removal,
  territoryCodes,
  updateSector,
  updateZone,
} from './store.ts'

type Writing = Pick<Deps, 'db' | 'now' | 'newId' | 'live'>

/** The sectors and zones of a scheme, and the territory that they are drawn on. */
export function getSectors(deps: Pick<Deps, 'db'>, actor: Actor, schemeId: string): Promise<SectorsView> {
  authorize(actor, 'sector.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const context = await getAreaContext(tx, schemeId)
    const communes = await listTerritory(tx, context)
    const removed = await listRemoved(tx, schemeId)
    const zones = await listZones(tx, context)
    return {
      sectors: await listSectors(tx, schemeId),
      removed: removed.map((sector) => ({ ...sector, removed: told(sector.removed) })),
      zones: zones.map(zoneView),
      communes,
      epcis: await listGroups(tx, 'epcis', new Set(communes.map(({ epciCode }) => epciCode))),
      arrondissements: await listGroups(
        tx,
        'arrondissements',
        new Set(communes.map(({ arrondissementCode }) => arrondissementCode)),
      ),
    }
  })
}

/** What a typed list of communes means in the territory of the scheme. */
export function readTyped(
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
 * Adds a sector.
 * @throws AppError `invalid_input` with everything wrong in it: `sector.name_empty`, `sector.name_long`,
 * `sector.name_taken`, `sector.too_many`, `sector.no_commune`, `sector.outside` for each commune
 */
export function createSector(
  deps: Writing,
  actor: Actor,
  schemeId: string,
  input: SectorInput,
): Promise<SectorView> {
  return write(deps, actor, schemeId, async (tx, sectors) => {
    const { name, communeCodes } = await checked(tx, schemeId, input, sectors)
    const sector = { id: deps.newId(), name, communeCodes, version: 1 }
    await insertSector(tx, schemeId, sector)
    return { sector, action: 'sector.create', details: { name, communes: communeCodes } }
  })
}

/**
 * Gives a sector its name and communes. What was sent to it stays sent; what was approved for it must be approved again.
 * @throws AppError `not_found`, `sector_changed` when it is no more that version, or as `createSector`
 */
export function changeSector(
  deps: Writing,
  actor: Actor,
  schemeId: string,
  id: string,
  input: SectorChange,
): Promise<SectorView> {
  return write(deps, actor, schemeId, async (tx, sectors) => {
    const before = sameVersion(sectors, id, input.version)
    const others = sectors.filter((one) => one !== before)
    const { name, communeCodes } = await checked(tx, schemeId, input, others)
    const sector = { id, name, communeCodes, version: before.version + 1 }
    await updateSector(tx, schemeId, sector)
    const details = {
      ...(before.name !== name && { before: before.name }),
      name,
      ...difference(before.communeCodes, communeCodes),
    }
    return { sector, action: 'sector.change', details }
  })
}

/**
 * Takes a sector off; alerts that are over still know its communes.
 * @throws AppError `not_found`, `sector_changed` when it is no more that version, `sector_in_use` with the open alerts
 * and the zones that name it
 */
export function removeSector(
  deps: Writing,
  actor: Actor,
  schemeId: string,
  id: string,
  version: number,
): Promise<SectorView> {
  return write(deps, actor, schemeId, async (tx, sectors) => {
    const before = sameVersion(sectors, id, version)
    const uses = await listUses(tx, schemeId, id)
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
 * Puts a sector back that was taken off.
 * @throws AppError `not_found`, or as `createSector` when another one has its name by now
 */
export function restoreSector(
  deps: Writing,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<SectorView> {
  return write(deps, actor, schemeId, async (tx, sectors) => {
    const [removed] = await listRemoved(tx, schemeId, id)
    if (removed === undefined) throw new AppError('not_found')
    const { name, communeCodes } = await checked(tx, schemeId, removed, sectors)
    const sector = { id, name, communeCodes, version: removed.version + 1 }
    await updateSector(tx, schemeId, sector)
    return { sector, action: 'sector.restore', details: { name, communes: communeCodes } }
  })
}

/**
 * Says where a police or gendarmerie service acts; null: in the whole territory.
 * @throws AppError `not_found` for any other agency, `sector_changed` when its zone is no more that version,
 * `invalid_input` with every commune that is not of the territory
 */
export async function setZone(
  deps: Writing,
  actor: Actor,
  schemeId: string,
  agencyId: string,
  { communeCodes, version }: ZoneChange,
): Promise<ZoneView> {
  authorize(actor, 'zone.manage', schemeId)
  const set = await inScheme(deps.db, schemeId, async (tx) => {
    await lockSectors(tx, schemeId)
    const context = await getAreaContext(tx, schemeId)
    const before = (await listZones(tx, context)).find((one) => one.agencyId === agencyId)
    if (before === undefined) throw new AppError('not_found')
    if (before.version !== version) throw new AppError('sector_changed', { values: { name: before.name } })
    const codes = communeCodes === null ? null : [...new Set(communeCodes)].toSorted()
    if (codes !== null) {
      const problems = communeProblems(communeCodes ?? [], await territoryCodes(tx, context))
      if (problems.length > 0) throw new AppError('invalid_input', { problems })
    }
    const zone = { ...before, communeCodes: codes, removed: before.removed, version: version + 1 }
    if (codes !== null) zone.removed = null
    else if (before.communeCodes !== null)
      zone.removed = { communeCodes: before.communeCodes, at: deps.now(), by: personName(actor) }
    await updateZone(tx, schemeId, zone)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'zone.change',
      subject: `agency:${agencyId}`,
      details:
        before.communeCodes === null || codes === null
          ? { before: before.communeCodes, after: codes }
          : difference(before.communeCodes, codes),
    })
    return zoneView(zone)
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return set
}

function zoneView({ removed, ...zone }: AgencyZone): ZoneView {
  return { ...zone, removed: removed && { ...told(removed), communeCodes: removed.communeCodes } }
}

const told = ({ at, by }: Removal) => ({ at: at.toISOString(), by })

interface Written {
  readonly sector: SectorView
  readonly action: AuditEntry['action']
  readonly details: Record<string, unknown>
}

/** One change of the sectors of a scheme, on the record, behind whoever else changes them. */
async function write(
  deps: Writing,
  actor: Actor,
  schemeId: string,
  change: (tx: Tx, sectors: readonly SectorView[]) => Promise<Written>,
): Promise<SectorView> {
  authorize(actor, 'sector.manage', schemeId)
  const sector = await inScheme(deps.db, schemeId, async (tx) => {
    await lockSectors(tx, schemeId)
    const written = await change(tx, await listSectors(tx, schemeId))
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: written.action,
      subject: `sector:${written.sector.id}`,
      details: written.details,
    })
    return written.sector
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return sector
}

function sameVersion(sectors: readonly SectorView[], id: string, version: number): SectorView {
  const sector = sectors.find((one) => one.id === id)
  if (sector === undefined) throw new AppError('not_found')
  if (sector.version !== version) throw new AppError('sector_changed', { values: { name: sector.name } })
  return sector
}

async function checked(
  tx: Tx,
  schemeId: string,
  input: SectorInput,
  others: readonly SectorView[],
): Promise<SectorInput> {
  const context = await getAreaContext(tx, schemeId)
  const territory = await territoryCodes(tx, context)
  const problems = sectorProblems(input, { others: others.map(({ name }) => name), territory })
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return { name: tidyName(input.name), communeCodes: [...new Set(input.communeCodes)].toSorted() }
}

function difference(before: readonly string[], after: readonly string[]) {
  return {
    added: after.filter((code) => !before.includes(code)),
    removed: before.filter((code) => !after.includes(code)),
  }
}
