import { electronicFormatIBAN, isValidBIC, isValidIBAN } from 'ibantools'
import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { dayInParis } from '../../platform/day.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { DuesSettings } from '../../schemes/contract.ts'
import { UNDO_HOURS } from '../changes/contract.ts'
import { isSiret } from '../rules.ts'
import type { CampaignPreview, CampaignView, NewCampaign } from './contract.ts'
import { lockDues, type Movement, today, writeMovements } from './ledger.ts'
import { isCreditorId } from './pain.ts'
import { assess, type Fees } from './rules.ts'
import { findCampaign, findDuesSettings } from './store.ts'

/** @throws AppError `unknown_scheme` */
export async function getDuesSettings(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<DuesSettings> {
  authorize(actor, 'dues.settings', schemeId)
  const settings = await inScheme(deps.db, schemeId, (tx) => findDuesSettings(tx, schemeId))
  if (settings === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return settings
}

/**
 * Sets reminders, the rule and who is paid, from the next day's work and the next receipt on.
 * @throws AppError `invalid_input` with everything wrong, `unknown_scheme`
 */
export async function setDuesSettings(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  input: DuesSettings,
): Promise<DuesSettings> {
  const before = await getDuesSettings(deps, actor, schemeId)
  const { creditor } = input
  const iban = electronicFormatIBAN(creditor.iban) ?? ''
  const bic = creditor.bic.replaceAll(' ', '').toUpperCase()
  const problems: Problem[] = []
  if (iban !== '' && !isValidIBAN(iban)) problems.push({ code: 'dues.iban', path: 'creditor.iban' })
  if (bic !== '' && !isValidBIC(bic)) problems.push({ code: 'dues.bic', path: 'creditor.bic' })
  const sepaId = creditor.sepaId.replaceAll(' ', '').toUpperCase()
  if (sepaId !== '' && !isCreditorId(sepaId)) problems.push({ code: 'dues.sepa_id', path: 'creditor.sepaId' })
  if (creditor.siret !== '' && !isSiret(creditor.siret))
    problems.push({ code: 'siret.check', path: 'creditor.siret' })
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  const remindAfterDays = [...new Set(input.remindAfterDays)].sort((a, b) => a - b)
  const settings = DuesSettings.parse({
    ...input,
    remindAfterDays,
    creditor: { ...creditor, iban, bic, sepaId },
  })
  await inScheme(deps.db, schemeId, async (tx) => {
    await tx
      .updateTable('schemes')
      .set({ dues: JSON.stringify(settings) })
      .where('id', '=', schemeId)
      .execute()
    // Where the money goes is the chamber's, no person's: it stands on the record whole.
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'dues.settings',
      subject: `scheme:${schemeId}`,
      details: { before, after: settings },
    })
  })
  return settings
}

/** What a campaign would call, without opening it. @throws as `openCampaign` */
export async function previewCampaign(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  input: NewCampaign,
): Promise<CampaignPreview> {
  authorize(actor, 'dues.settings', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await requireOpenable(tx, deps, schemeId, input)
    const members = await listAssessable(tx, schemeId, input.year)
    const owed = members.map((member) => ({ member, ...assess(input, member) }))
    return {
      members: owed.length,
      exempt: owed.filter(({ amountCents }) => amountCents === 0).length,
      proRata: owed.filter(
        ({ amountCents, member }) => amountCents < assess({ ...input, proRata: false }, member).amountCents,
      ).length,
      calledCents: owed.reduce((sum, { amountCents }) => sum + amountCents, 0),
    }
  })
}

/**
 * Opens the campaign of a year: every member that is active or suspended owes its fee from now on, and is told by the
 * notices that follow. Whoever joins later is assessed by the day's work.
 * @throws AppError `campaign_exists`; `invalid_input` with everything wrong
 */
export async function openCampaign(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  input: NewCampaign,
): Promise<CampaignView> {
  authorize(actor, 'dues.settings', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    await requireOpenable(tx, deps, schemeId, input)
    const { year, feeCents, tradeFees, proRata, dueOn } = input
    const openedAt = deps.now()
    const by = actorName(actor)
    await tx
      .insertInto('duesCampaigns')
      .values({
        schemeId,
        year,
        feeCents,
        tradeFees: JSON.stringify(tradeFees),
        proRata,
        dueOn,
        openedAt,
        openedBy: by,
      })
      .execute()
    const members = await assessMembers(tx, deps, schemeId, input, by)
    await recordAudit(tx, schemeId, openedAt, {
      actor: by,
      action: 'dues.open',
      subject: `dues:${year}`,
      details: { ...input, members },
    })
    return { ...input, openedAt: openedAt.toISOString() }
  })
}

async function requireOpenable(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  input: NewCampaign,
): Promise<void> {
  const { year, tradeFees, dueOn } = input
  const scheme = await tx.selectFrom('schemes').select('trades').where('id', '=', schemeId).executeTakeFirst()
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  if ((await findCampaign(tx, schemeId, year)) !== undefined)
    throw new AppError('campaign_exists', { values: { year: String(year) } })
  const problems: Problem[] = []
  const thisYear = Number(dayInParis(deps.now()).slice(0, 4))
  if (Math.abs(year - thisYear) > 1)
    problems.push({
      code: 'dues.year',
      path: 'year',
      values: { from: String(thisYear - 1), to: String(thisYear + 1) },
    })
  if (!dueOn.startsWith(`${year}-`))
    problems.push({ code: 'dues.due_on', path: 'dueOn', values: { year: String(year) } })
  for (const trade of Object.keys(tradeFees)) {
    if (!scheme.trades.includes(trade)) problems.push({ code: 'dues.trade', path: `tradeFees.${trade}` })
  }
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
}

interface Assessable {
  readonly id: string
  readonly name: string
  readonly trade: string
  readonly joinedOn: string
}

/**
 * Members that owe nothing for the year yet; a suspended one still belongs to the scheme.
 * @param joinedBefore those alone that were there by then; absent: all
 */
async function listAssessable(
  tx: Tx,
  schemeId: string,
  year: number,
  joinedBefore?: Date,
): Promise<Assessable[]> {
  const old = joinedBefore === undefined ? sql`` : sql`and m.created_at <= ${joinedBefore}`
  const { rows } = await sql<Assessable>`
    select m.id, m.name, m.trade, (m.created_at at time zone 'Europe/Paris')::date as joined_on
    from members m
    where m.scheme_id = ${schemeId} and m.status in ('active', 'suspended') ${old}
      and not exists (select from dues d where d.scheme_id = m.scheme_id and d.year = ${year} and d.member_id = m.id)
    order by m.search_name, m.id`.execute(tx)
  return rows
}

/**
 * Writes what those owe who owe nothing for the year yet, under the lock of `lockDues`. A fee of 0 moves nothing.
 * @returns how many
 */
async function assessMembers(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  fees: Fees,
  by: string,
  joinedBefore?: Date,
): Promise<number> {
  const { year } = fees
  const owed = (await listAssessable(tx, schemeId, year, joinedBefore)).map((member) => ({
    ...member,
    ...assess(fees, member),
  }))
  if (owed.length === 0) return 0
  await sql`
    insert into dues (scheme_id, year, member_id, amount_cents, due_on, assessed_at)
    select ${schemeId}, ${year}, id, "amountCents", "dueOn", ${deps.now()}
    from jsonb_to_recordset(${JSON.stringify(owed)}::jsonb) as d (id uuid, "amountCents" integer, "dueOn" date)`.execute(
    tx,
  )
  const enteredOn = today(deps)
  await writeMovements(
    tx,
    deps,
    schemeId,
    by,
    owed
      .filter(({ amountCents }) => amountCents > 0)
      .map(
        ({ id, name, amountCents }): Movement => ({
          kind: 'call',
          enteredOn,
          memberId: id,
          member: name,
          piece: String(year),
          owesCents: amountCents,
          against: 'income',
        }),
      ),
  )
  return owed.length
}

/**
 * Assesses those who joined since a campaign of this year or the next was opened, a day after: until then an import can be
 * taken back, which leaves whoever owes something. @returns how many
 */
export async function assessJoined(tx: Tx, deps: Pick<Deps, 'now'>, schemeId: string): Promise<number> {
  await lockDues(tx, schemeId)
  const thisYear = Number(today(deps).slice(0, 4))
  const joinedBefore = new Date(deps.now().getTime() - UNDO_HOURS * 3_600_000)
  let joined = 0
  for (const year of [thisYear, thisYear + 1]) {
    const campaign = await findCampaign(tx, schemeId, year)
    if (campaign === undefined) continue
    joined += await assessMembers(tx, deps, schemeId, campaign, 'system:dues', joinedBefore)
  }
  return joined
}
