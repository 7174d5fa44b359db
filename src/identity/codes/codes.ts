import { timingSafeEqual } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../message/clock.ts'
import { CODE_DIGITS } from '../../message/code.ts'
import type { Db, Tx } from '../../platform/db.ts'
import { networkOf, truncatedNetworkOf } from '../../platform/http/network.ts'
import { acceptedHmacsOf } from '../../platform/process/secrets.ts'
import type { CodeBudget, CodePurpose, Schema } from '../../schema.ts'
import type { CodeTurn } from '../contract.ts'
import { countFailure } from '../sign-in/failures.ts'

/** Minutes for which a code is valid. */
export const CODE_MINUTES = 10
/** Wrong answers after which a code is no longer accepted. */
export const CODE_TRIES = 5
/** Seconds between two codes of one budget for one number, over all schemes. */
export const SECONDS_BETWEEN_CODES = 60
/** Codes of one budget for one number in 24 hours that one network may request. */
export const CODES_A_DAY = 5
/**
 * Codes of one budget for one number in 24 hours, from all requesters together. It exceeds what one network may request, so that a
 * stranger who requests codes for a member's number does not keep the member from getting one.
 */
export const CODES_A_DAY_FROM_ALL = 10
/** Sign-in codes that a member's number gets in a day even when the budget of its scheme is spent. */
export const CODES_OUTSIDE_BUDGET = 6
/**
 * Codes that one address may request in an hour, for numbers that may get one; an IPv6 address counts with its /64 network. The
 * Wi-Fi of a fair is one address. The limits of each number and the scheme's budget of the day come first.
 */
export const CODES_AN_HOUR_FROM_ADDRESS = 100
/** Codes that one block of networks may request in an hour (/24 in IPv4, /48 in IPv6), so that changing addresses within it gains little. */
export const CODES_AN_HOUR_FROM_BLOCK = 300
/** Codes that one contact may have sent to new numbers in 24 hours. */
export const CODES_A_DAY_OF_CONTACT = 10
/** Share of a budget from which on the chamber is notified. */
const ALARM_SHARE = 0.8
/** Hours for which codes are kept, so that the limits of 24 hours can be counted. */
const KEPT_HOURS = 25

/** The secrets from which codes are derived, the same in every process of an installation. */
type Secret = Pick<Deps, 'secret'>

/**
 * Derives the digits of a code from its id, so that neither the database nor the text in the ledger holds them. 48 bits
 * modulo a million: no code is more likely than another by more than one in 10^8.
 * @param key fingerprint of the secret to derive them from; by default the current one
 */
export function deriveCodeDigits(deps: Secret, codeId: string, key?: string | null): string {
  const at = typeof key === 'string' ? fingerprintsOf(deps).indexOf(key) : 0
  const digits = digitsOf(deps, codeId)[at]
  if (digits === undefined) throw new AppError('internal')
  return digits
}

/** Derives the digits that a code has under each accepted secret, the current one first. */
function digitsOf({ secret }: Secret, codeId: string): string[] {
  return acceptedHmacsOf(secret, `tocsin:code:${codeId}`).map((hash) =>
    String(hash.readUIntBE(0, 6) % 10 ** CODE_DIGITS).padStart(CODE_DIGITS, '0'),
  )
}

/** Returns a fingerprint by which processes can check that they share the secret; it does not reveal the secret. */
export function fingerprintSecret(deps: Secret): string {
  return fingerprintsOf(deps)[0] ?? ''
}

/** Returns whether this process can derive codes from the secret with this fingerprint. */
export function isKnownSecret(deps: Secret, fingerprint: string): boolean {
  return fingerprintsOf(deps).includes(fingerprint)
}

function fingerprintsOf({ secret }: Secret): string[] {
  return acceptedHmacsOf(secret, 'tocsin:mark:').map((hash) => hash.toString('hex').slice(0, 8))
}

/** Returns the hashes by which a number is found, that by which it is written first. */
function hashesOfPhone({ secret }: Secret, phone: string): string[] {
  return acceptedHmacsOf(secret, `tocsin:phone:${phone}`).map((hash) => hash.toString('base64url'))
}

/** Returns the hashes by which a network is found, that by which it is written first. */
function hashesOfAddress({ secret }: Secret, address: string): string[] {
  return acceptedHmacsOf(secret, `tocsin:address:${networkOf(address)}`).map((hash) =>
    hash.toString('base64url'),
  )
}

/** Returns the hashes of the block of networks of an address, by the current secret and the one before. */
function hashesOfBlock({ secret }: Secret, address: string): string[] {
  return acceptedHmacsOf(secret, `tocsin:address-block:${truncatedNetworkOf(address)}`).map((hash) =>
    hash.toString('base64url'),
  )
}

/**
 * Decides what a code is counted with. Codes of different budgets never take each other's place: a stranger who requests codes
 * to join with a member's number leaves those to sign in alone, and neither affects a browser on which the number was proved.
 */
export function codeBudgetOf({
  purpose,
  isKnownDevice,
}: Pick<CodeOpening, 'purpose' | 'isKnownDevice'>): CodeBudget {
  if (purpose === 'enrolment') return 'join'
  if (purpose === 'phone_change') return 'change'
  if (purpose === 'authorisation') return 'other'
  return isKnownDevice === true ? 'known_device' : 'sign_in'
}

/** A code before it is sent, by SMS or mail. */
export interface CodeOpening {
  readonly schemeId: string
  readonly purpose: CodePurpose
  /** The operation that the code confirms. An answer must name it, so that no one can use up another person's attempts. */
  readonly subject: string
  /** The recipient: a mobile in E.164, or a mail address in lower case. */
  readonly phone: string
  /** IP address of the requester, as the server sees it. */
  readonly address: string
  /**
   * False when nothing may be sent because no member has this number. The caller must not be able to notice: the same rows
   * are written and the same work is done before the response.
   */
  readonly isWanted: boolean
  /** Whether the request comes from a browser on which this number or address was proved before. */
  readonly isKnownDevice?: boolean
}

/**
 * Stores a requested code, in the transaction that writes its message.
 * @throws AppError `rate_limited` when this address or its block made too many requests, for whatever numbers
 */
export async function openCode(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'secret'>,
  request: CodeOpening,
): Promise<{ readonly id: string; readonly expiresAt: Date; readonly turn: CodeTurn }> {
  const { schemeId, purpose, subject, phone } = request
  const now = deps.now()
  const addresses = hashesOfAddress(deps, request.address)
  const [addressHash = ''] = addresses
  const budget = codeBudgetOf(request)
  const blocks = hashesOfBlock(deps, request.address)
  const phones = hashesOfPhone(deps, phone)
  const [phoneHash = ''] = phones
  await lockUntilCommit(tx, `phone:${phoneHash}`)
  const requests = await requestsFor(tx, { phones, budget, now })
  const isTurn = nextTurn(requests, addresses) <= now.getTime()
  // A request for a number that has to wait sends nothing, and takes nothing from the others of its network. Members behind one
  // address of a mobile operator would share its limit with strangers, except in a browser that is known.
  if (isTurn && budget !== 'known_device') {
    await requireTurnOf(tx, 'addressHash', addresses, { most: CODES_AN_HOUR_FROM_ADDRESS, now })
    await requireTurnOf(tx, 'blockHash', blocks, { most: CODES_AN_HOUR_FROM_BLOCK, now })
  }
  const nextAt = new Date(nextTurn(isTurn ? [{ at: now, addressHash }, ...requests] : requests, addresses))
  const id = deps.newId()
  const expiresAt = new Date(now.getTime() + CODE_MINUTES * 60 * SECOND_MS)
  await tx
    .insertInto('oneTimeCodes')
    .values({
      schemeId,
      id,
      purpose,
      subject,
      phoneHash,
      addressHash,
      blockHash: blocks[0] ?? null,
      budget,
      inTurn: isTurn,
      nextAt,
      createdAt: now,
      expiresAt,
      // An unwanted code is stored as used, so that it is never sent.
      usedAt: request.isWanted ? null : now,
    })
    .execute()
  return { id, expiresAt, turn: { accepted: isTurn, nextAt: nextAt.toISOString() } }
}

/**
 * @param hashes of an address or a block, by which it is written first
 * @throws AppError `rate_limited` when it made too many requests, for whatever numbers
 */
async function requireTurnOf(
  tx: Tx,
  column: 'addressHash' | 'blockHash',
  hashes: readonly string[],
  { most, now }: { readonly most: number; readonly now: Date },
): Promise<void> {
  // Without the lock, two concurrent requests would not count each other.
  await lockUntilCommit(tx, `address:${hashes[0]}`)
  const { asked, first } = await tx
    .selectFrom('oneTimeCodes')
    .select(({ fn }) => [fn.countAll<number>().as('asked'), fn.min('createdAt').as('first')])
    // Counts the codes of every scheme that this transaction sees. Where the number decides which scheme it is (at sign-in),
    // a limit for each scheme would reveal which one knows the number.
    .where(column, 'in', hashes)
    .where('inTurn', '=', true)
    .where('budget', '<>', 'known_device')
    .where('createdAt', '>', new Date(now.getTime() - HOUR_MS))
    .executeTakeFirstOrThrow()
  if (asked < most) return
  const freeAt = (first === null ? now.getTime() : new Date(first).getTime()) + HOUR_MS
  throw new AppError('rate_limited', {
    values: { seconds: Math.max(1, Math.ceil((freeAt - now.getTime()) / SECOND_MS)) },
  })
}

/** A counted request for a code. */
interface CountedRequest {
  readonly at: Date
  readonly addressHash: string
}

/** Returns the counted requests of the last 24 hours for a number within one budget, latest first. */
async function requestsFor(
  tx: Tx,
  {
    phones,
    budget,
    now,
  }: { readonly phones: readonly string[]; readonly budget: CodeBudget; readonly now: Date },
): Promise<CountedRequest[]> {
  const since = new Date(now.getTime() - DAY_MS)
  const { rows } = await sql<CountedRequest>`
    select requested_at as at, address_hash from unnest(${phones}::text[]) phone (hash),
      code_requests(phone.hash, ${budget}, ${since}) order by requested_at desc`.execute(tx)
  return rows
}

/**
 * Returns the time, in milliseconds, from which a network may have another code sent to a number.
 * @param requests counted requests of the last 24 hours, latest first
 */
function nextTurn(requests: readonly CountedRequest[], addresses: readonly string[]): number {
  const last = requests[0]
  const ofNetwork = requests.filter((request) => addresses.includes(request.addressHash))
  const endOf = (first: CountedRequest | undefined) => (first === undefined ? 0 : first.at.getTime() + DAY_MS)
  return Math.max(
    last === undefined ? 0 : last.at.getTime() + SECONDS_BETWEEN_CODES * SECOND_MS,
    endOf(ofNetwork[CODES_A_DAY - 1]),
    endOf(requests[CODES_A_DAY_FROM_ALL - 1]),
  )
}

/**
 * Counts a code that a signed-in contact has sent to a new number.
 * @throws AppError `rate_limited` after `CODES_A_DAY_OF_CONTACT`
 */
export async function countCodeOfContact(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'secret'>,
  contactId: string,
): Promise<void> {
  const counted = { kind: 'change-code', of: contactId, seconds: DAY_MS / SECOND_MS }
  const { failures, secondsLeft } = await countFailure(tx, deps, counted)
  if (failures > CODES_A_DAY_OF_CONTACT)
    throw new AppError('rate_limited', { values: { seconds: secondsLeft } })
}

/** Returns the state of the last code requested for a subject, or undefined if there is none. */
export async function findTurn(
  tx: Tx,
  of: Pick<CodeOpening, 'schemeId' | 'purpose' | 'subject'>,
): Promise<CodeTurn | undefined> {
  const last = await tx
    .selectFrom('oneTimeCodes')
    .select(['inTurn', 'nextAt'])
    .where('schemeId', '=', of.schemeId)
    .where('purpose', '=', of.purpose)
    .where('subject', '=', of.subject)
    .orderBy('createdAt', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (last === undefined) return undefined
  return { accepted: last.inTurn, nextAt: last.nextAt.toISOString() }
}

/** The price of a code, and the daily budgets of its scheme for codes. */
export interface CodeSpending {
  readonly costMillicents: number
  /** Daily maximum for codes to join, and for codes to sign in beyond those that every number gets. */
  readonly limitMillicents: Readonly<Record<LimitedBudget, number>>
  /** When the day of the scheme began. */
  readonly dayStart: Date
}

/** Budgets that strangers can spend. */
export type LimitedBudget = Extract<CodeBudget, 'join' | 'sign_in'>

export interface CodeAdmission {
  /** `sent`, or the reason against: no one has the number, the number had too many codes, or the budget is spent. */
  readonly outcome: 'sent' | 'unwanted' | 'number' | 'budget'
  /** The budget of which less than a fifth is left since this code. */
  readonly low?: LimitedBudget
}

/**
 * Decides whether a requested code may be sent now, and marks it as sent if so, in the transaction that sends it.
 * @param spending for a code by SMS; absent for one by mail, which costs nothing
 */
export async function admitCode(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { schemeId, id }: { readonly schemeId: string; readonly id: string },
  spending?: CodeSpending,
): Promise<CodeAdmission> {
  const now = deps.now()
  const code = await tx
    .selectFrom('oneTimeCodes')
    .select(['inTurn', 'usedAt', 'sentAt', 'expiresAt', 'budget', 'phoneHash'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (code === undefined || code.usedAt !== null || code.sentAt !== null || code.expiresAt <= now) {
    return { outcome: 'unwanted' }
  }
  if (!code.inTurn) return { outcome: 'number' }
  const { budget } = code
  let low: LimitedBudget | undefined
  if (spending !== undefined && (budget === 'join' || budget === 'sign_in')) {
    const limit = spending.limitMillicents[budget]
    await lockUntilCommit(tx, `scheme:${schemeId}`)
    const { spent, toNumber } = await tx
      .selectFrom('oneTimeCodes')
      .select(({ fn, eb }) => [
        fn.coalesce(fn.sum<number>('costMillicents'), eb.val(0)).as('spent'),
        fn.countAll<number>().filterWhere('phoneHash', '=', code.phoneHash).as('toNumber'),
      ])
      .where('schemeId', '=', schemeId)
      .where('budget', '=', budget)
      .where('sentAt', '>=', spending.dayStart)
      .executeTakeFirstOrThrow()
    const before = Number(spent)
    const after = before + spending.costMillicents
    const isOwnShare = budget === 'sign_in' && toNumber < CODES_OUTSIDE_BUDGET
    if (after > limit && !isOwnShare) return { outcome: 'budget' }
    if (before <= limit * ALARM_SHARE && after > limit * ALARM_SHARE) low = budget
  }
  await tx
    .updateTable('oneTimeCodes')
    .set({ sentAt: now, costMillicents: spending?.costMillicents ?? 0 })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
  return low === undefined ? { outcome: 'sent' } : { outcome: 'sent', low }
}

export interface CodeAnswer {
  readonly schemeId: string
  readonly purpose: CodePurpose
  readonly subject: string
  /** The number or mail address to confirm; a code sent to another one does not confirm it. */
  readonly phone: string
  /** The digits as typed; blanks, dots and hyphens are ignored. */
  readonly digits: string
}

/**
 * Checks whether the digits are those of an unused, unexpired code sent to this number for this subject, and marks it as used
 * if so. Every answer counts as an attempt at every code that it could match, so commit the transaction whatever the result
 * and throw only afterwards. A code allows five attempts, and a number gets five codes a day.
 * @returns false without the reason: wrong, expired, used, too many attempts, or never sent
 */
export async function checkCode(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'secret'>,
  { schemeId, purpose, subject, phone, digits }: CodeAnswer,
): Promise<boolean> {
  const now = deps.now()
  const tried = await tx
    .updateTable('oneTimeCodes')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
    .where('schemeId', '=', schemeId)
    .where('purpose', '=', purpose)
    .where('subject', '=', subject)
    .where('phoneHash', 'in', hashesOfPhone(deps, phone))
    .where('sentAt', 'is not', null)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', now)
    .where('tries', '<', CODE_TRIES)
    .returning('id')
    .execute()
  const typed = Buffer.from(digits.replace(/[\s\u00a0\u202f.-]/g, ''))
  const isRight = tried.filter(({ id }) =>
    digitsOf(deps, id).some((digits) => {
      const wanted = Buffer.from(digits)
      return typed.length === wanted.length && timingSafeEqual(typed, wanted)
    }),
  )
  if (isRight.length === 0) return false
  // The other codes of the subject are used up too, because the subject is now confirmed.
  await tx
    .updateTable('oneTimeCodes')
    .set({ usedAt: now })
    .where('schemeId', '=', schemeId)
    .where('purpose', '=', purpose)
    .where('subject', '=', subject)
    .where('usedAt', 'is', null)
    .execute()
  return true
}

/** Deletes codes too old to count, of all schemes; runs across schemes. */
export async function purgeCodes(db: Db | Tx, now: Date): Promise<void> {
  await (db as Kysely<Schema>)
    .deleteFrom('oneTimeCodes')
    .where('createdAt', '<', new Date(now.getTime() - KEPT_HOURS * HOUR_MS))
    .execute()
}

async function lockUntilCommit(tx: Tx, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`codes:${name}`}, 0))`.execute(tx)
}
