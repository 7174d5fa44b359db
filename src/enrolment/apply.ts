import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Updateable } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { findCurrentFee } from '../dues/store.ts'
import { AppError, type Problem } from '../errors.ts'
import { say } from '../i18n/say.ts'
import { CODE_MINUTES, checkCode, findTurn, requestCode } from '../identity/codes.ts'
import { isMobile, parseSiret } from '../members/rules.ts'
import { CODE_PLACE } from '../message/code.ts'
import { dayInParis } from '../platform/day.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { Schema } from '../schema.ts'
import { findSchemeWithChamber, inNamedArea, type SchemeWithChamber } from '../schemes/store.ts'
import { tradeOfNaf } from '../schemes/trades.ts'
import type { Area } from '../territory/contract.ts'
import { searchName } from '../territory/rules.ts'
import { approveByRule } from './approve.ts'
import { currentCharter } from './charter.ts'
import type {
  BusinessLookup,
  BusinessStep,
  CharterStep,
  CodeStep,
  ContactStep,
  OwnEnrolmentView,
  PublicSchemeView,
} from './contract.ts'
import { mailSubmitted } from './mails.ts'
import type { RegisteredBusiness, RegistryAnswer } from './registry.ts'
import { checkBusiness, checkContact, checkSignature } from './rules.ts'
import { countActiveMembers, type EnrolmentRow, findEnrolment } from './store.ts'
import { schemeTrades } from './trades.ts'

// What whoever wants to join does, without an account. No permission is asked: what opens an enrolment is the key that
// its browser holds, and it opens that one alone.

/** What a browser holds of the enrolment that it began. */
export interface EnrolmentKey {
  readonly id: string
  readonly token: string
}

type ApplyDeps = Pick<
  Deps,
  'db' | 'now' | 'newId' | 'jobs' | 'secret' | 'companies' | 'log' | 'config' | 'mailer'
>

async function getEnrolmentScheme(tx: Tx, schemeId: string): Promise<SchemeWithChamber> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return scheme
}

const charterOf = (tx: Tx, scheme: SchemeWithChamber, now: Date) =>
  currentCharter(tx, scheme.id, { scheme: scheme.name, chamber: scheme.chamber }, now)

/** @throws AppError `unknown_scheme` */
export function getPublicScheme(deps: Pick<Deps, 'db' | 'now'>, schemeId: string): Promise<PublicSchemeView> {
  return inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await getEnrolmentScheme(tx, schemeId)
    const { version, text } = await charterOf(tx, scheme, deps.now())
    return {
      id: scheme.id,
      name: scheme.name,
      trades: schemeTrades(scheme.trades),
      chamber: scheme.chamber,
      members: await countActiveMembers(tx, schemeId),
      fee: await findCurrentFee(tx, schemeId, Number(dayInParis(deps.now()).slice(0, 4))),
      sender: scheme.sender,
      charter: { version, text },
    }
  })
}

/**
 * What the State's register says of a SIRET. Whether it is a member already is not told.
 * @throws AppError `unknown_scheme`, `invalid_input` for what is no SIRET
 */
export async function lookUpBusiness(
  deps: Pick<Deps, 'db' | 'companies' | 'log'>,
  schemeId: string,
  typed: string,
): Promise<BusinessLookup> {
  const checked = parseSiret(typed)
  if ('problem' in checked) {
    throw new AppError('invalid_input', { problems: [{ code: checked.problem, path: 'siret' }] })
  }
  const siret = checked.value
  const { territory, trades } = await inScheme(deps.db, schemeId, (tx) => getEnrolmentScheme(tx, schemeId))
  const answer = await ask(deps, siret)
  if (answer.kind !== 'open') {
    return { outcome: answer.kind, siret, business: null }
  }
  const { business } = answer
  const commune = await inScheme(deps.db, schemeId, (tx) => findCommune(tx, territory, business.communeCode))
  const trade = business.naf === null ? undefined : tradeOfNaf(business.naf)
  return {
    outcome: 'found',
    siret,
    business: {
      name: business.name,
      trade: trade !== undefined && trades.includes(trade) ? trade : null,
      commune: commune?.inside === true ? { code: commune.code, name: commune.name } : null,
      outside: business.communeCode !== null && commune?.inside !== true,
      address: business.address,
    },
  }
}

/** The register's answer; `unreachable` when it does not give any: nobody is kept from joining by that. */
async function ask(
  deps: Pick<Deps, 'companies' | 'log'>,
  siret: string,
): Promise<RegistryAnswer | { readonly kind: 'unreachable' }> {
  try {
    return await deps.companies.find(siret)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'source_unreachable') throw error
    deps.log.warn({ source: deps.companies.name }, 'register of companies unreachable')
    return { kind: 'unreachable' }
  }
}

async function findCommune(tx: Tx, territory: Area, code: string | null) {
  if (code === null) return undefined
  return tx
    .selectFrom('communes')
    .select(['code', 'name'])
    .select(inNamedArea(territory).as('inside'))
    .where('code', '=', code)
    .executeTakeFirst()
}

/**
 * First step: begins an enrolment, or corrects the one that the key opens.
 * @returns the key of a new one; undefined: it goes on under its own
 * @throws AppError `invalid_input` with everything wrong, `unknown_scheme`, `enrolment_closed`
 */
export async function enterBusiness(
  deps: ApplyDeps,
  schemeId: string,
  key: EnrolmentKey | undefined,
  step: BusinessStep,
): Promise<{ readonly enrolment: OwnEnrolmentView; readonly key: EnrolmentKey | undefined }> {
  const scheme = await inScheme(deps.db, schemeId, (tx) => getEnrolmentScheme(tx, schemeId))
  const { business, problems } = checkBusiness(step, scheme.trades)
  // Asked before the transaction: the register may take seconds, and the embedded database has one connection.
  const answer = business.siret === null ? undefined : await ask(deps, business.siret)
  if (answer?.kind === 'closed') problems.push({ code: 'enrolment.closed', path: 'siret' })
  const registered = answer?.kind === 'open' ? answer.business : undefined
  const now = deps.now()
  const token = randomBytes(24).toString('base64url')
  return inScheme(deps.db, schemeId, async (tx) => {
    if (business.communeCode !== '') {
      const commune = await findCommune(tx, scheme.territory, business.communeCode)
      const problem: Problem['code'] | undefined =
        commune === undefined ? 'unknown_commune' : commune.inside ? undefined : 'enrolment.outside'
      if (problem !== undefined)
        problems.push({ code: problem, path: 'commune', values: { code: business.communeCode } })
    }
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    const isSamePlace = registered?.communeCode === business.communeCode
    const fields = {
      ...business,
      searchName: searchName(business.name),
      naf: nafFor(registered, business.trade),
      verified: isSamePlace,
      latitude: (isSamePlace ? registered?.point?.latitude : undefined) ?? null,
      longitude: (isSamePlace ? registered?.point?.longitude : undefined) ?? null,
      touchedAt: now,
    }
    const known = key === undefined ? undefined : await findOwn(tx, schemeId, key, { lock: true })
    if (known !== undefined && known.state === 'draft') {
      await update(tx, schemeId, known.id, fields)
      return { enrolment: await viewOf(tx, schemeId, known.id), key: undefined }
    }
    const id = deps.newId()
    await tx
      .insertInto('enrolments')
      .values({ schemeId, id, state: 'draft', tokenHash: hashOfToken(token), createdAt: now, ...fields })
      .execute()
    return { enrolment: await viewOf(tx, schemeId, id), key: { id, token } }
  })
}

/** The register's activity, unless another trade was chosen. */
function nafFor(registered: RegisteredBusiness | undefined, trade: string): string | null {
  const naf = registered?.naf ?? null
  return naf !== null && tradeOfNaf(naf) === trade ? naf : null
}

/**
 * Second step: who, and on which mobile. A code goes to a number that is not confirmed, whoever has it.
 * @throws AppError `invalid_input`, `rate_limited` when the caller's address asked for too many codes, `not_found`
 * without a key that opens an enrolment, `enrolment_closed`
 */
export async function enterContact(
  deps: ApplyDeps,
  caller: { readonly address: string },
  schemeId: string,
  key: EnrolmentKey | undefined,
  step: ContactStep,
): Promise<OwnEnrolmentView> {
  const { contact, problems } = checkContact(step)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return inScheme(deps.db, schemeId, async (tx) => {
    const known = await getDraft(tx, schemeId, key)
    const isConfirmed = known.mobile === contact.mobile && known.mobileConfirmedAt !== null
    await update(tx, schemeId, known.id, {
      ...contact,
      mobileConfirmedAt: isConfirmed ? known.mobileConfirmedAt : null,
      touchedAt: deps.now(),
    })
    if (!isConfirmed) await sendCode(tx, deps, caller, schemeId, known.id, contact.mobile)
    return viewOf(tx, schemeId, known.id)
  })
}

/**
 * Asks for another code.
 * @throws AppError as `enterContact`; `enrolment_incomplete` before the second step
 */
export async function sendCodeAgain(
  deps: ApplyDeps,
  caller: { readonly address: string },
  schemeId: string,
  key: EnrolmentKey | undefined,
): Promise<OwnEnrolmentView> {
  return inScheme(deps.db, schemeId, async (tx) => {
    const known = await getDraft(tx, schemeId, key)
    if (known.mobile === null) throw new AppError('enrolment_incomplete')
    if (known.mobileConfirmedAt === null) await sendCode(tx, deps, caller, schemeId, known.id, known.mobile)
    return viewOf(tx, schemeId, known.id)
  })
}

async function sendCode(
  tx: Tx,
  deps: ApplyDeps,
  caller: { readonly address: string },
  schemeId: string,
  enrolmentId: string,
  phone: string,
): Promise<void> {
  const scheme = await getEnrolmentScheme(tx, schemeId)
  await requestCode(tx, deps, {
    schemeId,
    purpose: 'enrolment',
    subject: enrolmentId,
    phone,
    address: caller.address,
    text: say('fr', 'enrolment.sms.code', { scheme: scheme.name, code: CODE_PLACE, minutes: CODE_MINUTES }),
    isWanted: isMobile(phone),
  })
}

/**
 * Confirms the number.
 * @throws AppError `code_wrong`, without saying why; `not_found`, `enrolment_closed`, `enrolment_incomplete`
 */
export async function confirmPhone(
  deps: Pick<Deps, 'db' | 'now' | 'secret'>,
  schemeId: string,
  key: EnrolmentKey | undefined,
  { code }: CodeStep,
): Promise<OwnEnrolmentView> {
  // A wrong answer counts as a try: its transaction commits, and the refusal comes after it.
  const enrolment = await inScheme(deps.db, schemeId, async (tx) => {
    const known = await getDraft(tx, schemeId, key)
    const { id, mobile } = known
    if (mobile === null) throw new AppError('enrolment_incomplete')
    if (known.mobileConfirmedAt === null) {
      const answer = { schemeId, purpose: 'enrolment', subject: id, phone: mobile, digits: code } as const
      if (!(await checkCode(tx, deps, answer))) return undefined
      await update(tx, schemeId, id, { mobileConfirmedAt: deps.now(), touchedAt: deps.now() })
    }
    return viewOf(tx, schemeId, id)
  })
  if (enrolment !== undefined) return enrolment
  throw new AppError('code_wrong', { problems: [{ code: 'code_wrong', path: 'code' }] })
}

/**
 * Third step: signs the charter and hands the request in; it is approved at once where the scheme's rule says so.
 * @throws AppError `invalid_input`, `charter_changed` when there is a newer one than was read, `enrolment_incomplete`
 * before the number is confirmed, `not_found`, `enrolment_closed`
 */
export async function signCharter(
  deps: ApplyDeps,
  schemeId: string,
  key: EnrolmentKey | undefined,
  step: CharterStep,
): Promise<OwnEnrolmentView> {
  const { name, problems } = checkSignature(step)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const known = await getDraft(tx, schemeId, key)
    const { id, mobile, mobileConfirmedAt } = known
    if (mobile === null || mobileConfirmedAt === null) throw new AppError('enrolment_incomplete')
    const scheme = await getEnrolmentScheme(tx, schemeId)
    const charter = await charterOf(tx, scheme, now)
    if (charter.version !== step.version) throw new AppError('charter_changed')
    await tx
      .insertInto('charterSignatures')
      .values({
        schemeId,
        id,
        enrolmentId: id,
        version: charter.version,
        sha256: charter.sha256,
        signedName: name,
        mobile,
        signedAt: now,
      })
      .execute()
    await update(tx, schemeId, id, { state: 'submitted', submittedAt: now, touchedAt: now })
    await recordAudit(tx, schemeId, now, {
      actor: `enrolment:${id}`,
      action: 'enrolment.submit',
      subject: `enrolment:${id}`,
      details: { charter: charter.version, sha256: charter.sha256, verified: known.verified },
    })
    await mailSubmitted(tx, deps, scheme, known, { charter, by: name, at: now })
    await approveByRule(tx, deps, scheme, id)
    return viewOf(tx, schemeId, id)
  })
}

/** The enrolment that the key opens; undefined: none. */
export async function getOwnEnrolment(
  deps: Pick<Deps, 'db'>,
  schemeId: string,
  key: EnrolmentKey | undefined,
): Promise<OwnEnrolmentView | undefined> {
  if (key === undefined) return undefined
  return inScheme(deps.db, schemeId, async (tx) => {
    const known = await findOwn(tx, schemeId, key)
    return known && ownViewOf(tx, known)
  })
}

/** Forgets an enrolment that was not handed in. */
export async function forgetEnrolment(
  deps: Pick<Deps, 'db'>,
  schemeId: string,
  key: EnrolmentKey | undefined,
): Promise<void> {
  if (key === undefined) return
  await inScheme(deps.db, schemeId, async (tx) => {
    const known = await findOwn(tx, schemeId, key, { lock: true })
    if (known?.state !== 'draft') return
    await tx.deleteFrom('enrolments').where('schemeId', '=', schemeId).where('id', '=', known.id).execute()
  })
}

function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

async function findOwn(
  tx: Tx,
  schemeId: string,
  key: EnrolmentKey,
  options: { readonly lock?: boolean } = {},
): Promise<EnrolmentRow | undefined> {
  const row = await findEnrolment(tx, schemeId, key.id, options)
  if (row === undefined) return undefined
  const isOwn = timingSafeEqual(Buffer.from(row.tokenHash), Buffer.from(hashOfToken(key.token)))
  return isOwn ? row : undefined
}

async function getDraft(tx: Tx, schemeId: string, key: EnrolmentKey | undefined): Promise<EnrolmentRow> {
  const known = key === undefined ? undefined : await findOwn(tx, schemeId, key, { lock: true })
  if (known === undefined) throw new AppError('enrolment_lost')
  if (known.state !== 'draft') throw new AppError('enrolment_closed')
  return known
}

async function update(
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

async function viewOf(tx: Tx, schemeId: string, id: string): Promise<OwnEnrolmentView> {
  const row = await findEnrolment(tx, schemeId, id)
  if (row === undefined) throw new AppError('enrolment_lost')
  return ownViewOf(tx, row)
}

async function ownViewOf(tx: Tx, row: EnrolmentRow): Promise<OwnEnrolmentView> {
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
    getsAlerts: await getsAlerts(tx, row),
    reason: row.reason,
  }
}

async function getsAlerts(tx: Tx, { schemeId, memberId, mobile }: EnrolmentRow): Promise<boolean> {
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
