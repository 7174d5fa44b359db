import { electronicFormatIBAN, isValidBIC, isValidIBAN } from 'ibantools'
import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { UNDO_HOURS } from '../../members/contract.ts'
import { isSiret } from '../../members/rules.ts'
import { memberSince } from '../../members/store.ts'
import { DAY_MS, HOUR_MS } from '../../message/clock.ts'
import { withdrawMessages } from '../../outbox/store.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { findDay, findTimeZone, timeZoneSql } from '../../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { withChanges } from '../../platform/http/bodies.ts'
import { DuesSettings } from '../../schemes/contract.ts'
import { columnSettings } from '../../schemes/settings/column-settings.ts'
import { ASKING_HOURS, nextWithinHours } from '../../schemes/settings/hours.ts'
import { updateSettings } from '../../schemes/store.ts'
import { isCreditorId } from '../collect/pain.ts'
import type {
  CampaignPreview,
  CampaignView,
  CampaignWithdrawn,
  NewCampaign,
  WithdrawCampaign,
} from '../contract.ts'
import { findToday, lockDues, type Movement, writeMovements } from '../ledger/ledger.ts'
import { correctInvoices } from '../papers/credit-notes.ts'
import { addDays, CALLS_AFTER_MS, computeFee, type Fees, SUSPENDED_DAYS, waiversToCancel } from '../rules.ts'
import {
  type Campaign,
  findCampaign,
  findDuesSettings,
  waiverLeft,
  waiverOfYear,
  waiverPiece,
} from '../store.ts'
import { causeOf, type NotifyDeps } from './notify.ts'
import { reactivateSettledMembers } from './suspensions.ts'

/** Reminders, the rule and the creditor: a change applies from the next daily run and the next receipt on. */
export const {
  get: getDuesSettings,
  set: setDuesSettings,
  writer: duesSettingWriter,
} = columnSettings({
  subject: 'dues',
  action: 'dues.settings',
  parse: (stored) => DuesSettings.parse(stored),
  // Fees are replaced as a whole, so that the fee of a trade can be removed.
  merge: (before, { fees, ...changes }) => ({
    ...withChanges(before, changes),
    ...(fees !== undefined && { fees: DuesSettings.shape.fees.parse(fees) }),
  }),
  check: requireValidSettings,
  // The creditor's account is audited: it belongs to the chamber, not to a person. Free texts are kept beside the record,
  // since they may name a person.
  recorded: (before, after) => {
    const [was, is] = [creditorParts(before), creditorParts(after)]
    return {
      details: { before: { ...before, creditor: was.numbers }, after: { ...after, creditor: is.numbers } },
      named: { creditor: { before: was.words, after: is.words } },
    }
  },
})

/** @throws AppError `invalid_input` with every problem */
async function requireValidSettings(input: DuesSettings, tx: Tx, schemeId: string): Promise<DuesSettings> {
  const { creditor } = input
  const iban = electronicFormatIBAN(creditor.iban) ?? ''
  const bic = creditor.bic.replaceAll(' ', '').toUpperCase()
  const problems: Problem[] = []
  if (iban !== '' && !isValidIBAN(iban)) problems.push({ code: 'dues.iban', path: 'creditor.iban' })
  if (bic !== '' && !isValidBIC(bic)) problems.push({ code: 'dues.bic', path: 'creditor.bic' })
  const sepaId = creditor.sepaId.replaceAll(' ', '').toUpperCase()
  if (sepaId !== '' && !isCreditorId(sepaId)) problems.push({ code: 'dues.sepa_id', path: 'creditor.sepaId' })
  const vatNumber = creditor.vatNumber.replaceAll(/[\s.]/g, '').toUpperCase()
  if (vatNumber !== '' && !/^[A-Z]{2}[A-Z0-9]{2,13}$/.test(vatNumber))
    problems.push({ code: 'dues.vat_number', path: 'creditor.vatNumber' })
  if (creditor.siret !== '' && !isSiret(creditor.siret))
    problems.push({ code: 'siret.check', path: 'creditor.siret' })
  problems.push(...(await feeProblems(tx, schemeId, input.fees)))
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  const remindAfterDays = [...new Set(input.remindAfterDays)].sort((a, b) => a - b)
  return DuesSettings.parse({
    ...input,
    remindAfterDays,
    creditor: { ...creditor, iban, bic, sepaId, vatNumber },
  })
}

/** Lists trades that are not of the scheme, except those that have a fee already: a trade can leave the scheme after its fee was set. */
async function feeProblems(tx: Tx, schemeId: string, fees: DuesSettings['fees']): Promise<Problem[]> {
  const scheme = await tx
    .selectFrom('schemes')
    .select(['trades', 'dues'])
    .where('id', '=', schemeId)
    .executeTakeFirst()
  const known = [
    ...(scheme?.trades ?? []),
    ...Object.keys(DuesSettings.parse(scheme?.dues ?? {}).fees?.tradeFees ?? {}),
  ]
  return Object.keys(fees?.tradeFees ?? {})
    .filter((trade) => !known.includes(trade))
    .map((trade) => ({ code: 'dues.trade', path: `fees.tradeFees.${trade}` }))
}

function creditorParts({
  creditor: { name, address, chequeOrder, receiptNote, vatReason, ...numbers },
}: DuesSettings) {
  return { numbers, words: { name, address, chequeOrder, receiptNote, vatReason } }
}

/** Computes what a campaign would bill, without opening it. @throws as `openCampaign` */
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
    const owed = members.map((member) => ({ member, ...computeFee(input, member) }))
    return {
      members: owed.length,
      exempt: owed.filter(({ amountCents }) => amountCents === 0).length,
      proRata: owed.filter(
        ({ amountCents, member }) =>
          amountCents < computeFee({ ...input, proRata: false }, member).amountCents,
      ).length,
      calledCents: owed.reduce((sum, { amountCents }) => sum + amountCents, 0),
    }
  })
}

/**
 * Opens the campaign of a year: every active or suspended member owes its fee from now on, and is notified later. Members who
 * join afterwards are billed by the daily run.
 * @throws AppError `campaign_exists`; `invalid_input` with every problem: also a due day that is past, and no account or payee
 * to pay to
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
    return writeCampaign(tx, deps, schemeId, input, actorName(actor))
  })
}

/**
 * Opens a campaign in the caller's transaction, under `lockDues`, also one that `openCampaign` refuses. The form of the next one
 * starts with its fees. @throws AppError `campaign_exists`
 */
export async function writeCampaign(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  input: NewCampaign,
  by: string,
): Promise<CampaignView> {
  const { year, feeCents, tradeFees, proRata, dueOn } = input
  await requireNoCampaign(tx, schemeId, year)
  const openedAt = deps.now()
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
  const settings = await findDuesSettings(tx, schemeId, { lock: true })
  if (settings !== undefined)
    await updateSettings(tx, schemeId, { dues: { ...settings, fees: { feeCents, tradeFees, proRata } } })
  const members = await assessMembers(tx, deps, schemeId, input, { by })
  await recordAudit(tx, schemeId, openedAt, {
    actor: by,
    action: 'dues.open',
    subject: `dues:${year}`,
    details: { ...input, members },
  })
  return toCampaignView(tx, deps, schemeId, { ...input, openedAt })
}

/** Builds the API shape of a campaign. */
export async function toCampaignView(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  campaign: Campaign,
): Promise<CampaignView> {
  const { year, feeCents, tradeFees, proRata, dueOn, openedAt } = campaign
  return {
    year,
    feeCents,
    tradeFees,
    proRata,
    dueOn,
    openedAt: openedAt.toISOString(),
    callsFrom: nextWithinHours(
      ASKING_HOURS,
      new Date(openedAt.getTime() + CALLS_AFTER_MS),
      await findTimeZone(tx, schemeId),
    ).toISOString(),
    withdrawable: (await withdrawalProblems(tx, deps, schemeId, campaign)).length === 0,
  }
}

/** Time within which a wrong fee is usually noticed. */
const WITHDRAWN_WITHIN_MS = DAY_MS

/** Lists every reason why a campaign can no longer be withdrawn. */
async function withdrawalProblems(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  { year, dueOn, openedAt }: Campaign,
): Promise<Problem[]> {
  const { rows } = await sql<{ paid: boolean; collecting: boolean }>`
    select exists (select from dues_payments where scheme_id = ${schemeId} and cancelled_at is null and recorded_at >= ${openedAt}
        and member_id in (select member_id from dues where scheme_id = ${schemeId} and year = ${year})) as paid,
      exists (select from dues_debits where scheme_id = ${schemeId} and state = 'pending'
        and (years = '[]' or years @> jsonb_build_array(jsonb_build_object('year', ${year}::integer)))) as collecting`.execute(
    tx,
  )
  const facts = rows[0]
  const problems: Problem[] = []
  if (deps.now().getTime() - openedAt.getTime() >= WITHDRAWN_WITHIN_MS) {
    if (facts?.paid === true) problems.push({ code: 'campaign.paid' })
    if (dueOn < (await findToday(tx, deps, schemeId))) problems.push({ code: 'campaign.due' })
  }
  if (facts?.collecting === true) problems.push({ code: 'campaign.collecting' })
  return problems
}

/**
 * Withdraws a campaign with a wrong fee: its bills are reversed in the ledger, unsent notices are dropped, and members
 * already notified are notified again by the daily run. Members that it suspended are reactivated at once. It can be opened
 * again. Invoices are taken off by credit notes. Payments made meanwhile become advances; waivers of its fees are cancelled, so that they do not.
 * @throws AppError `not_found`; `campaign_in_use` with every reason why it is too late; `invalid_input` without a reason
 */
export async function withdrawCampaign(
  deps: Pick<Deps, 'db'> & NotifyDeps,
  actor: Actor,
  schemeId: string,
  year: number,
  { reason }: WithdrawCampaign,
): Promise<CampaignWithdrawn> {
  authorize(actor, 'dues.settings', schemeId)
  if (reason === '')
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'reason' }] })
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const campaign = await findCampaign(tx, schemeId, year)
    if (campaign === undefined) throw new AppError('not_found')
    const problems = await withdrawalProblems(tx, deps, schemeId, campaign)
    if (problems.length > 0) throw new AppError('campaign_in_use', { problems })
    const at = deps.now()
    const by = actorName(actor)
    const { rows } = await sql<{ id: string; name: string; amountCents: number; dueOn: string }>`
      select m.id, m.name, d.amount_cents, d.due_on from dues d
      join members m on m.scheme_id = d.scheme_id and m.id = d.member_id
      where d.scheme_id = ${schemeId} and d.year = ${year} order by m.search_name, m.id`.execute(tx)
    const enteredOn = await findToday(tx, deps, schemeId)
    await writeMovements(
      tx,
      deps,
      schemeId,
      by,
      rows
        .filter(({ amountCents }) => amountCents > 0)
        .map(
          ({ id, name, amountCents }): Movement => ({
            kind: 'withdrawal',
            enteredOn,
            memberId: id,
            member: name,
            piece: String(year),
            owesCents: -amountCents,
            against: 'income',
          }),
        ),
    )
    await cancelWaiversOfYear(tx, deps, schemeId, year, by)
    const notified = await withdrawNotices(tx, schemeId, campaign, at)
    await tx.deleteFrom('dues').where('schemeId', '=', schemeId).where('year', '=', year).execute()
    await tx.deleteFrom('duesCampaigns').where('schemeId', '=', schemeId).where('year', '=', year).execute()
    const members = rows.map(({ id }) => id)
    const credited = await correctInvoices(tx, deps, schemeId, { memberIds: members, by, why: 'withdrawn' })
    const restored = await reactivateSettledMembers(tx, deps, schemeId, members, {
      year,
      dueOn: campaign.dueOn,
    })
    // They have just been notified of both.
    await sql`delete from dues_withdrawn where scheme_id = ${schemeId} and year = ${year}
      and member_id = any (${restored}::uuid[])`.execute(tx)
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'dues.withdraw',
      subject: `dues:${year}`,
      details: {
        ...campaign,
        openedAt: campaign.openedAt.toISOString(),
        members: rows.length,
        notified,
        restored: restored.length,
        credited,
      },
      reason,
    })
    return { members: rows.length, notified, restored: restored.length, credited }
  })
}

interface StandingWaiver {
  readonly no: number
  /** The only year that it applies to, if one. */
  readonly year: number | null
  readonly memberId: string
  readonly member: string
  readonly cents: number
  readonly ofYear: number
  readonly amountCents: number
  /** Null if there are none. */
  readonly othersCents: number | null
}

/**
 * Cancels waivers of a campaign's year (`waiversToCancel`), fully or in part; the remainder of a waiver keeps its year.
 */
async function cancelWaiversOfYear(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  year: number,
  by: string,
): Promise<void> {
  // The few waivers are read first, then the details of each. In one join the planner, which has no statistics of a ledger
  // just written, would read the whole ledger for each member of the campaign.
  const { rows: standing } = await sql<{ no: number; cents: number }>`
    select e.no, e.cents from (
      select e.no, ${waiverLeft} as cents from ledger_entries e
      join ledger_lines l on l.scheme_id = e.scheme_id and l.no = e.no and l.line = 1
      where e.scheme_id = ${schemeId} and e.kind = 'waiver') e
    where e.cents > 0`.execute(tx)
  if (standing.length === 0) return
  const { rows } = await sql<StandingWaiver>`
    with e as materialized (
      select e.scheme_id, e.no, e.member_id, e.year, s.cents
      from jsonb_to_recordset(${JSON.stringify(standing)}::jsonb) as s (no integer, cents integer)
      join ledger_entries e on e.scheme_id = ${schemeId} and e.no = s.no
    )
    select e.no, e.year, e.member_id, m.name as member, e.cents, d.amount_cents,
      (select sum(o.amount_cents) from dues o
        where o.scheme_id = e.scheme_id and o.member_id = e.member_id and o.year <> d.year)::int as others_cents,
      ${waiverOfYear} as of_year
    from e
    join dues d on d.scheme_id = e.scheme_id and d.member_id = e.member_id and d.year = ${year}
    join members m on m.scheme_id = e.scheme_id and m.id = e.member_id
    order by coalesce(e.year = d.year, false) desc, e.no desc`.execute(tx)
  const enteredOn = await findToday(tx, deps, schemeId)
  const movements = [...Map.groupBy(rows, ({ memberId }) => memberId).values()].flatMap((waivers) => {
    const { amountCents, othersCents } = waivers[0]!
    const backs = waiversToCancel(waivers, { amountCents, othersCents: othersCents ?? 0 })
    return waivers.flatMap(({ no, year: ofYear, memberId, member }, i): Movement[] => {
      const back = backs[i]!
      if (back === 0) return []
      return [
        {
          kind: 'cancellation',
          enteredOn,
          memberId,
          member,
          piece: waiverPiece(no),
          owesCents: back,
          against: 'income',
          ...(ofYear !== null && { year: ofYear }),
        },
      ]
    })
  })
  await writeMovements(tx, deps, schemeId, by, movements)
}

/**
 * Deletes unsent notices of a campaign, and records the members who already received one.
 * @returns the number of those members
 */
async function withdrawNotices(tx: Tx, schemeId: string, campaign: Campaign, at: Date): Promise<number> {
  const { year, openedAt } = campaign
  const of = sql`n.scheme_id = ${schemeId} and n.year = ${year} and n.at >= ${openedAt} and n.kind <> 'withdrawn'`
  const { rows: notices } = await sql<{
    id: string
    memberId: string
    inPerson: string | null
    messages: number
  }>`
    select n.id, n.member_id, n.in_person, n.messages from dues_notices n where ${of}`.execute(tx)
  const withdrawn = Map.groupBy(
    await withdrawMessages(
      tx,
      schemeId,
      notices.map(({ id }) => causeOf(id)),
      at,
    ),
    (cause) => cause,
  )
  const isNotified = ({ id, inPerson, messages }: (typeof notices)[number]) =>
    inPerson !== null || messages > (withdrawn.get(causeOf(id))?.length ?? 0)
  const notified = [...new Set(notices.filter(isNotified).map(({ memberId }) => memberId))]
  const never = notices.filter((notice) => !isNotified(notice)).map(({ id }) => id)
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from dues_notices where scheme_id = ${schemeId} and id = any (${never}::uuid[])
    ), noted as (
      insert into dues_withdrawn as known (scheme_id, year, member_id, amount_cents, due_on, withdrawn_at)
      select d.scheme_id, d.year, d.member_id, d.amount_cents, d.due_on, ${at} from dues d
      where d.scheme_id = ${schemeId} and d.year = ${year} and d.member_id = any (${notified}::uuid[])
      on conflict (scheme_id, year, member_id) do update set amount_cents = excluded.amount_cents, due_on = excluded.due_on,
        withdrawn_at = excluded.withdrawn_at
      returning 1
    )
    select count(*)::int as count from noted`.execute(tx)
  return rows[0]?.count ?? 0
}

/** @throws AppError `campaign_exists` */
async function requireNoCampaign(tx: Tx, schemeId: string, year: number): Promise<void> {
  if ((await findCampaign(tx, schemeId, year)) !== undefined)
    throw new AppError('campaign_exists', { values: { year: String(year) } })
}

async function requireOpenable(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  input: NewCampaign,
): Promise<void> {
  const { year, feeCents, tradeFees, dueOn } = input
  const scheme = await tx
    .selectFrom('schemes')
    .select(['trades', 'dues'])
    .where('id', '=', schemeId)
    .executeTakeFirst()
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  await requireNoCampaign(tx, schemeId, year)
  const problems: Problem[] = []
  const thisYear = Number((await findDay(tx, schemeId, deps.now())).slice(0, 4))
  if (Math.abs(year - thisYear) > 1)
    problems.push({
      code: 'dues.year',
      path: 'year',
      values: { from: String(thisYear - 1), to: String(thisYear + 1) },
    })
  if (!dueOn.startsWith(`${year}-`))
    problems.push({ code: 'dues.due_on', path: 'dueOn', values: { year: String(year) } })
  else if (dueOn < (await findDay(tx, schemeId, deps.now())))
    problems.push({ code: 'dues.due_past', path: 'dueOn' })
  const { creditor } = DuesSettings.parse(scheme.dues)
  const isFree = [feeCents, ...Object.values(tradeFees)].every((cents) => cents === 0)
  if (!isFree && creditor.iban === '') problems.push({ code: 'dues.no_iban' })
  if (!isFree && creditor.chequeOrder === '') problems.push({ code: 'dues.no_payee' })
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
  readonly addedOn: string
  readonly suspended: boolean
}

/**
 * Lists members without dues for the year, except those merged with a member already billed for it: they are one business, and
 * those who join in a later year: they are not exempt, and owe if the day is corrected. Suspended members still belong to the
 * scheme.
 * @param addedBefore only members who had been added, or had come back, by then; all if absent
 */
async function listAssessable(
  tx: Tx,
  schemeId: string,
  year: number,
  addedBefore?: Date,
): Promise<Assessable[]> {
  const addedAt = sql`coalesce(m.admitted_at, m.created_at)`
  const old = addedBefore === undefined ? sql`` : sql`and ${addedAt} <= ${addedBefore}`
  const { rows } = await sql<Assessable>`
    select m.id, m.name, m.trade, m.status = 'suspended' as suspended, 
      ${memberSince(schemeId)} as joined_on, (${addedAt} at time zone ${timeZoneSql(schemeId)})::date as added_on
    from members m
    where m.scheme_id = ${schemeId} and m.status in ('active', 'suspended') ${old}
      and (m.joined_on is null or m.joined_on < make_date(${year + 1}, 1, 1))
      and not exists (select from dues d where d.scheme_id = m.scheme_id and d.year = ${year} and d.member_id = m.id)
      and not exists (select from members p join dues d on d.scheme_id = p.scheme_id and d.year = ${year} and d.member_id = p.id
        where p.scheme_id = m.scheme_id and p.merged_into = m.id and d.amount_cents > 0)
    order by m.search_name, m.id`.execute(tx)
  return rows
}

/**
 * Bills members without dues for the year, under `lockDues`. A fee of 0 creates no ledger entry.
 * @returns the number of members
 */
async function assessMembers(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  fees: Fees,
  { by, addedBefore }: { readonly by: string; readonly addedBefore?: Date | undefined },
): Promise<number> {
  const { year } = fees
  const enteredOn = await findToday(tx, deps, schemeId)
  // A suspended member that pays for older years gets alerts again, and has as long as others to pay for this one.
  const soonest = addDays(enteredOn, SUSPENDED_DAYS)
  const owed = (await listAssessable(tx, schemeId, year, addedBefore)).map((member) => {
    const { amountCents, dueOn } = computeFee(fees, member)
    return { ...member, amountCents, dueOn: member.suspended && dueOn < soonest ? soonest : dueOn }
  })
  if (owed.length === 0) return 0
  await sql`
    insert into dues (scheme_id, year, member_id, amount_cents, due_on, assessed_at)
    select ${schemeId}, ${year}, id, "amountCents", "dueOn", ${deps.now()}
    from jsonb_to_recordset(${JSON.stringify(owed)}::jsonb) as d (id uuid, "amountCents" integer, "dueOn" date)`.execute(
    tx,
  )
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
 * Bills members who were added or came back since a campaign of this year or the next was opened, a day after that: until then an
 * import can be undone, which keeps members who owe something. @returns the number of members
 */
export async function assessJoined(tx: Tx, deps: Pick<Deps, 'now'>, schemeId: string): Promise<number> {
  await lockDues(tx, schemeId)
  const thisYear = Number((await findToday(tx, deps, schemeId)).slice(0, 4))
  const addedBefore = new Date(deps.now().getTime() - UNDO_HOURS * HOUR_MS)
  let joined = 0
  for (const year of [thisYear, thisYear + 1]) {
    const campaign = await findCampaign(tx, schemeId, year)
    if (campaign === undefined) continue
    joined += await assessMembers(tx, deps, schemeId, campaign, { by: 'system:dues', addedBefore })
  }
  return joined
}
