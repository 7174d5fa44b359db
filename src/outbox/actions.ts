import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { formatMessage, type Lang } from '../i18n/format.ts'
import { type CodeOpening, openCode } from '../identity/codes/codes.ts'
import { regionOf } from '../identity/codes/destinations.ts'
import type { Region } from '../identity/codes/regions.ts'
import type { CodeTurn } from '../identity/contract.ts'
import { DAY_MS } from '../message/clock.ts'
import { CODE_PLACE } from '../message/code.ts'
import type { Tx } from '../platform/db.ts'
import type { MailMessage, SmsMessage } from './contract.ts'
import { insertMessages, type NewMessage } from './store.ts'

type WriteDeps = Pick<Deps, 'now' | 'newId' | 'jobs'>

/** Days after which a mail that could not be handed over is dropped, because its content is outdated. */
const MAIL_KEPT_DAYS = 3

/** Queues one SMS. @see writeMessages */
export async function writeSms(
  tx: Tx,
  deps: WriteDeps,
  schemeId: string,
  message: SmsMessage,
): Promise<void> {
  await writeMessages(tx, { ...deps, mailer: undefined }, schemeId, { sms: [message] })
}

/** Queues one mail. @see writeMessages */
export async function writeMail(
  tx: Tx,
  deps: WriteDeps & Pick<Deps, 'mailer'>,
  schemeId: string,
  mail: MailMessage,
): Promise<void> {
  await writeMessages(tx, deps, schemeId, { mails: [mail] })
}

/**
 * Queues messages of one scheme in the transaction of the change that they report, in one statement. Each is sent once, after
 * the commit: mails by this room, SMS by the engine (deliveries/plan/direct.ts). Without a mail server no mail is written.
 */
export async function writeMessages(
  tx: Tx,
  deps: WriteDeps & Pick<Deps, 'mailer'>,
  schemeId: string,
  { sms = [], mails = [] }: { readonly sms?: readonly SmsMessage[]; readonly mails?: readonly MailMessage[] },
): Promise<void> {
  const validUntil = new Date(deps.now().getTime() + MAIL_KEPT_DAYS * DAY_MS)
  const addressed = deps.mailer === undefined ? [] : mails.filter(({ to }) => to !== null && to !== '')
  const messages: NewMessage[] = [
    ...sms.map(({ to, id = deps.newId(), ...message }) => ({
      ...message,
      id,
      channel: 'sms' as const,
      address: to,
      attachments: [],
    })),
    ...addressed.map(({ to, id = deps.newId(), attachments = [], ...mail }) => ({
      ...mail,
      id,
      channel: 'mail' as const,
      address: to ?? '',
      createdBy: 'system:outbox',
      validUntil: mail.code?.expiresAt ?? validUntil,
      attachments: attachments.map(({ name, type, content }) => ({
        name,
        type,
        base64: Buffer.from(content).toString('base64'),
      })),
    })),
  ]
  if (messages.length === 0) return
  await insertMessages(tx, schemeId, deps.now(), messages)
  await enqueueSending(tx, deps, schemeId, messages)
}

/**
 * Queues mails from a command, whose process has neither jobs nor a mail server: a server finds them within seconds
 * (`outbox.resume`), because a user waits for them.
 */
export async function leaveMails(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  mails: readonly Omit<MailMessage, 'attachments' | 'code'>[],
): Promise<void> {
  const now = deps.now()
  const messages = mails.map(
    ({ to, id = deps.newId(), ...mail }): NewMessage => ({
      ...mail,
      id,
      channel: 'mail',
      address: to ?? '',
      lane: 'vital',
      createdBy: 'system:outbox',
      validUntil: new Date(now.getTime() + MAIL_KEPT_DAYS * DAY_MS),
      attachments: [],
    }),
  )
  if (messages.length > 0) await insertMessages(tx, schemeId, now, messages)
}

async function enqueueSending(
  tx: Tx,
  { jobs }: Pick<Deps, 'jobs'>,
  schemeId: string,
  messages: readonly NewMessage[],
): Promise<void> {
  const idsOf = (channel: 'sms' | 'mail', isUrgent: boolean) =>
    messages
      .filter(
        ({ code, lane, ...message }) =>
          message.channel === channel && (code !== undefined || lane === 'vital') === isUrgent,
      )
      .map(({ id }) => id)
  // Codes and calls of the second person are queued first, because a user waits for them.
  for (const messageId of idsOf('sms', true))
    await jobs.enqueue(tx, 'direct.send', { schemeId, messageId }, 'first')
  for (const mailId of idsOf('mail', true)) await jobs.enqueue(tx, 'mail.send', { schemeId, mailId }, 'first')
  await jobs.enqueueAll(
    tx,
    'direct.send',
    idsOf('sms', false).map((messageId) => ({ schemeId, messageId })),
  )
  await jobs.enqueueAll(
    tx,
    'mail.send',
    idsOf('mail', false).map((mailId) => ({ schemeId, mailId })),
  )
}

export interface CodeRequest extends CodeOpening {
  /** Territories whose mobiles get codes of the scheme. */
  readonly destinations: readonly Region[]
  /** The message, with CODE_PLACE among its values. */
  readonly template: SmsMessage['template']
  readonly values: SmsMessage['values']
  /** The language of the page on which the code is entered. */
  readonly lang?: Lang | null
}

/**
 * Requests a code by SMS in the caller's transaction. The response does not reveal whether a member has the number; it does
 * say when the next code may be requested, which is counted in the same way for every number.
 * @returns whether this request may send a code, and when the next one may
 * @throws AppError `invalid_input` for a number outside the scheme's destinations, because a stranger entered it; `rate_limited`
 * when this address made too many requests, for whatever numbers
 */
export async function requestCode(
  tx: Tx,
  deps: WriteDeps & Pick<Deps, 'secret'>,
  { template, values, lang, destinations, ...request }: CodeRequest,
): Promise<CodeTurn> {
  if (!formatMessage('fr', template, values).includes(CODE_PLACE))
    throw new TypeError('the text has no placeholder for the code')
  const { schemeId, purpose, phone } = request
  const region = regionOf(phone)
  if (region === undefined || !destinations.includes(region)) {
    const code = region === undefined ? 'mobile.abroad' : 'mobile.outside'
    throw new AppError('invalid_input', { problems: [{ code, path: 'phone' }] })
  }
  const { turn, ...code } = await openCode(tx, deps, request)
  await writeSms(tx, deps, schemeId, {
    to: phone,
    template,
    values,
    ...(lang !== undefined && { lang }),
    code,
    validUntil: code.expiresAt,
    createdBy: `code:${purpose}`,
  })
  return turn
}
