import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { checkAccessKey, createAccessKey } from '../../identity/access-keys.ts'
import { CODE_MINUTES, checkCode, openCode } from '../../identity/codes.ts'
import { publicAddress } from '../../members/papers/actions.ts'
import { maskPhone } from '../../members/rules.ts'
import { CODE_PLACE } from '../../message/code.ts'
import { markCallOpened } from '../../on-call/store.ts'
import { writeMessages } from '../../outbox/actions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findScheme } from '../../schemes/store.ts'
import { recordAlertEvent } from '../order/events.ts'
import { askedViewOf, findAsked } from './asked.ts'
import type { AuthorisationUse, ConfirmAnswer, ConfirmCodeSent, ConfirmView } from './contract.ts'
import {
  findMagistrate,
  findNamed,
  listChiefMails,
  listUses,
  type MagistrateRow,
  type UseRow,
} from './store.ts'

// A magistrate needs no account: the code sent to the address in the scheme's list proves who answers. The link alone, which may
// be forwarded, shows nothing.

export type ConfirmDeps = Pick<
  Deps,
  'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'mailer' | 'live' | 'config'
>

/** Minutes for which a magistrate can read and answer without another code. */
const KEY_MINUTES = 30

/**
 * Sends a one-time code to the magistrate whom an authorisation names: by SMS, or by mail to those without a mobile.
 * @throws AppError `not_found`, `rate_limited`
 */
export function sendConfirmCode(
  deps: ConfirmDeps,
  caller: { readonly address: string },
  schemeId: string,
  id: string,
): Promise<ConfirmCodeSent> {
  return inScheme(deps.db, schemeId, async (tx) => {
    const { magistrate, scheme } = await getNamed(tx, schemeId, id)
    const { phone, mail } = magistrate
    const to = phone ?? mail
    if (to === null) throw new AppError('not_found')
    const { turn, ...code } = await openCode(tx, deps, {
      schemeId,
      purpose: 'authorisation',
      subject: id,
      phone: to,
      address: caller.address,
      isWanted: true,
    })
    const values = { scheme: scheme.name, code: CODE_PLACE, minutes: CODE_MINUTES }
    await writeMessages(tx, deps, schemeId, {
      sms:
        phone === null
          ? []
          : [
              {
                to: phone,
                template: 'authorisation.sms.code',
                values,
                code,
                validUntil: code.expiresAt,
                createdBy: 'code:authorisation',
              },
            ],
      mails: phone === null ? [{ to: mail, template: 'mail.authorisation.code', values, code }] : [],
    })
    return phone === null
      ? { channel: 'mail', to: maskMail(to), turn }
      : { channel: 'sms', to: maskPhone(to), turn }
  })
}

function maskMail(mail: string): string {
  return mail.replace(/^(.).*(?=@)/u, '$1…')
}

/**
 * Opens the uses of a magistrate's name with the code.
 * @throws AppError `not_found`; `code_wrong`, without the reason
 */
export async function openConfirmation(
  deps: ConfirmDeps,
  schemeId: string,
  id: string,
  { code }: { readonly code: string },
): Promise<ConfirmView> {
  // A wrong code counts as an attempt: the transaction commits before the request is refused.
  const { view, alertId } = await inScheme(deps.db, schemeId, async (tx) => {
    const { magistrate, asked } = await getNamed(tx, schemeId, id)
    const phone = magistrate.phone ?? magistrate.mail ?? ''
    const answer = { schemeId, purpose: 'authorisation', subject: id, phone, digits: code } as const
    if (!(await checkCode(tx, deps, answer))) return {}
    if (asked !== undefined) await markCallOpened(tx, schemeId, id, deps.now())
    return { view: await readView(tx, deps, schemeId, id), alertId: asked?.alertId }
  })
  if (view === undefined)
    throw new AppError('code_wrong', { problems: [{ code: 'code_wrong', path: 'code' }] })
  // The operator sees that the page was opened.
  if (alertId !== undefined) deps.live.publish({ type: 'alert', schemeId, alertId })
  return view
}

/** Reads the same again with the key. @throws AppError `not_found`; `code_wrong` when the key has expired */
export function readConfirmation(
  deps: ConfirmDeps,
  schemeId: string,
  id: string,
  { key }: { readonly key: string },
): Promise<ConfirmView> {
  return inScheme(deps.db, schemeId, async (tx) => {
    await requireKey(tx, deps, schemeId, id, key)
    return readView(tx, deps, schemeId, id)
  })
}

/**
 * Records that the magistrate confirms or denies an authorisation under their name. A denial marks the alert, makes the
 * authorisation void and notifies the chiefs at once; nothing stops by itself. The first answer stands.
 * @throws AppError `not_found`; `code_wrong` when the key has expired; `already_decided`
 */
export async function answerConfirmation(
  deps: ConfirmDeps,
  schemeId: string,
  id: string,
  { key, authorisationId, answer, note }: ConfirmAnswer,
): Promise<ConfirmView> {
  const at = deps.now()
  const { view, alertId } = await inScheme(deps.db, schemeId, async (tx) => {
    const magistrate = await requireKey(tx, deps, schemeId, id, key)
    const use = (await listUses(tx, schemeId, magistrate)).find((one) => one.id === authorisationId)
    if (use === undefined) throw new AppError('not_found')
    const { numUpdatedRows } = await tx
      .updateTable('authorisations')
      .set({ confirmation: answer, answeredAt: at, answerNote: note === '' ? null : note })
      .where('schemeId', '=', schemeId)
      .where('id', '=', authorisationId)
      .where('confirmation', '=', 'pending')
      .executeTakeFirst()
    if (numUpdatedRows === 0n) throw new AppError('already_decided')
    if (answer === 'denied') await denyUse(tx, deps, schemeId, { use, magistrate, at })
    await recordAlertEvent(tx, schemeId, use.alertId, {
      at,
      kind: answer === 'denied' ? 'authorisation_denied' : 'authorisation_confirmed',
      by: magistrate.name,
      ...(note !== '' && { reason: note }),
      details: { recordedBy: use.recordedBy },
    })
    await recordAudit(tx, schemeId, at, {
      actor: `magistrate:${magistrate.id}`,
      action: answer === 'denied' ? 'authorisation.deny' : 'authorisation.confirm',
      subject: `alert:${use.alertId}`,
      details: { authorisation: authorisationId },
    })
    return { view: await readView(tx, deps, schemeId, id), alertId: use.alertId }
  })
  deps.live.publish({ type: 'alert', schemeId, alertId })
  return view
}

async function denyUse(
  tx: Tx,
  deps: ConfirmDeps,
  schemeId: string,
  { use, magistrate, at }: { readonly use: UseRow; readonly magistrate: MagistrateRow; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable('authorisations')
    .set({ voidAt: at, voidWhy: 'denied' })
    .where('schemeId', '=', schemeId)
    .where('id', '=', use.id)
    .where('voidAt', 'is', null)
    .execute()
  const chiefs = await listChiefMails(tx)
  const link = publicAddress(deps.config, `/alertes/${use.alertId}`)
  const left = use.sentAt === null ? 'no' : 'yes'
  await writeMessages(tx, deps, schemeId, {
    mails: chiefs.map((to) => ({
      to,
      template: 'mail.authorisation.denied' as const,
      values: { magistrate: magistrate.name, reference: use.reference, by: use.recordedBy, left },
      link,
    })),
  })
}

/**
 * Notifies the magistrate that another person recorded their authorisation, by SMS and mail with the link to confirm or deny it.
 */
export async function notifyMagistrate(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>,
  of: {
    readonly schemeId: string
    readonly authorisationId: string
    readonly reference: string
    readonly by: string
    readonly magistrate: MagistrateRow
  },
): Promise<void> {
  const { schemeId, authorisationId, magistrate } = of
  const scheme = await findScheme(tx, schemeId)
  const link = publicAddress(deps.config, `/parquet/${schemeId}/${authorisationId}`)
  const values = { scheme: scheme?.name ?? '', reference: of.reference, by: of.by, link }
  await writeMessages(tx, deps, schemeId, {
    sms:
      magistrate.phone === null
        ? []
        : [
            {
              to: magistrate.phone,
              template: 'authorisation.sms.used',
              values,
              validUntil: new Date(deps.now().getTime() + SMS_VALID_MS),
              createdBy: `authorisation:${authorisationId}`,
              lane: 'vital',
            },
          ],
    mails: [
      {
        to: magistrate.mail,
        template: 'mail.authorisation.used',
        values,
        link,
      },
    ],
  })
}

/** An SMS about an authorisation is of use as long as the alert may be running. */
const SMS_VALID_MS = 12 * 3_600_000

/** The magistrate in a link: named by an authorisation, or asked for one. */
async function getNamed(tx: Tx, schemeId: string, id: string) {
  const scheme = await findScheme(tx, schemeId)
  const asked = scheme && (await findAsked(tx, schemeId, id))
  const magistrate =
    asked === undefined
      ? scheme && (await findNamed(tx, schemeId, id))
      : await findMagistrate(tx, schemeId, asked.personId)
  if (scheme === undefined || magistrate === undefined) throw new AppError('not_found')
  return { scheme, magistrate, asked }
}

const accessOf = (schemeId: string, magistrateId: string) => `authorisation:${schemeId}:${magistrateId}`

/** @throws AppError `not_found`; `code_wrong` when the key has expired */
export async function requireKey(
  tx: Tx,
  deps: ConfirmDeps,
  schemeId: string,
  id: string,
  key: string,
): Promise<MagistrateRow> {
  const { magistrate } = await getNamed(tx, schemeId, id)
  if (!checkAccessKey(deps, accessOf(schemeId, magistrate.id), key)) throw new AppError('code_wrong')
  return magistrate
}

/** Reads the page of a magistrate. */
export async function readView(
  tx: Tx,
  deps: ConfirmDeps,
  schemeId: string,
  id: string,
): Promise<ConfirmView> {
  const { scheme, magistrate, asked } = await getNamed(tx, schemeId, id)
  const uses = await listUses(tx, schemeId, magistrate)
  const until = new Date(deps.now().getTime() + KEY_MINUTES * 60_000)
  return {
    key: createAccessKey(deps, accessOf(schemeId, magistrate.id), until),
    scheme: scheme.name,
    timeZone: scheme.timeZone,
    magistrate: magistrate.name,
    service: magistrate.service,
    authorisationId: asked === undefined ? id : null,
    asked: asked === undefined ? null : await askedViewOf(tx, deps, schemeId, asked),
    uses: uses.map(toUse),
  }
}

function toUse(row: UseRow): AuthorisationUse {
  // The alert stores its latest text only, not the one that was authorised before a change.
  const isChanged = row.voidWhy === 'changed' || row.voidWhy === 'replaced'
  return {
    id: row.id,
    reference: row.reference,
    category: { fr: row.categoryFr, en: row.categoryEn },
    commune: row.commune,
    occurredAt: row.occurredAt.toISOString(),
    text: isChanged ? null : row.text,
    area: row.area,
    recipients: row.planned,
    sentAt: row.sentAt?.toISOString() ?? null,
    scope: row.scope,
    givenAt: row.givenAt.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
    recordedBy: row.recordedBy,
    confirmation: row.confirmation,
    answeredAt: row.answeredAt?.toISOString() ?? null,
  }
}
