import { type Kysely, sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { asOwner, type Db, type Tx } from '../platform/db.ts'
import { networkOf } from '../platform/network.ts'
import type { Schema } from '../schema.ts'
import { type Counted, countFailure, hashSubject, uncountFailure } from './failures.ts'

/** Period over which wrong passwords are counted. */
const MINUTES = 15
/** Wrong passwords of one account from one network, or from one device that it signed in on. */
export const TRIES_OF_ACCOUNT = 10
/** Wrong passwords from one network over all accounts, but for those that signed in there before. */
export const TRIES_OF_NETWORK = 100
/** Wrong passwords of one account over all networks on which it never signed in. */
export const TRIES_FROM_ELSEWHERE = 500
/** How long a device or a network stays known after the last sign-in. */
const KNOWN_DAYS = 90

type Needs = Pick<Deps, 'db' | 'now' | 'secret'>

/** Who tries to sign in, and from where. */
export interface SignInCaller {
  readonly mail: string
  /** As the server sees it. */
  readonly address: string
  /** Cookie of the browser, which names the device and nobody; undefined: it has none. */
  readonly device: string | undefined
}

/**
 * Checks a password within the budgets of failures, which every process counts in the database. A device and a network
 * on which the account signed in before have budgets of their own: strangers cannot keep a known user out. Unknown mails
 * count alike, so that a refusal tells nothing of who has an account.
 * @param newDevice names the device from now on, when it has no name yet
 * @throws AppError `rate_limited` when the budget is spent; whatever `check` throws
 */
export async function withinBudget<T extends { readonly userId: string }>(
  deps: Needs,
  caller: SignInCaller,
  newDevice: string,
  check: () => Promise<T>,
): Promise<T> {
  const mail = caller.mail.toLowerCase()
  const network = `${mail} network ${networkOf(caller.address)}`
  const device = `${mail} device ${caller.device ?? newDevice}`
  const counted = await asOwner(deps.db, (tx) => countAttempt(tx, deps, { mail, caller, network, device }))
  let result: T
  try {
    result = await check()
  } catch (error) {
    const isWrong = error instanceof AppError && error.code === 'wrong_credentials'
    if (!isWrong) await asOwner(deps.db, (tx) => uncountAll(tx, deps, counted))
    throw error
  }
  await asOwner(deps.db, async (tx) => {
    await uncountAll(tx, deps, counted)
    for (const place of [network, device]) await rememberPlace(tx, deps, place, result.userId)
  })
  return result
}

/** Counts an attempt against the budgets that apply to it, the narrowest first, and returns what it counted. */
async function countAttempt(
  tx: Tx,
  deps: Needs,
  of: { mail: string; caller: SignInCaller; network: string; device: string },
): Promise<Counted[]> {
  const { mail, caller, network, device } = of
  if (caller.device !== undefined && (await isKnownPlace(tx, deps, device))) {
    const own = budget('sign-in-device', device)
    // A device whose budget is spent counts as any other from there on.
    if ((await countFailure(tx, deps, own)).failures <= TRIES_OF_ACCOUNT) return [own]
  }
  const pair = budget('sign-in', network)
  const counted = [pair]
  await countWithin(tx, deps, pair, TRIES_OF_ACCOUNT)
  // Refused attempts are not counted further: one account that is hammered spends no budget of the others.
  if (await isKnownPlace(tx, deps, network)) return counted
  for (const [wide, max] of [
    [budget('sign-in-network', networkOf(caller.address)), TRIES_OF_NETWORK],
    [budget('sign-in-account', mail), TRIES_FROM_ELSEWHERE],
  ] as const) {
    await countWithin(tx, deps, wide, max)
    counted.push(wide)
  }
  return counted
}

function budget(kind: string, of: string): Counted {
  return { kind, of, seconds: MINUTES * 60 }
}

/**
 * Counts a try of something secret by one subject, such as the current password by a session.
 * @throws AppError `rate_limited`
 */
export async function countTry(deps: Needs, kind: string, of: string): Promise<{ undo(): Promise<void> }> {
  const counted = budget(kind, of)
  await asOwner(deps.db, (tx) => countWithin(tx, deps, counted, TRIES_OF_ACCOUNT))
  return { undo: () => asOwner(deps.db, (tx) => uncountFailure(tx, deps, counted, 1)) }
}

/** @throws AppError `rate_limited`, which rolls the transaction and its counts back */
async function countWithin(tx: Tx, deps: Needs, counted: Counted, max: number): Promise<void> {
  const { failures, secondsLeft } = await countFailure(tx, deps, counted)
  if (failures > max) throw new AppError('rate_limited', { values: { seconds: secondsLeft } })
}

async function uncountAll(tx: Tx, deps: Needs, counted: readonly Counted[]): Promise<void> {
  for (const one of counted) await uncountFailure(tx, deps, one, 1)
}

async function isKnownPlace(tx: Tx, deps: Needs, of: string): Promise<boolean> {
  const { rows } = await sql`select from sign_in_places
    where place = ${hashSubject(deps, 'place', of)} and seen_at > ${knownSince(deps.now())}`.execute(tx)
  return rows.length > 0
}

async function rememberPlace(tx: Tx, deps: Needs, of: string, userId: string): Promise<void> {
  await sql`insert into sign_in_places (place, user_id, seen_at)
    values (${hashSubject(deps, 'place', of)}, ${userId}, ${deps.now()})
    on conflict (place) do update set user_id = excluded.user_id, seen_at = excluded.seen_at`.execute(tx)
}

/** Deletes devices and networks that no account signed in on for a long time. */
export async function purgePlaces(db: Db | Tx, now: Date): Promise<void> {
  await (db as Kysely<Schema>).deleteFrom('signInPlaces').where('seenAt', '<', knownSince(now)).execute()
}

function knownSince(now: Date): Date {
  return new Date(now.getTime() - KNOWN_DAYS * 86_400_000)
}
