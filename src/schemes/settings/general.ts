import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { acrossSchemes, inScheme, type Tx } from '../../platform/db.ts'
import { type Changes, withChanges } from '../../platform/http/bodies.ts'
import type { SettingWriter } from '../../settings/actions.ts'
import {
  auditBy,
  type ChangedBy,
  changeSettings,
  type ProposeDeps,
  settingsInForce,
} from '../../settings/propose.ts'
import { isSame } from '../../settings/rules.ts'
import type { Area } from '../../territory/contract.ts'
import { nameProblems } from '../agencies/actions.ts'
import { lockAgencies, updateAgencyName } from '../agencies/store.ts'
import { listAllCategories } from '../categories/store.ts'
import { LANGUAGES, type SchemeGeneral } from '../contract.ts'
import { prefixProblems } from '../prefix.ts'
import { languageRefusals, listUnnamed, senderRefusals, timeZoneRefusals } from '../rules.ts'
import { normalizeName } from '../sectors/rules.ts'
import { markEdited } from '../store.ts'
import { territoryProblems } from '../territory/actions.ts'

const NAMES = [
  'name',
  'sender',
  'closingAdvice',
  'timeZone',
  'languages',
  'alertLifetimeHours',
  'smsPriceMillicents',
  'referencePrefix',
  'territory',
] as const satisfies readonly (keyof SchemeGeneral)[]

/**
 * Changes what a scheme is called and signs with, and other values of its definition. What texts say is proposed, and put in force
 * by another account.
 * @param reason why, for a setting that another account puts in force
 * @throws AppError `unknown_scheme`; with every problem at once: of the sender name, an unknown time zone, languages without French,
 * categories without a name in one of them, the reference prefix of another scheme, sectors and zones outside the territory; as `territoryProblems` and `proposeOrApply`
 */
export async function setSchemeGeneral(
  deps: ProposeDeps & Pick<Deps, 'db' | 'live'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<SchemeGeneral>,
  reason?: string,
): Promise<SchemeGeneral & { proposed: string | null }> {
  authorize(actor, 'doctrine.set', schemeId)
  const save = async (tx: Tx) => {
    const before = await lockGeneral(tx, schemeId)
    const { settings, proposed } = await changeSettings(tx, deps, actor, {
      schemeId,
      subject: 'scheme',
      before,
      after: await requireValid(tx, schemeId, before, withGeneral(before, changes)),
      reason,
      write: (after, by) => writeGeneral(tx, deps, schemeId, { before, after, by }),
    })
    return { ...settings, proposed }
  }
  // A prefix is compared with those of the other schemes, which a transaction of one scheme does not see.
  const saved =
    changes.referencePrefix === undefined
      ? await inScheme(deps.db, schemeId, save)
      : await acrossSchemes(deps.db, save, { schemeId })
  deps.live.publish({ type: 'scheme', schemeId })
  return saved
}

/** Puts a proposed change of them in force. */
export const generalSettingWriter: SettingWriter = {
  acrossSchemes: true,
  async write(tx, deps, { schemeId, parts, by }) {
    const before = await lockGeneral(tx, schemeId)
    const after = await requireValid(tx, schemeId, before, settingsInForce(before, parts))
    await writeGeneral(tx, deps, schemeId, { before, after, by })
  },
}

/** A territory is replaced as a whole: parts of two would be neither. */
function withGeneral(
  before: SchemeGeneral,
  { territory, ...changes }: Changes<SchemeGeneral>,
): SchemeGeneral {
  const after = withChanges(before, changes)
  return territory === undefined ? after : { ...after, territory: territory as Area }
}

async function requireValid(
  tx: Tx,
  schemeId: string,
  before: SchemeGeneral,
  settings: SchemeGeneral,
): Promise<SchemeGeneral> {
  const chamber = settings.chamber === null ? null : normalizeName(settings.chamber)
  const languages = inOrder(settings.languages)
  const problems: Problem[] = [
    ...senderRefusals(settings.sender),
    ...timeZoneRefusals(settings.timeZone),
    ...languageRefusals(languages),
    ...(isSame(before.languages, languages) ? [] : await namingProblems(tx, schemeId, languages)),
  ]
  if ((before.chamber === null) !== (chamber === null))
    problems.push({ code: 'input.invalid', path: 'chamber' })
  else if (chamber !== null && chamber !== before.chamber) {
    const agencies = await lockAgencies(tx, schemeId)
    const own = chamberOf(agencies)
    problems.push(
      ...nameProblems(
        chamber,
        agencies.filter((one) => one !== own),
        'chamber',
      ),
    )
  }
  if (before.referencePrefix !== settings.referencePrefix)
    problems.push(...(await prefixProblems(tx, schemeId, settings.referencePrefix)))
  if (!isSame(before.territory, settings.territory))
    problems.push(...(await territoryProblems(tx, schemeId, settings.territory)))
  if (problems.length > 0) throw refusalOf(problems)
  return { ...settings, languages, chamber }
}

const inOrder = (languages: readonly string[]) => LANGUAGES.filter((one) => languages.includes(one))

/** Returns the problem of the categories in use that have no name in one of the languages. */
async function namingProblems(tx: Tx, schemeId: string, languages: readonly string[]): Promise<Problem[]> {
  const categories = (await listAllCategories(tx, schemeId)).filter(({ active }) => active)
  const unnamed = listUnnamed(
    languages,
    // The French name stands for an English one that was never given.
    categories.map(({ labelFr, labelEn }) => ({ labelFr, ...(labelEn !== labelFr && { labelEn }) })),
  )
  if (unnamed.length === 0) return []
  const names = unnamed.map(({ labelFr }) => labelFr).join(', ')
  return [{ code: 'scheme.unnamed', path: 'languages', values: { names } }]
}

/** Returns the chamber that messages name: the first by its code, as everywhere else. */
function chamberOf<Agency extends { readonly kind: string; readonly code: string }>(
  agencies: readonly Agency[],
): Agency | undefined {
  return agencies.filter(({ kind }) => kind === 'chamber').toSorted((a, b) => (a.code < b.code ? -1 : 1))[0]
}

async function lockGeneral(tx: Tx, schemeId: string): Promise<SchemeGeneral> {
  const row = await tx
    .selectFrom('schemes')
    .select(NAMES)
    .where('id', '=', schemeId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (row === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const chamber = chamberOf(await lockAgencies(tx, schemeId))?.name ?? null
  return {
    ...row,
    timeZone: row.timeZone ?? METROPOLITAN_ZONE,
    languages: inOrder(row.languages),
    chamber,
  }
}

async function writeGeneral(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    before,
    after,
    by,
  }: { readonly before: SchemeGeneral; readonly after: SchemeGeneral; readonly by: ChangedBy },
): Promise<void> {
  const ofScheme = NAMES.filter((name) => !isSame(before[name], after[name]))
  const isChamberNew = after.chamber !== null && before.chamber !== after.chamber
  const changed = [...ofScheme, ...(isChamberNew ? (['chamber'] as const) : [])]
  if (changed.length === 0) return
  const { chamber, ...columns } = after
  await tx
    .updateTable('schemes')
    .set({
      ...columns,
      timeZone: after.timeZone === METROPOLITAN_ZONE ? null : after.timeZone,
      territory: JSON.stringify(after.territory),
    })
    .where('id', '=', schemeId)
    .execute()
  const agency = isChamberNew ? chamberOf(await lockAgencies(tx, schemeId)) : undefined
  if (agency !== undefined && chamber !== null) await updateAgencyName(tx, schemeId, agency.id, chamber)
  await markEdited(tx, schemeId, ofScheme)
  const valuesOf = (settings: SchemeGeneral) =>
    Object.fromEntries(changed.map((name) => [name, settings[name]]))
  await recordAudit(
    tx,
    schemeId,
    deps.now(),
    auditBy(by, {
      action: 'scheme.set',
      subject: `scheme:${schemeId}`,
      details: { before: valuesOf(before), after: valuesOf(after) },
    }),
  )
}
