import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { acrossSchemes } from '../../platform/db.ts'
import { readBounded } from '../../platform/http/bounded.ts'
import { checkTimestamp, readAnswer, writeRequest } from './timestamps.ts'

/** Less than a day, so that a run some minutes earlier than the day before still asks. */
const STAMPED_EVERY_MS = 23 * HOUR_MS
/** Delay after a failure, so that an authority that is down is not asked every few seconds. */
const RETRY_AFTER_MS = 600_000
const ANSWER_WITHIN_MS = 15_000
/** A token with its certificates has some 6 KB. */
const MAX_ANSWER_BYTES = 65_536

type StampDeps = Pick<Deps, 'db' | 'now' | 'log'> & {
  readonly config: { readonly audit: Pick<Deps['config']['audit'], 'timestampUrl' | 'timestampRoots'> }
}

/**
 * Asks the authority of TOCSIN_TIMESTAMP_URL once a day when it saw the last anchor, and keeps its token. What it answers is
 * checked before it is kept; a failure is logged, and tried again ten minutes later.
 */
export function createStamper(): { stampIfDue(deps: StampDeps): Promise<void> } {
  let notBefore = 0
  return {
    async stampIfDue(deps) {
      const { timestampUrl: url, timestampRoots: roots } = deps.config.audit
      const now = deps.now().getTime()
      if (url === undefined || roots === undefined || now < notBefore) return
      const anchor = await findUnstamped(deps, new Date(now - STAMPED_EVERY_MS))
      if (anchor === undefined) return
      try {
        const token = await request(url, anchor.statement)
        const { at } = await checkTimestamp(token, anchor.statement, roots)
        await acrossSchemes(deps.db, (tx) =>
          sql`update audit_anchors set timestamp_token = ${token}, stamped_at = ${at}
            where n = ${anchor.n} and timestamp_token is null`.execute(tx),
        )
      } catch (error) {
        notBefore = now + RETRY_AFTER_MS
        deps.log.error({ err: error, anchor: anchor.n }, 'an anchor of the audit log got no timestamp')
      }
    },
  }
}

/** Finds the last anchor if it has no timestamp, and none was made for any since an instant. */
async function findUnstamped({ db }: Pick<Deps, 'db'>, since: Date) {
  const { rows } = await acrossSchemes(db, (tx) =>
    sql<{ n: number; statement: string }>`select n::int, statement from audit_anchors
      where n = (select max(n) from audit_anchors) and timestamp_token is null
        and not exists (select from audit_anchors where stamped_at > ${since})`.execute(tx),
  )
  return rows[0]
}

async function request(url: string, text: string): Promise<string> {
  const nonce = randomBytes(8)
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
    body: Uint8Array.from(await writeRequest(text, nonce)),
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  })
  if (!response.ok) throw new Error(`the authority answered with status ${response.status}`)
  return readAnswer(await readBounded(response, MAX_ANSWER_BYTES), nonce)
}
