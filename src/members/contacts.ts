import { sql } from 'kysely'
import type { Lang } from '../i18n/format.ts'
import type { Tx } from '../platform/db.ts'
import { isOptedOut } from './opt-out/opted-out.ts'
import { NO_POINT } from './rules.ts'

/** A contact of one member. */
export interface ContactOf {
  readonly schemeId: string
  readonly memberId: string
  readonly contactId: string
}

/** Changes the name and mail address of a contact. @returns whether the member has it */
export async function updateContactNames(
  tx: Tx,
  of: ContactOf,
  names: { readonly person: string; readonly mail: string | null },
): Promise<boolean> {
  const { numUpdatedRows } = await updateContact(tx, of).set(names).executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Stores the language in which a contact is written to. */
export async function storeContactLang(tx: Tx, of: ContactOf, lang: Lang): Promise<void> {
  await updateContact(tx, of).where('lang', 'is distinct from', lang).set({ lang }).execute()
}

/** Records the language that a contact used, unless one is known. */
export async function noteContactLang(tx: Tx, of: ContactOf, lang: Lang | null): Promise<void> {
  // Read first: a write waits for other writers of members, and is needed once.
  const known = await tx
    .selectFrom('contacts')
    .select('lang')
    .where('schemeId', '=', of.schemeId)
    .where('id', '=', of.contactId)
    .executeTakeFirst()
  if (lang !== null && known?.lang === null) await storeContactLang(tx, of, lang)
}

/** Changes the number of a contact, which receives no SMS if the new number opted out. */
export async function updateContactNumber(tx: Tx, of: ContactOf, mobile: string): Promise<void> {
  await updateContact(tx, of)
    .set({ mobile, sms: sql<boolean>`sms and not ${isOptedOut(of.schemeId, sql`${mobile}`)}` })
    .execute()
}

function updateContact(tx: Tx, { schemeId, memberId, contactId }: ContactOf) {
  return tx
    .updateTable('contacts')
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('id', '=', contactId)
}

/** Deletes a contact. */
export async function deleteContact(tx: Tx, { schemeId, memberId, contactId }: ContactOf): Promise<void> {
  await tx
    .deleteFrom('contacts')
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('id', '=', contactId)
    .execute()
}

/** Clears the numbers of contacts, so that another contact of their member can take one of them. */
export async function clearContactNumbers(
  tx: Tx,
  schemeId: string,
  contactIds: readonly string[],
): Promise<void> {
  if (contactIds.length === 0) return
  await tx
    .updateTable('contacts')
    .set({ mobile: null, sms: false })
    .where('schemeId', '=', schemeId)
    .where('id', 'in', contactIds)
    .execute()
}

/**
 * Changes the address of a member. The point of one that moves is removed: until the chamber sets another, alerts around a place
 * reach it by its commune.
 */
export async function updateMemberAddress(
  tx: Tx,
  schemeId: string,
  id: string,
  to: {
    readonly address: string | null
    readonly postalCode: string | null
    readonly isMoved: boolean
    readonly at: Date
  },
): Promise<void> {
  await tx
    .updateTable('members')
    .set({
      address: to.address,
      postalCode: to.postalCode,
      ...(to.isMoved && NO_POINT),
      updatedAt: to.at,
    })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Marks a member as having left, under the lock of `lockMemberWrites`. @returns its name; undefined if it had left already */
export async function markMemberLeft(
  tx: Tx,
  schemeId: string,
  id: string,
  at: Date,
): Promise<{ name: string } | undefined> {
  return tx
    .updateTable('members')
    .set({ status: 'left', updatedAt: at })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('status', '<>', 'left')
    .returning('name')
    .executeTakeFirst()
}
