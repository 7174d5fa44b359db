import { NO_SCHEME } from '../audit/chain.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { countFailure } from '../identity/sign-in/failures.ts'
import { findAccountState, listGrants } from '../identity/store.ts'
import type { JobPayloads } from '../jobs.ts'
import { acrossSchemes, inScheme } from '../platform/db.ts'
import { writeMail } from './actions.ts'

/** Period over which failures of an account are recorded together. */
const RECORDED_SECONDS = 15 * 60
/** Counts within a period at which an entry is written: never one for each attempt. */
const RECORDED_AT: ReadonlySet<number> = new Set([1, 10, 100, 1000])
const DAY_SECONDS = 86_400
/** Failures from unknown places in a day after which the holder of the account is notified, once. */
export const FAILURES_TO_NOTIFY = 5
/** Mails without an account are counted as one, so that made-up ones do not fill the log. */
const NO_ACCOUNT = 'none'

/**
 * Records wrong passwords and codes in the audit log of accounts, and notifies the holder by mail of those from places where
 * the account never signed in. Wrong codes are counted apart, since their author knows the password. This count locks nobody
 * out; the one of identity/sign-in/attempts.ts does.
 */
export async function recordAccountFailure(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'secret'>,
  { userId, network, isKnownPlace, factor }: JobPayloads['account.failure'],
): Promise<void> {
  const account = userId ?? NO_ACCOUNT
  const of = factor === 'code' ? `${account} code` : account
  const isToNotify = await acrossSchemes(deps.db, async (tx) => {
    const { failures } = await countFailure(tx, deps, {
      kind: 'sign-in-recorded',
      of,
      seconds: RECORDED_SECONDS,
    })
    if (RECORDED_AT.has(failures)) {
      await recordAudit(tx, NO_SCHEME, deps.now(), {
        actor: 'system:sign-in',
        action: 'session.fail',
        subject: `user:${account}`,
        details: { failures, known: isKnownPlace, factor },
        network,
      })
    }
    if (userId === null || isKnownPlace) return false
    const ofDay = await countFailure(tx, deps, { kind: 'sign-in-notified', of, seconds: DAY_SECONDS })
    return ofDay.failures === FAILURES_TO_NOTIFY
  })
  if (isToNotify && userId !== null) await notifyHolder(deps, userId, factor)
}

/** An account without a role in a scheme belongs to none that could write to its holder. */
async function notifyHolder(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
  userId: string,
  factor: 'password' | 'code',
): Promise<void> {
  const account = await findAccountState(deps.db, userId)
  const [grant] = await listGrants(deps.db, userId)
  if (account === undefined || account.disabledAt !== null) return
  if (grant === undefined || grant.schemeId === NO_SCHEME) return
  await inScheme(deps.db, grant.schemeId, (tx) =>
    writeMail(tx, deps, grant.schemeId, {
      to: account.email,
      template: 'mail.account.strangers',
      values: { scheme: grant.schemeName, name: account.name, factor },
    }),
  )
}
