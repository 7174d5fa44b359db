import { recordAudit } from '../../audit/record.ts'
import { createFindings } from '../../commands/doctor/findings.ts'
import { examineDomain, lookUpText } from '../../commands/doctor/mail-domain.ts'
import type { Config } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Lang } from '../../i18n/format.ts'
import { findAccountState } from '../../identity/store.ts'
import { failureOf, MAIL_FAULTS, type MailFailure } from '../../outbox/faults.ts'
import { reportMailOutcome } from '../../outbox/mails.ts'
import { mailContentOf, readMailFigures, readSignature } from '../../outbox/store.ts'
import { type Actor, actorName, authorize, userIdOf } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { type App, addEndpoint, langOfRequest } from '../../platform/http/http.ts'
import { cacheFor } from '../../platform/remember.ts'
import type { MailSetup, MailTrial } from './contract.ts'
import { mailSettingEndpoints } from './endpoints.ts'

type MailDeps = Pick<Deps, 'db' | 'config' | 'now' | 'newId' | 'mailer'>
type Records = MailSetup['records']

/** Reads the records of the sender's domain, in a language. */
export type ReadRecords = (domain: string, lang: Lang) => Promise<Records>

/** Time for which the records of a domain are not looked up again. */
const RECORDS_MS = 10 * 60_000

/** Serves how mails leave, and the test mail. */
export function mailRoutes(app: App, deps: MailDeps): void {
  const readRecords = rememberRecords(deps.now)
  addEndpoint(app, mailSettingEndpoints.getMail, (request) =>
    getMail({ ...deps, readRecords }, request.actor, request.params.scheme, langOfRequest(request)),
  )
  addEndpoint(app, mailSettingEndpoints.sendTestMail, (request) =>
    sendTestMail(deps, request.actor, request.params.scheme, langOfRequest(request)),
  )
}

function rememberRecords(now: () => Date): ReadRecords {
  const records = cacheFor(
    RECORDS_MS,
    () => now().getTime(),
    async (key) => {
      const [lang, domain] = key.split(' ') as [Lang, string]
      const found = createFindings(lang)
      await examineDomain(lookUpText, found, domain)
      return [...found.list]
    },
  )
  return (domain, lang) => records(`${lang} ${domain}`)
}

/** Returns how the mails of a scheme leave, without the account of the mail server. */
export async function getMail(
  deps: Pick<Deps, 'db' | 'config' | 'now'> & { readonly readRecords: ReadRecords },
  actor: Actor,
  schemeId: string,
  lang: Lang,
): Promise<MailSetup> {
  authorize(actor, 'mail.check', schemeId)
  const { demo } = deps.config
  // The demo keeps its mails, whatever server is set.
  const mail = demo ? undefined : deps.config.mail
  const from = mail === undefined ? null : senderOf(mail.from)
  const domain = from?.address.split('@').at(-1)
  const [figures, records] = await Promise.all([
    inScheme(deps.db, schemeId, (tx) => readMailFigures(tx, schemeId)),
    domain === undefined ? [] : deps.readRecords(domain, lang),
  ])
  const { failure } = figures
  const fault = MAIL_FAULTS.find((one) => one === failure?.fault)
  return {
    at: deps.now().toISOString(),
    mode: demo ? 'demo' : mail === undefined ? 'none' : 'smtp',
    server: mail === undefined ? null : serverOf(mail.url),
    from,
    records,
    waiting: figures.waiting,
    acceptedAt: figures.acceptedAt?.toISOString() ?? null,
    failure:
      failure === null || fault === undefined
        ? null
        : { at: failure.at.toISOString(), fault, code: failure.code },
  }
}

/** Returns the host of the mail server and how the connection to it is encrypted, as gateways/mail/smtp.ts connects. */
function serverOf(url: string): NonNullable<MailSetup['server']> {
  const { protocol, hostname, port } = new URL(url)
  const isTls = protocol === 'smtps:'
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return {
    host: hostname,
    port: Number(port) || (isTls ? 465 : 587),
    security: isTls ? 'tls' : isLocal ? 'none' : 'starttls',
  }
}

/** Splits "Alerte commerces <alerte@cci.example>". */
function senderOf(from: NonNullable<Config['mail']>['from']): NonNullable<MailSetup['from']> {
  const match = /^\s*"?([^"<]*?)"?\s*<([^<>]+)>\s*$/.exec(from)
  if (match === null) return { name: null, address: from.trim() }
  const [, name = '', address = ''] = match
  return { name: name === '' ? null : name, address }
}

/**
 * Sends a mail to the address of the user's own account and waits for the answer of the mail server. It bypasses the outbox: its
 * sender wants to know now, and a mail that waits would say nothing.
 * @throws AppError `no_mail_server` when the installation sends no mail
 */
export async function sendTestMail(
  deps: MailDeps,
  actor: Actor,
  schemeId: string,
  lang: Lang,
): Promise<MailTrial> {
  authorize(actor, 'mail.check', schemeId)
  const { mailer } = deps
  const userId = userIdOf(actor)
  if (mailer === undefined) throw new AppError('no_mail_server')
  const account = userId === undefined ? undefined : await findAccountState(deps.db, userId)
  if (account === undefined) throw new AppError('forbidden')
  const signature = await inScheme(deps.db, schemeId, (tx) => readSignature(tx, schemeId))
  const content = mailContentOf({
    ...signature,
    template: 'mail.test',
    values: { name: account.name },
    lang,
    link: null,
    annex: null,
  })
  let failure: MailFailure | null = null
  try {
    await mailer.send({ id: deps.newId(), to: account.email, ...content, attachments: [] })
  } catch (error) {
    failure = failureOf(error)
  }
  await inScheme(deps.db, schemeId, (tx) =>
    recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'mail.test',
      subject: `scheme:${schemeId}`,
      details: { fault: failure?.fault ?? null, code: failure?.code ?? null },
    }),
  )
  await reportMailOutcome(deps, schemeId, failure)
  return { to: account.email, mode: deps.config.demo ? 'demo' : 'smtp', failure }
}
