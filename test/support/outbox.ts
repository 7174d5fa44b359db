import { mailContentOf, smsTextOf } from '../../src/outbox/store.ts'
import type { Db, Tx } from '../../src/platform/db.ts'

function listWaiting(db: Db | Tx, channel: 'sms' | 'mail') {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('channel', '=', channel)
    .where('sentAt', 'is', null)
    .where('withdrawnAt', 'is', null)
    .orderBy('createdAt')
    .orderBy('address')
    .execute()
}

/** Lists the SMS that wait to be planned, as they will read. */
export async function waitingSms(db: Db | Tx) {
  const rows = await listWaiting(db, 'sms')
  return rows.map((row) => {
    const { id, schemeId, address, lane, codeId, memberId } = row
    return { id, schemeId, phone: address, text: smsTextOf(row), lane, codeId, memberId }
  })
}

/** Lists the mails that wait for the mail server, as they will read. */
export async function waitingMails(db: Db | Tx) {
  const rows = await listWaiting(db, 'mail')
  return rows.map((row) => {
    const { id, schemeId, address } = row
    const { subject, text, html } = mailContentOf({
      ...row,
      contact: {},
      schemeName: schemeId,
      chamberName: 'la chambre',
      texts: {},
    })
    return { id, schemeId, address, subject, text, html }
  })
}

/** Deletes waiting SMS. @returns them */
export async function takeWaitingSms(db: Db | Tx) {
  const taken = await waitingSms(db)
  for (const { id } of taken) await db.deleteFrom('outbox').where('id', '=', id).execute()
  return taken
}
