import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { purgeCodes } from '../identity/codes/codes.ts'
import { purgeInvitations } from '../identity/invitations.ts'
import { purgeChallenges } from '../identity/passkeys/webauthn.ts'
import { purgeVisits } from '../identity/provider/provider-sign-in.ts'
import { purgePlaces } from '../identity/sign-in/attempts.ts'
import { purgeFailures } from '../identity/sign-in/failures.ts'
import { vacuumDueTables } from '../platform/database/upkeep.ts'
import { acrossSchemes } from '../platform/db.ts'
import { recordReachedSms, sendDirectMessage } from './plan/direct.ts'
import { purgeTaken } from './receipt/taken-messages.ts'
import { readHealth } from './settle/health.ts'

/** Time limit of database maintenance per hour; other users of the database wait for one table at most. */
const UPKEEP_MS = 10_000

/**
 * Registers the background jobs of messages that belong to no alert, and of all outcomes. Each handler may run twice.
 */
export async function registerDeliveryJobs(
  deps: Pick<Deps, 'database' | 'db' | 'now' | 'newId' | 'jobs' | 'log' | 'config' | 'secret' | 'mailer'>,
): Promise<void> {
  await deps.jobs.work('direct.send', 2, ({ schemeId, messageId }) =>
    sendDirectMessage(deps, schemeId, messageId),
  )
  await deps.jobs.work('outbox.reached', 1, () => recordReachedSms(deps))
  await deps.jobs.work('number.health', 1, (_, signal) => readHealth(deps, signal))
  await deps.jobs.work('database.upkeep', 1, async (_, signal) => {
    const until = deps.now().getTime() + UPKEEP_MS
    const tables = await vacuumDueTables(
      deps.database,
      async () => !signal.aborted && deps.now().getTime() < until && !(await isSending(deps)),
    )
    if (tables.length > 0) deps.log.info({ tables: tables.length }, 'tables vacuumed and analyzed')
  })
  await deps.jobs.work('code.purge', 1, () =>
    acrossSchemes(deps.db, async (tx) => {
      await purgeCodes(tx, deps.now())
      await purgeFailures(tx, deps.now())
      await purgeTaken(tx, deps.now())
      await purgePlaces(tx, deps.now())
      await purgeChallenges(tx, deps.now())
      await purgeInvitations(tx, deps.now())
      await purgeVisits(tx, deps.now())
    }),
  )
}

/** True when a chunk of any scheme is being sent, or could be now. */
async function isSending({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<boolean> {
  const at = now()
  const { rows } = await sql`
    select from delivery_chunks c join broadcasts b on b.scheme_id = c.scheme_id and b.id = c.broadcast_id
    where b.state = 'running' and b.valid_until > ${at} and c.state <> 'done' and (c.not_before is null or c.not_before <= ${at})
    limit 1`.execute(db)
  return rows.length > 0
}
