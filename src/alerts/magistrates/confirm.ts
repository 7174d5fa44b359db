import { recordAudit } from '../../audit/record.ts'
import { markForSealing } from '../../cipher/marked.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { checkAccessKey, createAccessKey } from '../../identity/access-keys.ts'
import { CODE_MINUTES, checkCode, openCode } from '../../identity/codes/codes.ts'
import { maskPhone } from '../../members/rules.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { CODE_PLACE } from '../../message/code.ts'
import { markCallOpened } from '../../on-call/store.ts'
import { writeMessages } from '../../outbox/actions.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { publicAddress } from '../../platform/address.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { SchemeView } from '../../schemes/contract.ts'
import { findScheme } from '../../schemes/store.ts'
import type { Area } from '../../territory/contract.ts'
import { readTerritoryMap } from '../../territory/map/map.ts'
import { type AreaContext, resolveArea } from '../../territory/store/areas.ts'
import { countAudience } from '../audience/audience-count.ts'
import { careFor } from '../audience/care.ts'
import { countSolicitations } from '../audience/solicitations.ts'
import { getAlertRow } from '../compose/draft.ts'
import { recordAlertEvent } from '../order/events.ts'
import {
  type AuthorisationRequestRow,
  authorisationRequestViewOf,
  findAuthorisationRequest,
} from './asked.ts'
import type { AuthorisationUse, ConfirmAnswer, ConfirmCodeSent, ConfirmView, OwnUses } from './contract.ts'
import {
  findMagistrate,
  findNamed,
  listChiefContacts,
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
    const { magistrate, scheme, request } = await getNamed(tx, schemeId, id)
    // An exercise reaches nobody for real: its code goes to the simulated phone, and no mail is sent.
    const exercise = request?.exercise === true
    const phone = magistrate.phone
    const mail = exercise ? null : magistrate.mail
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
                simulated: exercise,
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
    const { magistrate, request } = await getNamed(tx, schemeId, id)
    const phone = magistrate.phone ?? magistrate.mail ?? ''
    const answer = { schemeId, purpose: 'authorisation', subject: id, phone, digits: code } as const
    if (!(await checkCode(tx, deps, answer))) return {}
    if (request !== undefined) await markCallOpened(tx, schemeId, id, deps.now())
    return { view: await readView(tx, deps, schemeId, id), alertId: request?.alertId }
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
      .set({ confirmation: answer, answeredAt: at })
      .set({ answerNote: markForSealing(schemeId, 'authorisation', note === '' ? null : note) })
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
  const chiefs = await listChiefContacts(tx, schemeId)
  const link = publicAddress(deps.config, `/alertes/${use.alertId}`)
  const left = use.sentAt === null ? 'no' : 'yes'
  const scheme = await findScheme(tx, schemeId)
  const values = { magistrate: magistrate.name, reference: use.reference, by: use.recordedBy, left }
  await writeMessages(tx, deps, schemeId, {
    sms: chiefs.flatMap(({ phone }) =>
      phone === null
        ? []
        : [
            {
              to: phone,
              template: 'authorisation.sms.denied' as const,
              values: { ...values, scheme: scheme?.name ?? '', link },
              validUntil: new Date(at.getTime() + SMS_VALID_MS),
              createdBy: `authorisation:${use.id}`,
              lane: 'vital' as const,
            },
          ],
    ),
    mails: chiefs.flatMap(({ mail }) =>
      mail === null ? [] : [{ to: mail, template: 'mail.authorisation.denied' as const, values, link }],
    ),
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
const SMS_VALID_MS = 12 * HOUR_MS

/** The magistrate in a link: named by an authorisation, or requested from them. */
async function getNamed(tx: Tx, schemeId: string, id: string) {
  const scheme = await findScheme(tx, schemeId)
  const request = scheme && (await findAuthorisationRequest(tx, schemeId, id))
  const magistrate =
    request === undefined
      ? scheme && (await findNamed(tx, schemeId, id))
      : await findMagistrate(tx, schemeId, request.personId)
  if (scheme === undefined || magistrate === undefined) throw new AppError('not_found')
  return { scheme, magistrate, request }
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
  const { scheme, magistrate, request } = await getNamed(tx, schemeId, id)
  const uses = await listUses(tx, schemeId, magistrate)
  const named = uses.find((use) => use.id === id)
  const context = { schemeId, territory: scheme.territory }
  const counted = named && (await countUse(tx, deps, named, { scheme, context }))
  const until = new Date(deps.now().getTime() + KEY_MINUTES * 60_000)
  return {
    key: createAccessKey(deps, accessOf(schemeId, magistrate.id), until),
    scheme: scheme.name,
    timeZone: scheme.timeZone,
    magistrate: magistrate.name,
    service: magistrate.service,
    authorisationId: request === undefined ? id : null,
    asked: request === undefined ? null : await authorisationRequestViewOf(tx, deps, schemeId, request),
    communes: counted?.communes ?? (request === undefined ? [] : await communesAsked(tx, context, request)),
    map: await readTerritoryMap(tx, schemeId),
    uses: uses.map((use) => toUse(use, use === named ? counted?.audience : undefined)),
  }
}

/**
 * Counts who would get the message of an authorisation if it were sent now, and lists the communes of its area. For a message that
 * was sent, the planned recipients are counted; for a follow-up, those of the first message.
 */
async function countUse(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  use: UseRow,
  {
    scheme: { doctrine, timeZone },
    context,
  }: { readonly scheme: Pick<SchemeView, 'doctrine' | 'timeZone'>; readonly context: AreaContext },
): Promise<{ readonly audience: AuthorisationUse['audience']; readonly communes: string[] }> {
  const area = use.alertedArea
  const { communes } = await resolveKnown(tx, context, area)
  const codes = communes.map(({ code }) => code)
  if (use.sentAt !== null || use.firstPlanned !== null || isVoidText(use) || codes.length === 0) {
    return { audience: audienceOf(use), communes: codes }
  }
  const care = careFor(doctrine.care, use.severity, { now: deps.now(), timeZone })
  await countSolicitations(tx, context.schemeId, care)
  const { sms, members } = await countAudience(tx, { area, trades: use.trades }, context, care)
  return { audience: { sms, members }, communes: codes }
}

/** Lists the communes of the alert about which an authorisation is requested. */
async function communesAsked(
  tx: Tx,
  context: AreaContext,
  { alertId }: AuthorisationRequestRow,
): Promise<string[]> {
  const { area } = await getAlertRow(tx, context.schemeId, alertId)
  return (await resolveKnown(tx, context, area)).communes.map(({ code }) => code)
}

/** Resolves an area; without the names that no longer exist, such as a removed sector. */
async function resolveKnown(tx: Tx, context: AreaContext, area: Area) {
  try {
    return await resolveArea(tx, context, area)
  } catch (error) {
    if (error instanceof AppError) return { communes: [] }
    throw error
  }
}

const isVoidText = ({ voidWhy }: UseRow) => voidWhy === 'changed' || voidWhy === 'replaced'

/** Returns the planned recipients of a message; of a follow-up that has not left, those of the first message. */
function audienceOf({ planned, firstPlanned }: UseRow): AuthorisationUse['audience'] {
  const sms = planned ?? firstPlanned
  return sms === null ? null : { sms, members: null }
}

/** Lists every use of the signed-in magistrate's name. @throws AppError `forbidden` */
export async function listOwnUses(deps: Pick<Deps, 'db'>, actor: Actor, schemeId: string): Promise<OwnUses> {
  authorize(actor, 'authorisation.own', schemeId)
  if (actor.kind !== 'user') throw new AppError('forbidden')
  const { userId, name } = actor
  return inScheme(deps.db, schemeId, async (tx) => {
    const listed = await findMagistrate(tx, schemeId, userId)
    const uses = await listUses(tx, schemeId, { id: listed?.id ?? userId, userId, name })
    return { uses: uses.map((use) => ({ ...toUse(use), alertId: use.alertId })) }
  })
}

function toUse(row: UseRow, counted?: AuthorisationUse['audience']): AuthorisationUse {
  // The alert stores its latest text only, not the one that was authorised before a change.
  const isChanged = isVoidText(row)
  return {
    id: row.id,
    reference: row.reference,
    category: { fr: row.categoryFr, en: row.categoryEn },
    commune: row.commune,
    occurredAt: row.occurredAt.toISOString(),
    text: isChanged ? null : row.text,
    area: row.area,
    audience: counted ?? audienceOf(row),
    sentAt: row.sentAt?.toISOString() ?? null,
    scope: row.scope,
    givenAt: row.givenAt.toISOString(),
    recordedAt: row.recordedAt.toISOString(),
    recordedBy: row.recordedBy,
    confirmation: row.confirmation,
    answeredAt: row.answeredAt?.toISOString() ?? null,
  }
}
