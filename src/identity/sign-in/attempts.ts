import { type Kysely, sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { JobPayloads } from '../../jobs.ts'
import { DAY_MS } from '../../message/clock.ts'
import { acrossSchemes, type Db, type Tx } from '../../platform/db.ts'
import { networkOf, truncatedNetworkOf } from '../../platform/http/network.ts'
import type { Schema } from '../../schema.ts'
import { findAccountState, findUserByMail } from '../store.ts'
import { type Counted, countFailure, hashesOfSubject, uncountFailure } from './failures.ts'

/** Period, in minutes, over which wrong passwords are counted. */
const MINUTES = 15
/** Period, in hours, over which those of a block of networks are counted. */
const BLOCK_HOURS = 6
/** Wrong passwords allowed for one account from one network, or from one device on which it signed in before. */
export const MAX_FAILURES_OF_ACCOUNT = 10
/** Wrong passwords allowed from one network over all accounts that never signed in from it. */
export const MAX_FAILURES_OF_NETWORK = 100
/**
 * Wrong passwords allowed from one block of networks (/24 in IPv4, /48 in IPv6) over all accounts that never signed in from the
 * network of the attempt, so that changing addresses within a block gains nothing. Strangers of one operator may share a block.
 */
export const MAX_FAILURES_OF_BLOCK = 300
/** Wrong passwords allowed for one account over all networks from which it never signed in. */
export const MAX_FAILURES_FROM_ELSEWHERE = 500
/** Days for which a device or a network is known after the last sign-in. */
const KNOWN_DAYS = 90

type Needs = Pick<Deps, 'db' | 'now' | 'secret'>

/** The person who tries to sign in, and where from. */
export interface SignInCaller {
  readonly mail: string
  /** The IP address as the server sees it. */
  readonly address: string
  /** The device cookie of the browser, which identifies the device but no person; undefined when it has none. */
  readonly device: string | undefined
}

/** The places of one account: its network, and its device if it has one. */
function placesOf({ mail, address, device }: SignInCaller): string[] {
  const of = mail.toLowerCase()
  const network = `${of} network ${networkOf(address)}`
  return device === undefined ? [network] : [network, `${of} device ${device}`]
}

/**
 * Checks a password within the budgets of failed attempts, which are counted in the database for all processes. A device and
 * a network on which the account signed in before have budgets of their own, so that strangers cannot lock a known user out.
 * Unknown mails are counted in the same way, so that a refusal does not reveal whether an account exists. The place is
 * remembered once the sign-in is complete: a password alone makes nobody known.
 * @param newDevice identifier given to the device if it has none yet
 * @throws AppError `rate_limited` when a budget is spent; rethrows what `check` throws
 */
export async function checkWithinBudget<T extends { readonly userId: string; readonly isComplete: boolean }>(
  deps: Needs & Pick<Deps, 'jobs'>,
  caller: SignInCaller,
  newDevice: string,
  check: () => Promise<T>,
): Promise<T> {
  const counted = await acrossSchemes(deps.db, (tx) => countAttempt(tx, deps, caller))
  let result: T
  try {
    result = await check()
  } catch (error) {
    const isWrong = error instanceof AppError && error.code === 'wrong_credentials'
    await acrossSchemes(deps.db, (tx) =>
      isWrong ? reportFailure(tx, deps, caller, counted) : uncountAttempt(tx, deps, counted),
    )
    throw error
  }
  await acrossSchemes(deps.db, async (tx) => {
    await uncountAttempt(tx, deps, counted)
    if (!result.isComplete) return
    const device = caller.device ?? newDevice
    await rememberPlaces(tx, deps, { ...caller, device }, result.userId)
  })
  return result
}

/** The account that gives a second factor, and the address and browser that it comes from. */
export interface FactorCaller {
  readonly userId: string
  readonly address: string
  readonly device: string | undefined
}

/** Lets an account be known where its sign-in was completed by a second factor. */
export async function rememberSignIn(deps: Needs, { userId, address, device }: FactorCaller): Promise<void> {
  await acrossSchemes(deps.db, async (tx) => {
    const account = await findAccountState(tx, userId)
    if (account !== undefined)
      await rememberPlaces(tx, deps, { mail: account.email, address, device }, userId)
  })
}

/** Runs the check of a factor, and reports a wrong one to the background work, as `checkWithinBudget` does at sign-in. */
export async function reportingWrong<T>(
  deps: Needs & Pick<Deps, 'jobs'>,
  { userId, address, device, factor }: FactorCaller & { readonly factor: 'password' | 'code' },
  check: () => Promise<T>,
): Promise<T> {
  try {
    return await check()
  } catch (error) {
    if (error instanceof AppError && (error.code === 'code_wrong' || error.code === 'wrong_credentials')) {
      await acrossSchemes(deps.db, async (tx) => {
        const account = await findAccountState(tx, userId)
        const places = placesOf({ mail: account?.email ?? '', address, device })
        let isKnown = false
        for (const place of places) isKnown ||= await isKnownPlace(tx, deps, place)
        await enqueueFailure(tx, deps, { userId, address, isKnownPlace: isKnown, factor })
      })
    }
    throw error
  }
}

/** Counts an attempt against the budgets that apply to it, the narrowest first, and returns the counts that it made. */
async function countAttempt(tx: Tx, deps: Needs, caller: SignInCaller): Promise<Counted[]> {
  const [network = '', device] = placesOf(caller)
  if (device !== undefined && (await isKnownPlace(tx, deps, device))) {
    const own = budgetOf('sign-in-device', device)
    // A device whose budget is spent is treated like any other device.
    if ((await countFailure(tx, deps, own)).failures <= MAX_FAILURES_OF_ACCOUNT) return [own]
  }
  const pair = budgetOf('sign-in', network)
  const counted = [pair]
  await countWithinBudget(tx, deps, pair, MAX_FAILURES_OF_ACCOUNT)
  // Refused attempts are not counted further: attacking one account does not spend the budgets of others.
  if (await isKnownPlace(tx, deps, network)) return counted
  const block = truncatedNetworkOf(caller.address)
  for (const [wide, max] of [
    [budgetOf('sign-in-network', networkOf(caller.address)), MAX_FAILURES_OF_NETWORK],
    [{ kind: 'sign-in-block', of: block, seconds: BLOCK_HOURS * 3600 }, MAX_FAILURES_OF_BLOCK],
    [budgetOf('sign-in-account', caller.mail.toLowerCase()), MAX_FAILURES_FROM_ELSEWHERE],
  ] as const) {
    await countWithinBudget(tx, deps, wide, max)
    counted.push(wide)
  }
  return counted
}

/** Reports a failure to the background work, with the same statements whether or not the account exists. */
async function reportFailure(
  tx: Tx,
  deps: Pick<Deps, 'jobs'>,
  caller: SignInCaller,
  counted: readonly Counted[],
): Promise<void> {
  const user = await findUserByMail(tx, caller.mail)
  await enqueueFailure(tx, deps, {
    userId: user?.id ?? null,
    address: caller.address,
    // An attempt from an unknown place is counted over all networks too.
    isKnownPlace: !counted.some(({ kind }) => kind === 'sign-in-account'),
    factor: 'password',
  })
}

function enqueueFailure(
  tx: Tx,
  { jobs }: Pick<Deps, 'jobs'>,
  { address, ...failure }: Omit<JobPayloads['account.failure'], 'network'> & { readonly address: string },
): Promise<void> {
  return jobs.enqueue(tx, 'account.failure', { ...failure, network: truncatedNetworkOf(address) })
}

function budgetOf(kind: string, of: string): Counted {
  return { kind, of, seconds: MINUTES * 60 }
}

/**
 * Counts one attempt at a secret by one subject, such as the current password by a session.
 * @throws AppError `rate_limited`
 */
export async function countSecretAttempt(
  deps: Needs,
  kind: string,
  of: string,
): Promise<{ undo(): Promise<void> }> {
  const counted = budgetOf(kind, of)
  await acrossSchemes(deps.db, (tx) => countWithinBudget(tx, deps, counted, MAX_FAILURES_OF_ACCOUNT))
  return { undo: () => acrossSchemes(deps.db, (tx) => uncountFailure(tx, deps, counted, 1)) }
}

/** Wrong pairs of codes of the break-glass account allowed from one network. */
export const MAX_FAILURES_OF_OPENING = 10

/**
 * Counts one attempt to open the break-glass account: by its network and its block of networks alone, so that strangers elsewhere
 * cannot keep the holders of the codes out.
 * @throws AppError `rate_limited`
 */
export async function countOpeningAttempt(deps: Needs, address: string): Promise<{ undo(): Promise<void> }> {
  const own = budgetOf('break-glass', networkOf(address))
  const block = { kind: 'break-glass-block', of: truncatedNetworkOf(address), seconds: BLOCK_HOURS * 3600 }
  await acrossSchemes(deps.db, async (tx) => {
    await countWithinBudget(tx, deps, own, MAX_FAILURES_OF_OPENING)
    await countWithinBudget(tx, deps, block, MAX_FAILURES_OF_BLOCK)
  })
  return { undo: () => acrossSchemes(deps.db, (tx) => uncountAttempt(tx, deps, [own, block])) }
}

/** @throws AppError `rate_limited`, which rolls back the transaction and the counts in it */
async function countWithinBudget(tx: Tx, deps: Needs, counted: Counted, max: number): Promise<void> {
  const { failures, secondsLeft } = await countFailure(tx, deps, counted)
  if (failures > max) throw new AppError('rate_limited', { values: { seconds: secondsLeft } })
}

async function uncountAttempt(tx: Tx, deps: Needs, counted: readonly Counted[]): Promise<void> {
  for (const one of counted) await uncountFailure(tx, deps, one, 1)
}

async function isKnownPlace(tx: Tx, deps: Needs, of: string): Promise<boolean> {
  const { rows } = await sql`select from sign_in_places
    where place = any(${hashesOfSubject(deps, 'place', of)}) and seen_at > ${knownSince(deps.now())}`.execute(
    tx,
  )
  return rows.length > 0
}

async function rememberPlaces(tx: Tx, deps: Needs, caller: SignInCaller, userId: string): Promise<void> {
  for (const of of placesOf(caller)) {
    await sql`insert into sign_in_places (place, user_id, seen_at)
      values (${hashesOfSubject(deps, 'place', of)[0]}, ${userId}, ${deps.now()})
      on conflict (place) do update set user_id = excluded.user_id, seen_at = excluded.seen_at`.execute(tx)
  }
}

/** Deletes devices and networks from which no account has signed in for a long time. */
export async function purgePlaces(db: Db | Tx, now: Date): Promise<void> {
  await (db as Kysely<Schema>).deleteFrom('signInPlaces').where('seenAt', '<', knownSince(now)).execute()
}

function knownSince(now: Date): Date {
  return new Date(now.getTime() - KNOWN_DAYS * DAY_MS)
}
