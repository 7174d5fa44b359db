import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { MailContent } from '../i18n/mail.ts'
import { withCode } from '../message/code.ts'
import { asOwner, inScheme, type Tx } from '../platform/db.ts'
import { admitCode, digitsOfCode } from './codes.ts'

export interface MailAttachment {
  readonly name: string
  /** MIME type */
  readonly type: string
  readonly content: Uint8Array
}

/** A mail as it leaves. */
export interface OutgoingMail extends MailContent {
  /** The same whenever it is sent: whoever gets it twice can tell. */
  readonly id: string
  readonly to: string
  readonly attachments: readonly MailAttachment[]
}

/** The mail server of the installation; the demo keeps what it is given. */
export interface Mailer {
  readonly name: string
  /**
   * Hands a mail over.
   * @throws MailRefused when the server does not take it for good; anything else may pass by itself.
   */
  send(mail: OutgoingMail): Promise<void>
  close(): void
}

/** For good: no such address, too large. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
  /** SMTP reply code (RFC 5321, section 4.2) */
  readonly replyCode: number

  constructor(replyCode: number, options?: ErrorOptions) {
    super(`the mail server refused for good: ${replyCode}`, options)
    this.replyCode = replyCode
  }
}

/** What could not be handed over for so long is dropped: what it tells is old. */
const KEPT_DAYS = 3
/** Longer than a job is tried (jobs.ts). */
const RESUME_AFTER_MS = 40 * 60_000

/**
 * Leaves a mail for the mail server, in the transaction of what it tells: it goes out when that commits. Nothing without a
 * mail server or an address: no step may depend on a mail.
 * @returns its id; undefined: there is none
 */
export async function writeMail(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  mail: {
    readonly schemeId: string
    readonly to: string | null
    readonly content: MailContent
    readonly attachments?: readonly MailAttachment[]
    /** A code that is put in the place of CODE_PLACE when it leaves, and until when. */
    readonly code?: { readonly id: string; readonly expiresAt: Date }
    /** That the server took it is noted in `handed_mails`, for whoever has to know; absent: no. */
    readonly noted?: boolean
  },
): Promise<string | undefined> {
  const { schemeId, to, content, attachments = [], code, noted = false } = mail
  if (deps.mailer === undefined || to === null || to === '') return undefined
  const id = deps.newId()
  const now = deps.now()
  await tx
    .insertInto('mails')
    .values({
      schemeId,
      id,
      address: to,
      subject: content.subject,
      bodyText: content.text,
      bodyHtml: content.html,
      attachments: JSON.stringify(
        attachments.map(({ name, type, content: bytes }) => ({
          name,
          type,
          base64: Buffer.from(bytes).toString('base64'),
        })),
      ),
      createdAt: now,
      validUntil: code?.expiresAt ?? new Date(now.getTime() + KEPT_DAYS * 86_400_000),
      codeId: code?.id ?? null,
      noted,
    })
    .execute()
  await deps.jobs.enqueue(tx, 'mail.send', { schemeId, mailId: id }, code === undefined ? undefined : 'first')
  return id
}

/**
 * The same for many of one scheme, in one statement: none has a code nor attachments.
 * @param messageId the message to a group that they are of
 * @returns their ids, in the same order; none without a mail server
 */
export async function writeMails(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  schemeId: string,
  mails: readonly { readonly to: string; readonly content: MailContent; readonly noted: boolean }[],
  messageId: string | null = null,
): Promise<string[]> {
  if (deps.mailer === undefined || mails.length === 0) return []
  const now = deps.now()
  const rows = mails.map(({ to, content, noted }) => ({ ...content, id: deps.newId(), to, noted }))
  await sql`
    insert into mails (scheme_id, id, address, subject, body_text, body_html, attachments, created_at, valid_until, noted,
      message_id)
    select ${schemeId}, id, "to", subject, text, html, '[]', ${now}, ${new Date(now.getTime() + KEPT_DAYS * 86_400_000)}, noted,
      ${messageId}::uuid
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m (id uuid, "to" text, subject text, text text, html text,
      noted boolean)`.execute(tx)
  await deps.jobs.enqueueAll(
    tx,
    'mail.send',
    rows.map(({ id }) => ({ schemeId, mailId: id })),
  )
  return rows.map(({ id }) => id)
}

/**
 * Hands a mail to the server and forgets it. Does nothing when it left already, or is out of date. A process that dies
 * between both hands it over again, under the same Message-ID.
 * @throws AppError `source_unreachable` when the server does not take it now: the job is tried again.
 */
export async function sendMail(
  deps: Pick<Deps, 'db' | 'now' | 'log' | 'mailer' | 'secret'>,
  schemeId: string,
  mailId: string,
): Promise<void> {
  const { mailer, log } = deps
  if (mailer === undefined) {
    const waiting = await deps.db
      .selectFrom('mails')
      .select('id')
      .where('schemeId', '=', schemeId)
      .where('id', '=', mailId)
      .executeTakeFirst()
    if (waiting === undefined) return
    log.error({ mailId }, 'mail waits: no mail server is set up in this process')
    throw new AppError('source_unreachable', { values: { source: 'SMTP' } })
  }
  // Not in a transaction: a mail server takes seconds, and the embedded database has one connection.
  const row = await deps.db
    .updateTable('mails')
    .set({ handingAt: deps.now() })
    .where('schemeId', '=', schemeId)
    .where('id', '=', mailId)
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) return
  const { codeId } = row
  let isHanded = false
  if (codeId !== null && !(await mayCodeLeave(deps, schemeId, codeId))) {
    // Nobody's address, or too many codes: it shows nowhere.
  } else if (row.validUntil > deps.now()) {
    const write = (text: string) => (codeId === null ? text : withCode(text, digitsOfCode(deps, codeId)))
    try {
      await mailer.send({
        id: row.id,
        to: row.address,
        subject: row.subject,
        text: write(row.bodyText),
        html: write(row.bodyHtml),
        attachments: row.attachments.map(({ name, type, base64 }) => ({
          name,
          type,
          content: Buffer.from(base64, 'base64'),
        })),
      })
      isHanded = true
    } catch (error) {
      if (!(error instanceof MailRefused)) {
        await release(deps, schemeId, mailId)
        log.warn({ mailId, reason: reasonOf(error) }, 'mail not handed over, trying again')
        throw new AppError('source_unreachable', { values: { source: mailer.name }, cause: error })
      }
      log.warn({ mailId, replyCode: error.replyCode }, 'mail refused for good by the mail server')
    }
  } else {
    log.warn({ mailId }, 'mail dropped: not handed over in time')
  }
  // One statement: noted when it is gone, and gone when it is noted.
  await sql`
    with gone as (delete from mails where scheme_id = ${schemeId} and id = ${mailId} returning scheme_id, id, noted)
    insert into handed_mails (scheme_id, id, at) select scheme_id, id, ${deps.now()} from gone
    where noted and ${isHanded}::boolean`.execute(deps.db)
}

/** The mail server has not taken it: it may be called back. */
async function release({ db }: Pick<Deps, 'db'>, schemeId: string, mailId: string): Promise<void> {
  await db
    .updateTable('mails')
    .set({ handingAt: null })
    .where('schemeId', '=', schemeId)
    .where('id', '=', mailId)
    .execute()
}

/**
 * Takes back the mails of a message that wait for the mail server; not what a process is handing over just now.
 * @returns the addresses of those that never leave
 */
export async function withdrawMails(tx: Tx, schemeId: string, messageId: string): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    delete from mails where scheme_id = ${schemeId} and message_id = ${messageId}::uuid and handing_at is null
    returning address`.execute(tx)
  return rows.map(({ address }) => address)
}

/** Whether a code is sent by this mail: admitted now, or when the mail server was away. */
async function mayCodeLeave(
  deps: Pick<Deps, 'db' | 'now'>,
  schemeId: string,
  codeId: string,
): Promise<boolean> {
  return inScheme(deps.db, schemeId, async (tx) => {
    const code = await tx
      .selectFrom('oneTimeCodes')
      .select(['sentAt', 'usedAt'])
      .where('schemeId', '=', schemeId)
      .where('id', '=', codeId)
      .executeTakeFirst()
    if (code === undefined || code.usedAt !== null) return false
    return code.sentAt !== null || (await admitCode(tx, deps, schemeId, codeId)) === 'sent'
  })
}

/** Codes alone: an error of SMTP quotes the address. */
function reasonOf(error: unknown): unknown {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  return { code, responseCode }
}

/** Days for which it is known that a mail was handed over: whoever has to know asks before. */
const NOTED_DAYS = 30

/** Forgets which mails were handed over, after so many days. */
async function forgetHanded(deps: Pick<Deps, 'db' | 'now'>): Promise<void> {
  await deps.db
    .deleteFrom('handedMails')
    .where('at', '<', new Date(deps.now().getTime() - NOTED_DAYS * 86_400_000))
    .execute()
}

/** Asks again for mails that no job cares for any more: the server was away for longer than a job is tried. */
export async function resumeMails(deps: Pick<Deps, 'db' | 'jobs' | 'now'>): Promise<void> {
  await forgetHanded(deps)
  const waiting = await deps.db
    .selectFrom('mails')
    .select(['schemeId', 'id'])
    .where('createdAt', '<', new Date(deps.now().getTime() - RESUME_AFTER_MS))
    .limit(500)
    .execute()
  if (waiting.length === 0) return
  await asOwner(deps.db, async (tx) => {
    for (const { schemeId, id } of waiting) await deps.jobs.enqueue(tx, 'mail.send', { schemeId, mailId: id })
  })
}
