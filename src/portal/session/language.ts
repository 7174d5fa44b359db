import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import type { Lang } from '../../i18n/format.ts'
import { noteContactLang, storeContactLang } from '../../members/contacts.ts'
import { inScheme } from '../../platform/db.ts'
import { type ContactActor, findContactActor } from './session.ts'

/** Stores the language of mails and SMS of service for the contact, in all its shops. */
export async function chooseLanguage(
  { db }: Pick<Deps, 'db'>,
  { shops }: ContactActor,
  lang: Lang,
): Promise<void> {
  for (const { schemeId, memberId, contactId } of shops)
    await inScheme(db, schemeId, (tx) => storeContactLang(tx, { schemeId, memberId, contactId }, lang))
}

/**
 * Records the language of the page on which a contact signed in, for those of its shops where it has chosen none. A failure is
 * logged only, and a long writer of members, whose turn this would wait for, is not waited for: the next sign-in records it.
 */
export async function noteLanguage(
  deps: Pick<Deps, 'db' | 'now' | 'log'>,
  token: string,
  lang: Lang,
): Promise<void> {
  try {
    const contact = await findContactActor(deps, token)
    for (const { schemeId, memberId, contactId } of contact?.shops ?? [])
      await inScheme(deps.db, schemeId, async (tx) => {
        await sql`select set_config('lock_timeout', '200ms', true)`.execute(tx)
        await noteContactLang(tx, { schemeId, memberId, contactId }, lang)
      })
  } catch (error) {
    deps.log.warn({ err: error }, 'the language of a contact was not recorded')
  }
}
