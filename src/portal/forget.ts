import { sql } from 'kysely'
import type { ErasedPeople } from '../identity/erased.ts'
import type { Tx } from '../platform/db.ts'

/** Deletes passkeys and sessions of erased contacts who are contacts of no other member of any scheme, across schemes. */
export async function forgetSignIns(tx: Tx, { contacts, unshared }: ErasedPeople): Promise<void> {
  // Also those of a contact that was deleted before.
  const phones = [...contacts, ...unshared].flatMap(({ mobile }) => mobile ?? [])
  const mails = [...contacts, ...unshared].flatMap(({ mail }) => mail ?? [])
  await sql`delete from contact_passkeys p
    where (p.contact_ids && ${contacts.map(({ id }) => id)}::uuid[] or p.phone = any (${phones}::text[]) or lower(p.mail) = any (${mails}::text[]))
    and not exists (select from contacts c where c.id = any (p.contact_ids))`.execute(tx)
  await sql`delete from contact_sessions s
    where (s.phone = any (${phones}::text[])
        or s.mail = any (${mails}::text[]))
      and not exists (select from contacts c where c.mobile = s.phone or lower(c.mail) = s.mail)`.execute(tx)
}
