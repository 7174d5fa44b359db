import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { composeMail } from '../../i18n/mail.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { acrossSchemes } from '../../platform/db.ts'
import { type Anchor, formatAnchor } from './anchors.ts'

/** Less than a day, so that a run some minutes earlier than the day before still sends. */
const MAILED_EVERY_MS = 23 * HOUR_MS

/**
 * Queues the mails of the last anchor to the addresses of TOCSIN_ANCHOR_MAILS, once a day, a job for each address. The
 * recipients only need to keep the mail: it shows later whether the record was rewritten.
 */
export async function queueAnchorMails(
  deps: Pick<Deps, 'db' | 'now' | 'config' | 'jobs' | 'mailer'>,
): Promise<void> {
  const { anchorMails } = deps.config.audit
  if (anchorMails.length === 0 || deps.mailer === undefined) return
  const at = deps.now()
  const before = new Date(at.getTime() - MAILED_EVERY_MS)
  await acrossSchemes(deps.db, async (tx) => {
    const { rows } = await sql<{ n: number }>`
      update audit_anchors set mailed_at = ${at}
      where n = (select max(n) from audit_anchors) and mailed_at is null
        and not exists (select from audit_anchors where mailed_at > ${before})
      returning n::int`.execute(tx)
    for (const { n } of rows)
      await deps.jobs.enqueueAll(
        tx,
        'anchor.mail',
        anchorMails.map((to) => ({ n, to })),
      )
  })
}

/** Tells whether the mail server refused for good, by the name of the error: its class is of the outbox, above this room. */
const isRefusedForGood = (error: unknown) => error instanceof Error && error.name === 'MailRefused'

/**
 * Hands the mail of an anchor to the mail server. Does nothing if its address is no longer in TOCSIN_ANCHOR_MAILS.
 * An address that the server refuses for good is logged and not tried again.
 * @throws AppError `source_unreachable` when the server does not accept it, so that the job is retried
 */
export async function sendAnchorMail(
  deps: Pick<Deps, 'db' | 'log' | 'config' | 'mailer'>,
  { n, to }: { readonly n: number; readonly to: string },
): Promise<void> {
  if (!deps.config.audit.anchorMails.includes(to)) return
  const [anchor] = await acrossSchemes(deps.db, async (tx) => {
    const { rows } = await sql<Anchor>`
      select statement, key_id, signature, timestamp_token as timestamp from audit_anchors where n = ${n}`.execute(
      tx,
    )
    return rows
  })
  if (anchor === undefined) return
  const line = formatAnchor(anchor)
  const mail = composeMail('fr', {
    key: 'mail.anchor',
    values: { n, scheme: 'Tocsin', chamber: deps.config.mail?.from ?? 'Tocsin' },
    annex: line,
  })
  try {
    if (deps.mailer === undefined) throw new TypeError('this process has no mail server configured')
    await deps.mailer.send({
      ...mail,
      id: `anchor-${n}`,
      to,
      attachments: [
        {
          name: `ancre-${n}.jsonl`,
          type: 'application/jsonl',
          content: new TextEncoder().encode(`${line}\n`),
        },
      ],
    })
  } catch (error) {
    if (isRefusedForGood(error)) {
      deps.log.error(
        { err: error, anchor: n },
        'an anchor of the audit record was refused by the mail server',
      )
      return
    }
    deps.log.error({ err: error, anchor: n }, 'an anchor of the audit record was not mailed, will retry')
    throw new AppError('source_unreachable', {
      values: { source: deps.mailer?.name ?? 'SMTP' },
      cause: error,
    })
  }
}
