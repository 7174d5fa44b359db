import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { CODE_DIGITS, CODE_PLACE } from '../message/code.ts'
import type { Db, Tx } from '../platform/db.ts'
import { networkOf } from '../platform/network.ts'
import type { CodePurpose, Schema } from '../schema.ts'
import type { CodeTurn } from './contract.ts'
import { destinationOf } from './destinations.ts'
import { writeDirectMessage } from './direct-messages.ts'

/** How long a code opens something. */
export const CODE_MINUTES = 10
/** Wrong answers that a code stands. */
export const CODE_TRIES = 5
/** Codes that one number gets, over all schemes: one in this many seconds, and so many in 24 hours. */
export const SECONDS_BETWEEN_CODES = 60
export const CODES_A_DAY = 5
/** Codes that one address may ask for in an hour; an IPv6 address counts with its /64 network. */
export const CODES_AN_HOUR_FROM_ADDRESS = 20
/** Codes of one scheme in 24 hours: what an attack may cost at most. */
export const CODES_A_DAY_OF_SCHEME = 2000
/** How long what is counted is kept. */
const KEPT_HOURS = 25

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** What codes are made of: the same in every process of an installation. */
type Secret = Pick<Deps, 'secret'>

function hmac({ secret }: Secret, use: string, of: string): Buffer {
  // A command of the command line sends nothing and has none: a code without a secret could be made by anybody.
  if (secret === undefined || secret === '') throw new AppError('internal')
  return createHmac('sha256', secret).update(`tocsin:${use}:${of}`).digest()
}

/**
 * The digits of a code: derived, so that neither the database nor the text in the ledger holds them.
 * 48 bits over a million: no digits come up more often than others by more than one in 10^8.
 */
export function digitsOfCode(deps: Secret, codeId: string): string {
  const number = hmac(deps, 'code', codeId).readUIntBE(0, 6) % 10 ** CODE_DIGITS
  return String(number).padStart(CODE_DIGITS, '0')
}

/** By which a process tells whether it has the secret that a code was made from; it tells nothing of the secret. */
export function markOfSecret(deps: Secret): string {
  return hmac(deps, 'mark', '').toString('hex').slice(0, 8)
}

function hashOfPhone(deps: Secret, phone: string): string {
  return hmac(deps, 'phone', phone).toString('base64url')
}

function hashOfAddress(deps: Secret, address: string): string {
  return hmac(deps, 'address', networkOf(address)).toString('base64url')
}

/** A code before it is sent, whichever way it goes. */
export interface CodeOpening {
  readonly schemeId: string
  readonly purpose: CodePurpose
  /** What the code will confirm. Only whoever knows it can answer, so that nobody uses up the tries of another. */
  readonly subject: string
  /** Where it goes: a mobile in E.164, or an address of mail in small letters. */
  readonly phone: string
  /** Who asks, as the server sees it. */
  readonly address: string
  /**
   * False: nothing is to be sent (nobody has this number), and it must not show: the same is written, and the same
   * takes place until the answer has left.
   */
  readonly isWanted: boolean
}

export interface CodeRequest extends CodeOpening {
  /** The message, with CODE_PLACE where the code goes. */
  readonly text: string
}

/**
 * Asks for a code by SMS, in the caller's transaction. Whether anybody has the number shows in nothing that is answered; how
 * soon it may have another does, counted the same for every number.
 * @returns whether its turn has come, and when the next one does
 * @throws AppError `invalid_input` for a number outside the scheme's country: a stranger typed it; `rate_limited` when this
 * address asked too often, whatever the numbers.
 */
export async function requestCode(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'secret'>,
  request: CodeRequest,
): Promise<CodeTurn> {
  if (!request.text.includes(CODE_PLACE)) throw new TypeError('a code needs its place in the text')
  const { schemeId, purpose, phone, text } = request
  if (destinationOf(phone) !== 'home') {
    throw new AppError('invalid_input', { problems: [{ code: 'mobile.abroad', path: 'phone' }] })
  }
  const { id, expiresAt, turn } = await openCode(tx, deps, request)
  await writeDirectMessage(tx, deps, {
    schemeId,
    phone,
    text,
    codeId: id,
    memberId: null,
    validUntil: expiresAt,
    createdBy: `code:${purpose}`,
  })
  return turn
}

/**
 * Opens a code that somebody asks for, in the transaction that leaves its message.
 * @throws AppError as `requestCode`
 */
export async function openCode(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'secret'>,
  request: CodeOpening,
): Promise<{ readonly id: string; readonly expiresAt: Date; readonly turn: CodeTurn }> {
  const { schemeId, purpose, subject, phone } = request
  const now = deps.now()
  const addressHash = hashOfAddress(deps, request.address)
  // Two requests at once would each miss the other's.
  await lock(tx, `address:${addressHash}`)
  const { asked, first } = await tx
    .selectFrom('oneTimeCodes')
    .select(({ fn }) => [fn.countAll<number>().as('asked'), fn.min('createdAt').as('first')])
    // Of every scheme that this transaction sees: where the number decides which one it is (signing in), a limit of each
    // scheme would tell by its end which one knows the number.
    .where('addressHash', '=', addressHash)
    .where('createdAt', '>', new Date(now.getTime() - HOUR_MS))
    .executeTakeFirstOrThrow()
  if (asked >= CODES_AN_HOUR_FROM_ADDRESS) {
    const freeAt = (first === null ? now.getTime() : new Date(first).getTime()) + HOUR_MS
    throw new AppError('rate_limited', {
      values: { seconds: Math.max(1, Math.ceil((freeAt - now.getTime()) / SECOND_MS)) },
    })
  }
  const phoneHash = hashOfPhone(deps, phone)
  await lock(tx, `phone:${phoneHash}`)
  const turns = await turnsOf(tx, phoneHash, now)
  const taken = nextTurn(turns) <= now.getTime()
  const nextAt = new Date(nextTurn(taken ? [now, ...turns] : turns))
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
      inTurn: taken,
      nextAt,
      createdAt: now,
      expiresAt,
      // Used up before it is sent: never admitted.
      usedAt: request.isWanted ? null : now,
    })
    .execute()
  return { id, expiresAt, turn: { taken, nextAt: nextAt.toISOString() } }
}

/** When the codes of a number were asked for that count, in 24 hours, the last first. */
async function turnsOf(tx: Tx, phoneHash: string, now: Date): Promise<Date[]> {
  const since = new Date(now.getTime() - DAY_MS)
  const { rows } = await sql<{ at: Date }>`select at from code_turns(${phoneHash}, ${since}) at`.execute(tx)
  return rows.map(({ at }) => at)
}

/** From when on a number may have another code, in milliseconds. @param turns its codes of 24 hours, the last first */
function nextTurn(turns: readonly Date[]): number {
  const last = turns[0]
  const first = turns[CODES_A_DAY - 1]
  return Math.max(
    last === undefined ? 0 : last.getTime() + SECONDS_BETWEEN_CODES * SECOND_MS,
    first === undefined ? 0 : first.getTime() + DAY_MS,
  )
}

/** How it stands with the last code that was asked for a subject; undefined: none is known. */
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
  if (last === undefined || last.nextAt === null) return undefined
  return { taken: last.inTurn, nextAt: last.nextAt.toISOString() }
}

/**
 * Whether a code that was asked for may be sent now; noted as sent then. In the transaction that sends it.
 * @returns why not: nobody has the number, the number had too many, the scheme had too many
 */
export async function admitCode(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  codeId: string,
): Promise<'sent' | 'unwanted' | 'number' | 'scheme'> {
  const now = deps.now()
  const code = await tx
    .selectFrom('oneTimeCodes')
    .select(['inTurn', 'usedAt', 'sentAt', 'expiresAt'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', codeId)
    .forUpdate()
    .executeTakeFirst()
  if (code === undefined || code.usedAt !== null || code.sentAt !== null || code.expiresAt <= now) {
    return 'unwanted'
  }
  if (!code.inTurn) return 'number'
  await lock(tx, `scheme:${schemeId}`)
  const { day } = await tx
    .selectFrom('oneTimeCodes')
    .select(({ fn }) => fn.countAll<number>().as('day'))
    .where('schemeId', '=', schemeId)
    .where('sentAt', '>', new Date(now.getTime() - DAY_MS))
    .executeTakeFirstOrThrow()
  if (day >= CODES_A_DAY_OF_SCHEME) return 'scheme'
  await tx
    .updateTable('oneTimeCodes')
    .set({ sentAt: now })
    .where('schemeId', '=', schemeId)
    .where('id', '=', codeId)
    .execute()
  return 'sent'
}

export interface CodeAnswer {
  readonly schemeId: string
  readonly purpose: CodePurpose
  readonly subject: string
  /** The number, or the address of mail, that it confirms: a code sent to another one confirms nothing. */
  readonly phone: string
  /** As typed: blanks do not count. */
  readonly digits: string
}

/**
 * Whether these are the digits of a code that was sent for this subject to this number, is not over, and was not used;
 * used up then. Every answer counts as a try of every code that it could be, so commit the transaction whatever comes
 * out: throw after it. At most five tries a code, five codes a day and number.
 * @returns false without saying why: wrong, too late, used, tried too often, never sent
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
    .where('phoneHash', '=', hashOfPhone(deps, phone))
    .where('sentAt', 'is not', null)
    .where('usedAt', 'is', null)
    .where('expiresAt', '>', now)
    .where('tries', '<', CODE_TRIES)
    .returning('id')
    .execute()
  const typed = Buffer.from(digits.replace(/[\s\u00a0\u202f.-]/g, ''))
  const isRight = tried.filter(({ id }) => {
    const wanted = Buffer.from(digitsOfCode(deps, id))
    return typed.length === wanted.length && timingSafeEqual(typed, wanted)
  })
  if (isRight.length === 0) return false
  // With it all others of the subject: what they would confirm is confirmed.
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

/** Forgets codes that count for nothing any more, with messages that nobody took up. Of all schemes, as the owner. */
export async function purgeCodes(db: Db | Tx, now: Date): Promise<void> {
  const owner = db as Kysely<Schema>
  await owner.deleteFrom('directMessages').where('validUntil', '<', now).execute()
  await owner
    .deleteFrom('oneTimeCodes')
    .where('createdAt', '<', new Date(now.getTime() - KEPT_HOURS * HOUR_MS))
    .execute()
}

async function lock(tx: Tx, name: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`codes:${name}`}, 0))`.execute(tx)
}
