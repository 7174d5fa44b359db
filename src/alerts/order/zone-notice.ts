import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { writeMessages } from '../../outbox/actions.ts'
import { publicAddress } from '../../platform/address.ts'
import type { Tx } from '../../platform/db.ts'
import type { AlertRow } from '../store.ts'

/** A notice about an alert that was sent is useless later. */
const VALID_MS = 6 * HOUR_MS

/**
 * Notifies the agency in whose zone an alert takes place, in the transaction that sends it: by SMS and mail, as the people listed
 * for that agency have them. An exercise notifies nobody outside the screens.
 * @returns the channels used; empty: nobody is listed, and the agency finds it on its screens alone
 */
export async function notifyZoneAgency(
  tx: Tx,
  deps: Pick<Deps, 'newId' | 'jobs' | 'config' | 'mailer'>,
  schemeId: string,
  {
    row,
    by,
    at,
  }: {
    readonly row: Pick<
      AlertRow,
      'id' | 'labelFr' | 'communeName' | 'schemeName' | 'reference' | 'exercise' | 'simulated'
    >
    readonly by: string
    readonly at: Date
  },
): Promise<readonly ('sms' | 'mail')[]> {
  if (row.exercise) return []
  const { rows: people } = await sql<{ phone: string | null; mail: string | null }>`
    select p.phone, p.mail from on_call_people p
    join alerts a on a.scheme_id = p.scheme_id and a.zone_agency_id = p.agency_id
    where p.scheme_id = ${schemeId} and a.id = ${row.id}::uuid and p.role = 'agency' and p.removed_at is null`.execute(
    tx,
  )
  const link = publicAddress(deps.config, `/alertes/${row.id}`)
  const values = {
    scheme: row.schemeName,
    chamber: row.schemeName,
    about: `${row.labelFr}, ${row.communeName}`,
    by,
    reference: row.reference,
  }
  const phones = people.flatMap(({ phone }) => phone ?? [])
  const mails = deps.mailer === undefined ? [] : people.flatMap(({ mail }) => mail ?? [])
  await writeMessages(tx, { ...deps, now: () => at }, schemeId, {
    sms: phones.map((to) => ({
      to,
      template: 'zone.sms.sent' as const,
      values: { ...values, link },
      validUntil: new Date(at.getTime() + VALID_MS),
      createdBy: 'system:zone',
      simulated: row.simulated,
    })),
    mails: mails.map((to) => ({ to, template: 'mail.zone.sent' as const, values, link })),
  })
  return [...(phones.length > 0 ? (['sms'] as const) : []), ...(mails.length > 0 ? (['mail'] as const) : [])]
}
