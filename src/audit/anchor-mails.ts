import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { composeMail } from '../i18n/mail.ts'
import { HOUR_MS } from '../message/clock.ts'
import { acrossSchemes } from '../platform/db.ts'
import { type Anchor, formatAnchor } from './anchors.ts'

/** Less than a day, so that a run some minutes earlier than the day before still sends. */
const MAILED_EVERY_MS = 23 * HOUR_MS

/**
 * Mails the last anchor to the people whom TOCSIN_ANCHOR_MAILS names, once a day. They only need to keep the mail: it shows
 * later whether the record was rewritten.
 */
export async function mailLastAnchor(
  deps: Pick<Deps, 'db' | 'now' | 'log' | 'config' | 'mailer'>,
): Promise<void> {
  const { anchorMails } = deps.config.audit
  const { mailer } = deps
  if (anchorMails.length === 0 || mailer === undefined) return
  const at = deps.now()
  const before = new Date(at.getTime() - MAILED_EVERY_MS)
  // Claimed first, so that of two processes one sends.
  const anchor = await acrossSchemes(deps.db, async (tx) => {
    const { rows } = await sql<Anchor & { n: number }>`
      update audit_anchors set mailed_at = ${at}
      where n = (select max(n) from audit_anchors) and mailed_at is null
        and not exists (select from audit_anchors where mailed_at > ${before})
      returning n::int, statement, key_id, signature, timestamp_token as timestamp`.execute(tx)
    return rows[0]
  })
  if (anchor === undefined) return
  const line = formatAnchor(anchor)
  const mail = composeMail('fr', {
    key: 'mail.anchor',
    values: { n: anchor.n, scheme: 'Tocsin', chamber: deps.config.mail?.from ?? 'Tocsin' },
    annex: line,
  })
  for (const to of anchorMails) {
    try {
      await mailer.send({
        ...mail,
        id: `anchor-${anchor.n}`,
        to,
        attachments: [
          {
            name: `ancre-${anchor.n}.jsonl`,
            type: 'application/jsonl',
            content: new TextEncoder().encode(`${line}\n`),
          },
        ],
      })
    } catch (error) {
      deps.log.error({ err: error, anchor: anchor.n }, 'an anchor of the audit record was not mailed')
    }
  }
}
