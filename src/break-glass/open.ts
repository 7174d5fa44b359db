import { NO_SCHEME } from '../audit/chain.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import type { Auth } from '../identity/auth.ts'
import { hashPassword, verifyPassword } from '../identity/passwords/password-hash.ts'
import { recordIdentity } from '../identity/sessions/session.ts'
import { countOpeningAttempt } from '../identity/sign-in/attempts.ts'
import { countFailure } from '../identity/sign-in/failures.ts'
import { DEMO_MAIL_DOMAIN, insertUser, upsertGrant } from '../identity/store.ts'
import type { MailDeps } from '../people/mails.ts'
import { acrossSchemes } from '../platform/db.ts'
import { announceEvent } from '../platform/http/live.ts'
import { truncatedNetworkOf } from '../platform/http/network.ts'
import { endOpening } from './close.ts'
import { type Envelope, readCode } from './codes.ts'
import type { OpenBreakGlass } from './contract.ts'
import { mailNotice } from './mails.ts'
import { CHANGED, recordEverywhere } from './record.ts'
import { breakSeal, findSeal, insertOpening, lockOpen, type SealRow } from './store.ts'

/** Minutes after which the account closes by itself. There is no extension. */
export const OPEN_MINUTES = 60
/** Counts within a quarter of an hour at which refused attempts are recorded: never one entry for each. */
const RECORDED_AT: ReadonlySet<number> = new Set([1, 10, 100, 1000])
const RECORDED_SECONDS = 15 * 60
const DAY_SECONDS = 86_400
/** A domain reserved by RFC 2606: nobody reads a mail there, and none is sent. */
const MAIL_DOMAIN = 'break-glass.invalid'

export type OpenDeps = Pick<Deps, 'db' | 'database' | 'live' | 'log' | 'secret'> & MailDeps

/**
 * Opens the break-glass account with the codes of both envelopes, which can be used once. The answer to a wrong code does not say
 * which one is wrong. Wrong codes are counted by network only, so that a stranger elsewhere cannot keep the holders out.
 * @param from headers for better-auth; the IP address
 * @returns the Set-Cookie lines of its session
 * @throws AppError `invalid_input` with every problem of what was typed, `break_glass_refused`, `rate_limited`
 */
export async function openBreakGlass(
  deps: OpenDeps,
  auth: Auth,
  typed: OpenBreakGlass,
  from: { readonly headers: Headers; readonly address: string },
): Promise<string[]> {
  const codes = readTyped(typed)
  const attempt = await countOpeningAttempt(deps, from.address)
  const seal = await verifyCodes(deps, codes)
  const opened = seal === undefined ? undefined : await breakAndOpen(deps, seal, typed)
  if (opened === undefined) {
    await reportRefusal(deps, from.address)
    throw new AppError('break_glass_refused')
  }
  await attempt.undo()
  const { userId, endsAt, former } = opened
  if (former !== undefined) deps.live.publish({ type: 'account', schemeId: NO_SCHEME, userId: former })
  const given = { factorAt: deps.now(), provider: false, expiresAt: endsAt }
  const cookies = await auth.openSession(userId, from.headers, 'break_glass', given)
  await recordIdentity(deps, userId, 'session.open', { factor: 'break_glass' })
  deps.live.publish(CHANGED)
  return cookies
}

type Codes = Readonly<Record<Envelope, string>>

/**
 * Reads both codes as they were typed. A request that is refused here does not count as an attempt.
 * @throws AppError `invalid_input` with every problem: what is missing, mistyped or the same twice
 */
function readTyped({ first, second, reason }: OpenBreakGlass): Codes {
  const problems: Problem[] = []
  const people = { first, second } as const
  const read = { first: readCode(first.code), second: readCode(second.code) }
  for (const key of ['first', 'second'] as const) {
    if (people[key].name.trim() === '') problems.push({ code: 'input.required', path: `${key}.name` })
    const isEmpty = people[key].code.trim() === ''
    if (read[key] === undefined)
      problems.push({ code: isEmpty ? 'input.required' : 'break_glass.typo', path: `${key}.code` })
  }
  const nameOf = (name: string) => name.trim().toLowerCase().replaceAll(/\s+/g, ' ')
  if (nameOf(first.name) !== '' && nameOf(first.name) === nameOf(second.name))
    problems.push({ code: 'break_glass.same_name', path: 'second.name' })
  if (reason.trim() === '') problems.push({ code: 'input.required', path: 'reason' })
  if (read.first !== undefined && read.first.envelope === read.second?.envelope)
    problems.push({
      code: 'break_glass.same_envelope',
      path: 'second.code',
      values: { envelope: read.first.envelope },
    })
  if (problems.length > 0 || read.first === undefined || read.second === undefined)
    throw new AppError('invalid_input', { problems })
  return { [read.first.envelope]: read.first.code, [read.second.envelope]: read.second.code } as Codes
}

/** A hash that no code has, so that an installation without a seal answers as late as one with a seal. */
let noHash: Promise<string> | undefined

/** @returns the seal that both codes open */
async function verifyCodes({ db }: Pick<Deps, 'db'>, { A, B }: Codes): Promise<SealRow | undefined> {
  const seal = await findSeal(db)
  noHash ??= hashPassword('')
  const none = await noHash
  const isFirst = await verifyPassword({ hash: seal?.firstHash ?? none, password: A })
  const isSecond = await verifyPassword({ hash: seal?.secondHash ?? none, password: B })
  return isFirst && isSecond ? seal : undefined
}

/** @returns undefined when the seal was broken or replaced since its codes were verified */
function breakAndOpen(
  deps: OpenDeps,
  { no, sealedBy }: Pick<SealRow, 'no' | 'sealedBy'>,
  { first, second, reason, drill }: OpenBreakGlass,
): Promise<{ userId: string; endsAt: Date; former: string | undefined } | undefined> {
  return acrossSchemes(deps.db, async (tx) => {
    const at = deps.now()
    if (!(await breakSeal(tx, no, at))) return undefined
    const former = await lockOpen(tx)
    if (former !== undefined) await endOpening(tx, deps, former, { why: 'replaced' })
    const [userId, id] = [deps.newId(), deps.newId()]
    const endsAt = new Date(at.getTime() + OPEN_MINUTES * 60_000)
    const [firstName, secondName] = [first.name.trim(), second.name.trim()]
    const values = { first: firstName, second: secondName, drill: String(drill) }
    await insertUser(tx, {
      id: userId,
      name: formatMessage(deps.config.lang, 'break_glass.account', values),
      mail: `${id}@${deps.config.demo ? DEMO_MAIL_DOMAIN : MAIL_DOMAIN}`,
      at,
    })
    // Without a role, the session of an exercise may do nothing.
    if (!drill) await upsertGrant(tx, { userId, schemeId: NO_SCHEME, role: 'break_glass', agencyId: null })
    const opening = { id, sealNo: no, userId, firstName, secondName, reason: reason.trim(), drill }
    await insertOpening(tx, { ...opening, openedAt: at, endsAt })
    await mailNotice(tx, deps, 'opened', { ...values, reason: reason.trim(), minutes: OPEN_MINUTES })
    await recordEverywhere(tx, at, {
      actor: `user:${userId}`,
      action: 'break_glass.open',
      subject: `break_glass:${id}`,
      // Names the account that is no second person for what is proposed under this opening.
      details: { drill, seal: no, sealedBy, minutes: OPEN_MINUTES },
      reason: reason.trim(),
      named: { first: firstName, second: secondName },
    })
    deps.log.warn({ opening: id, drill, seal: no }, 'the break-glass account was opened')
    await announceEvent(tx, deps, CHANGED)
    return { userId, endsAt, former: former?.userId }
  })
}

/** Records refused codes, few entries for many, and notifies the administrators of the first ones of a day. */
async function reportRefusal(deps: OpenDeps, address: string): Promise<void> {
  await acrossSchemes(deps.db, async (tx) => {
    const network = truncatedNetworkOf(address)
    const count = (kind: string, seconds: number) =>
      countFailure(tx, deps, { kind, of: 'all', seconds }).then(({ failures }) => failures)
    const failures = await count('break-glass-recorded', RECORDED_SECONDS)
    if ((await count('break-glass-notified', DAY_SECONDS)) === 1)
      await mailNotice(tx, deps, 'refused', { network })
    if (RECORDED_AT.has(failures)) {
      await recordAudit(tx, NO_SCHEME, deps.now(), {
        actor: 'system:sign-in',
        action: 'break_glass.fail',
        subject: 'break_glass:none',
        details: { failures },
        network,
      })
    }
  })
}
