import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Updateable } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { findCurrentFee } from '../dues/store.ts'
import { AppError, type Problem } from '../errors.ts'
import type { Lang } from '../i18n/format.ts'
import { CODE_MINUTES, checkCode, findTurn } from '../identity/codes/codes.ts'
import { hashToken } from '../identity/tokens.ts'
import { countActiveMembers } from '../members/counts.ts'
import { isMobile } from '../members/rules.ts'
import { yearIn } from '../message/clock.ts'
import { CODE_PLACE } from '../message/code.ts'
import { requestCode } from '../outbox/actions.ts'
import { findTimeZone } from '../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { Schema } from '../schema.ts'
import { findDestinations } from '../schemes/settings/destinations.ts'
import type { SchemeWithChamber } from '../schemes/store.ts'
import { searchName } from '../territory/places/spelling.ts'
import { approveByRule } from './approve.ts'
import { currentCharter } from './charter.ts'
import { readContact } from './contact.ts'
import type {
  BusinessStep,
  CharterStep,
  CodeStep,
  ContactStep,
  OwnEnrolmentView,
  PublicSchemeView,
} from './contract.ts'
import { findCommune, getEnrolmentScheme, queryRegister } from './lookup.ts'
import { mailSubmitted } from './mails.ts'
import type { RegisteredBusiness } from './registry.ts'
import { checkBusiness, checkContact, checkSignature } from './rules.ts'
import { type EnrolmentRow, findEnrolment, insertSignature } from './store.ts'
import { schemeTrades } from './trades.ts'

// The steps of an applicant, without an account. They need no permission: the key that the applicant's browser holds opens
// that one enrolment only.

/** The key that a browser holds for the enrolment that it started. */
export interface EnrolmentKey {
  readonly id: string
  readonly token: string
}

/** The applicant's browser. */
interface ApplyCaller {
  readonly address: string
  /** The language of its page; French by default. */
  readonly lang?: Lang
}

type ApplyDeps = Pick<
  Deps,
  'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'companies' | 'log' | 'config' | 'mailer'
>

const findCharterOf = (tx: Tx, scheme: SchemeWithChamber, now: Date) =>
  currentCharter(tx, scheme.id, { scheme: scheme.name, chamber: scheme.chamber }, now)

/** Returns the public data of a scheme. @throws AppError `unknown_scheme` */
export function getPublicScheme(deps: Pick<Deps, 'db' | 'now'>, schemeId: string): Promise<PublicSchemeView> {
  return inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await getEnrolmentScheme(tx, schemeId)
    const { version, text } = await findCharterOf(tx, scheme, deps.now())
    const timeZone = await findTimeZone(tx, schemeId)
    const contact = await readContact(tx, schemeId)
    return {
      id: scheme.id,
      name: scheme.name,
      trades: schemeTrades(scheme),
      chamber: scheme.chamber,
      contact: contact.chamber,
      dpo: contact.dpo,
      members: await countActiveMembers(tx, schemeId, {}),
      timeZone,
      fee: await findCurrentFee(tx, schemeId, yearIn(timeZone, deps.now())),
      sender: scheme.sender,
      charter: { version, text },
    }
  })
}

/**
 * First step: starts an enrolment, or corrects the one that the key opens.
 * @param lang the language of the page, in which the applicant is written to
 * @returns the key of a new enrolment; undefined if the existing key stays valid
 * @throws AppError `invalid_input` with every problem, `unknown_scheme`, `enrolment_closed`
 */
export async function enterBusiness(
  deps: ApplyDeps,
  schemeId: string,
  key: EnrolmentKey | undefined,
  step: BusinessStep,
  lang: Lang = 'fr',
): Promise<{ readonly enrolment: OwnEnrolmentView; readonly key: EnrolmentKey | undefined }> {
  const scheme = await inScheme(deps.db, schemeId, (tx) => getEnrolmentScheme(tx, schemeId))
  const { business, problems } = checkBusiness(step, scheme.trades)
  // The register is queried before the transaction: it may take seconds, and the embedded database has one connection.
  const answer = business.siret === null ? undefined : await queryRegister(deps, business.siret)
  if (answer?.kind === 'closed') problems.push({ code: 'enrolment.closed', path: 'siret' })
  const registered = answer?.kind === 'open' ? answer.business : undefined
  const now = deps.now()
  const token = randomBytes(24).toString('base64url')
  return inScheme(deps.db, schemeId, async (tx) => {
    problems.push(...(await communeProblems(tx, scheme, business.communeCode)))
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    const fields = {
      ...business,
      searchName: searchName(business.name),
      ...registeredFields(registered, business.communeCode),
      touchedAt: now,
      lang,
    }
    const known = key === undefined ? undefined : await findByKey(tx, schemeId, key, { lock: true })
    if (known !== undefined && known.state === 'draft') {
      await updateDraft(tx, schemeId, known.id, fields)
      return { enrolment: await getOwnView(tx, schemeId, known.id), key: undefined }
    }
    const id = deps.newId()
    await tx
      .insertInto('enrolments')
      .values({ schemeId, id, state: 'draft', tokenHash: hashToken(token), createdAt: now, ...fields })
      .execute()
    return { enrolment: await getOwnView(tx, schemeId, id), key: { id, token } }
  })
}

async function communeProblems(
  tx: Tx,
  { territory }: Awaited<ReturnType<typeof getEnrolmentScheme>>,
  code: string,
): Promise<Problem[]> {
  if (code === '') return []
  const commune = await findCommune(tx, territory, code)
  if (commune === undefined) return [{ code: 'unknown_commune', path: 'commune', values: { code } }]
  return commune.inside ? [] : [{ code: 'enrolment.outside', path: 'commune', values: { code } }]
}

/** Returns what an enrolment takes from the register: the place only when it is in the commune that the applicant gave. */
function registeredFields(registered: RegisteredBusiness | undefined, communeCode: string) {
  const verified = registered?.communeCode === communeCode
  const place = verified ? registered : undefined
  return {
    // Kept whatever trade was chosen: a bar that sells tobacco joins as a tobacconist.
    naf: registered?.naf ?? null,
    naf2025: registered?.naf2025 ?? null,
    verified,
    postalCode: place?.postalCode ?? null,
    latitude: place?.point?.latitude ?? null,
    longitude: place?.point?.longitude ?? null,
  }
}

/**
 * Second step: stores the person and the mobile. A code is sent to any number that is not confirmed, whether or not a member
 * has it.
 * @throws AppError `invalid_input`, `rate_limited` if the caller's address requested too many codes, `not_found` without a
 * key that opens an enrolment, `enrolment_closed`
 */
export async function enterContact(
  deps: ApplyDeps,
  caller: ApplyCaller,
  schemeId: string,
  key: EnrolmentKey | undefined,
  step: ContactStep,
): Promise<OwnEnrolmentView> {
  const { contact, problems } = checkContact(step)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return inScheme(deps.db, schemeId, async (tx) => {
    const known = await getDraft(tx, schemeId, key)
    const isConfirmed = known.mobile === contact.mobile && known.mobileConfirmedAt !== null
    await updateDraft(tx, schemeId, known.id, {
      ...contact,
      mobileConfirmedAt: isConfirmed ? known.mobileConfirmedAt : null,
      touchedAt: deps.now(),
      lang: caller.lang ?? 'fr',
    })
    if (!isConfirmed)
      await sendCode(tx, deps, caller, schemeId, { enrolmentId: known.id, phone: contact.mobile })
    return getOwnView(tx, schemeId, known.id)
  })
}

/**
 * Sends another code.
 * @throws AppError as `enterContact`; `enrolment_incomplete` before the second step
 */
export async function sendCodeAgain(
  deps: ApplyDeps,
  caller: ApplyCaller,
  schemeId: string,
  key: EnrolmentKey | undefined,
): Promise<OwnEnrolmentView> {
  return inScheme(deps.db, schemeId, async (tx) => {
    const known = await getDraft(tx, schemeId, key)
    if (known.mobile === null) throw new AppError('enrolment_incomplete')
    if (known.mobileConfirmedAt === null)
      await sendCode(tx, deps, caller, schemeId, { enrolmentId: known.id, phone: known.mobile })
    return getOwnView(tx, schemeId, known.id)
  })
}

async function sendCode(
  tx: Tx,
  deps: ApplyDeps,
  caller: ApplyCaller,
  schemeId: string,
  { enrolmentId, phone }: { readonly enrolmentId: string; readonly phone: string },
): Promise<void> {
  const scheme = await getEnrolmentScheme(tx, schemeId)
  await requestCode(tx, deps, {
    schemeId,
    purpose: 'enrolment',
    subject: enrolmentId,
    phone,
    address: caller.address,
    destinations: await findDestinations(tx, schemeId),
    template: 'enrolment.sms.code',
    values: { scheme: scheme.name, code: CODE_PLACE, minutes: CODE_MINUTES },
    isWanted: isMobile(phone),
    lang: caller.lang ?? 'fr',
  })
}

/**
 * Confirms the mobile with a code.
 * @throws AppError `code_wrong`, without the reason; `not_found`, `enrolment_closed`, `enrolment_incomplete`
 */
export async function confirmPhone(
  deps: Pick<Deps, 'db' | 'now' | 'secret'>,
  schemeId: string,
  key: EnrolmentKey | undefined,
  { code }: CodeStep,
): Promise<OwnEnrolmentView> {
  // A wrong code counts as an attempt: the transaction commits before the request is refused.
  const enrolment = await inScheme(deps.db, schemeId, async (tx) => {
    const known = await getDraft(tx, schemeId, key)
    const { id, mobile } = known
    if (mobile === null) throw new AppError('enrolment_incomplete')
    if (known.mobileConfirmedAt === null) {
      const answer = { schemeId, purpose: 'enrolment', subject: id, phone: mobile, digits: code } as const
      if (!(await checkCode(tx, deps, answer))) return undefined
      await updateDraft(tx, schemeId, id, { mobileConfirmedAt: deps.now(), touchedAt: deps.now() })
    }
    return getOwnView(tx, schemeId, id)
  })
  if (enrolment !== undefined) return enrolment
  throw new AppError('code_wrong', { problems: [{ code: 'code_wrong', path: 'code' }] })
}

/**
 * Third step: signs the charter and submits the request; it is approved at once if the scheme's rule says so.
 * @throws AppError `invalid_input`, `charter_changed` if a newer version was published since it was read,
 * `enrolment_incomplete` before the number is confirmed, `not_found`, `enrolment_closed`
 */
export async function signCharter(
  deps: ApplyDeps,
  schemeId: string,
  key: EnrolmentKey | undefined,
  step: CharterStep,
  lang: Lang = 'fr',
): Promise<OwnEnrolmentView> {
  const { name, problems } = checkSignature(step)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const known = await getDraft(tx, schemeId, key)
    const { id, mobile, mobileConfirmedAt } = known
    if (mobile === null || mobileConfirmedAt === null) throw new AppError('enrolment_incomplete')
    const scheme = await getEnrolmentScheme(tx, schemeId)
    const charter = await findCharterOf(tx, scheme, now)
    if (charter.version !== step.version) throw new AppError('charter_changed')
    await insertSignature(tx, {
      schemeId,
      id,
      enrolmentId: id,
      version: charter.version,
      sha256: charter.sha256,
      signedName: name,
      mobile,
      signedAt: now,
    })
    await updateDraft(tx, schemeId, id, { state: 'submitted', submittedAt: now, touchedAt: now, lang })
    await recordAudit(tx, schemeId, now, {
      actor: `enrolment:${id}`,
      action: 'enrolment.submit',
      subject: `enrolment:${id}`,
      details: { charter: charter.version, sha256: charter.sha256, verified: known.verified },
    })
    await mailSubmitted(tx, deps, scheme, { ...known, lang }, { charter, by: name, at: now })
    await approveByRule(tx, deps, scheme, id)
    return getOwnView(tx, schemeId, id)
  })
}

/** Returns the enrolment that the key opens; undefined if there is none. */
export async function getOwnEnrolment(
  deps: Pick<Deps, 'db'>,
  schemeId: string,
  key: EnrolmentKey | undefined,
): Promise<OwnEnrolmentView | undefined> {
  if (key === undefined) return undefined
  return inScheme(deps.db, schemeId, async (tx) => {
    const known = await findByKey(tx, schemeId, key)
    return known && toOwnView(tx, known)
  })
}

/** Deletes an enrolment that was not submitted. */
export async function forgetEnrolment(
  deps: Pick<Deps, 'db'>,
  schemeId: string,
  key: EnrolmentKey | undefined,
): Promise<void> {
  if (key === undefined) return
  await inScheme(deps.db, schemeId, async (tx) => {
    const known = await findByKey(tx, schemeId, key, { lock: true })
    if (known?.state !== 'draft') return
    await tx.deleteFrom('enrolments').where('schemeId', '=', schemeId).where('id', '=', known.id).execute()
  })
}

async function findByKey(
  tx: Tx,
  schemeId: string,
  key: EnrolmentKey,
  options: { readonly lock?: boolean } = {},
): Promise<EnrolmentRow | undefined> {
  const row = await findEnrolment(tx, schemeId, key.id, options)
  if (row === undefined) return undefined
  const isOwn = timingSafeEqual(Buffer.from(row.tokenHash), Buffer.from(hashToken(key.token)))
  return isOwn ? row : undefined
}

async function getDraft(tx: Tx, schemeId: string, key: EnrolmentKey | undefined): Promise<EnrolmentRow> {
  const known = key === undefined ? undefined : await findByKey(tx, schemeId, key, { lock: true })
  if (known === undefined) throw new AppError('enrolment_lost')
  if (known.state !== 'draft') throw new AppError('enrolment_closed')
  return known
}

async function updateDraft(
  tx: Tx,
  schemeId: string,
  id: string,
  fields: Updateable<Schema['enrolments']>,
): Promise<void> {
  await tx
    .updateTable('enrolments')
    .set(fields)
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

async function getOwnView(tx: Tx, schemeId: string, id: string): Promise<OwnEnrolmentView> {
  const row = await findEnrolment(tx, schemeId, id)
  if (row === undefined) throw new AppError('enrolment_lost')
  return toOwnView(tx, row)
}

async function toOwnView(tx: Tx, row: EnrolmentRow): Promise<OwnEnrolmentView> {
  const { schemeId, id, person, mobile, state } = row
  const isConfirmed = row.mobileConfirmedAt !== null
  const isWaiting = state === 'draft' && mobile !== null && !isConfirmed
  return {
    state,
    step: state !== 'draft' ? 'done' : mobile === null ? 'contact' : isConfirmed ? 'charter' : 'code',
    business: {
      siret: row.siret,
      name: row.name,
      trade: row.trade,
      commune: { code: row.communeCode, name: row.communeName },
      address: row.address,
    },
    contact:
      person === null || mobile === null
        ? null
        : { person, phone: mobile, mail: row.mail, confirmed: isConfirmed },
    submittedAt: row.submittedAt?.toISOString() ?? null,
    turn: isWaiting ? ((await findTurn(tx, { schemeId, purpose: 'enrolment', subject: id })) ?? null) : null,
    getsAlerts: await memberGetsAlerts(tx, row),
    reason: row.reason,
  }
}

async function memberGetsAlerts(tx: Tx, { schemeId, memberId, mobile }: EnrolmentRow): Promise<boolean> {
  if (memberId === null || mobile === null) return false
  const found = await tx
    .selectFrom('members as m')
    .innerJoin('contacts as c', (on) =>
      on.onRef('c.schemeId', '=', 'm.schemeId').onRef('c.memberId', '=', 'm.id'),
    )
    .select('c.id')
    .where('m.schemeId', '=', schemeId)
    .where('m.id', '=', memberId)
    .where('m.status', '=', 'active')
    .where('c.mobile', '=', mobile)
    .where('c.sms', '=', true)
    .executeTakeFirst()
  return found !== undefined
}
