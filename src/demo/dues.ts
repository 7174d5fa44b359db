import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { lockDues } from '../dues/ledger/ledger.ts'
import { writePayments } from '../dues/ledger/payments.ts'
import { writeCampaign } from '../dues/reminders/campaign.ts'
import { addDays } from '../dues/rules.ts'
import { listPayers } from '../dues/store.ts'
import { DAY_MS } from '../message/clock.ts'
import { type Actor, actorName } from '../permissions.ts'
import { findDay } from '../platform/database/time-zone.ts'
import { acrossSchemes, inScheme } from '../platform/db.ts'
import { DuesSettings } from '../schemes/contract.ts'

const BY: Actor = { kind: 'system', name: 'demo' }
const FEE_CENTS = 1000
/** Days since the campaign was due. */
const DUE_DAYS = 40
/** Cheques received longer than this before the due day were deposited. */
const WITH_BANK_DAYS = 2
/** Payment methods by member modulo ten; the others have not paid. */
const paid = [
  'transfer',
  'cheque',
  'transfer',
  'cheque',
  'transfer',
  'cheque',
  'transfer',
  'transfer',
] as const

/**
 * Creates a campaign of a demo scheme, due some weeks ago: most members paid, some are late. An interrupted call
 * can be repeated and continues where it stopped.
 */
export async function seedDemoDues(deps: Deps, schemeId: string): Promise<void> {
  const begun = await deps.db
    .selectFrom('duesCampaigns')
    .select(['year', sql<string>`due_on::text`.as('dueOn')])
    .where('schemeId', '=', schemeId)
    .executeTakeFirst()
  const dueOn =
    begun?.dueOn ??
    addDays(await inScheme(deps.db, schemeId, (tx) => findDay(tx, schemeId, deps.now())), -DUE_DAYS)
  const year = begun?.year ?? Number(dueOn.slice(0, 4))
  if (begun === undefined)
    await inScheme(deps.db, schemeId, async (tx) => {
      await lockDues(tx, schemeId)
      const campaign = { year, feeCents: FEE_CENTS, tradeFees: {}, proRata: false, dueOn }
      await writeCampaign(tx, deps, schemeId, campaign, actorName(BY))
    })
  // Members who joined in the last months owe it on the same day as the others.
  await acrossSchemes(deps.db, async (tx) => {
    const notice = await tx
      .selectFrom('duesNotices')
      .select('id')
      .where('schemeId', '=', schemeId)
      .limit(1)
      .executeTakeFirst()
    if (notice !== undefined) return
    await sql`update dues set due_on = ${dueOn} where scheme_id = ${schemeId} and year = ${year}`.execute(tx)
    const settings = DuesSettings.parse({
      rule: 'suspend',
      ruleAfterDays: 90,
      fees: { feeCents: FEE_CENTS },
      creditor: {
        address: '148 boulevard Lavoisier, 63000 Clermont-Ferrand',
        // A number of no business: the SIREN begins with zeros.
        siret: '00012345500016',
        vat: 'outside',
        // The IBAN of examples, which belongs to no account.
        iban: 'FR7630006000011234567890189',
        bic: 'AGRIFRPP',
        sepaId: 'FR72ZZZ123456',
        chequeOrder: 'CCI Puy-de-Dôme',
      },
    })
    await tx
      .updateTable('schemes')
      .set({ dues: JSON.stringify(settings) })
      .where('id', '=', schemeId)
      .execute()
    await sql`update dues_campaigns set opened_at = opened_at - make_interval(days => ${DUE_DAYS + 31})
      where scheme_id = ${schemeId} and year = ${year}`.execute(tx)
    // Notices already sent, so that the demo does not start with many messages.
    const notices = [
      ['call', 0, DUE_DAYS + 30],
      ['reminder', 15, DUE_DAYS - 15],
    ] as const
    for (const [kind, step, daysAgo] of notices) {
      const at = new Date(deps.now().getTime() - daysAgo * DAY_MS)
      await sql`
        insert into dues_notices (scheme_id, id, year, member_id, kind, step, at, by, contacts)
        select d.scheme_id, gen_random_uuid(), d.year, d.member_id, ${kind}, ${step}, ${at}, 'system:demo',
          array(select c.id from contacts c where c.scheme_id = d.scheme_id and c.member_id = d.member_id and c.sms
            order by c.position limit 1)
        from dues d where d.scheme_id = ${schemeId} and d.year = ${year}`.execute(tx)
    }
  })
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const first = await tx
      .selectFrom('duesPayments')
      .select('id')
      .where('schemeId', '=', schemeId)
      .limit(1)
      .executeTakeFirst()
    if (first !== undefined) return
    const owing = await tx
      .selectFrom('dues')
      .select('memberId')
      .where('schemeId', '=', schemeId)
      .where('year', '=', year)
      .orderBy('memberId')
      .execute()
    const payers = await listPayers(
      tx,
      schemeId,
      owing.map(({ memberId }) => memberId),
    )
    const byName = payers.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    await writePayments(
      tx,
      deps,
      schemeId,
      'system:demo',
      byName.flatMap((member, i) => {
        const way = paid[i % 10]
        if (way === undefined) return []
        return {
          member,
          way,
          amountCents: FEE_CENTS,
          receivedOn: addDays(dueOn, -((i * 7) % 45)),
          reference: way === 'cheque' ? String(4_410_000 + i * 37) : '',
          outsideId: null,
        }
      }),
    )
    // Most of its cheques have been at the bank.
    await sql`insert into dues_cheques (scheme_id, payment_id, elsewhere) select scheme_id, id, true from dues_payments
      where scheme_id = ${schemeId} and way = 'cheque' and received_on < ${dueOn}::date - ${WITH_BANK_DAYS}::int
      on conflict do nothing`.execute(tx)
  })
}
