import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { DAY_MS } from '../../message/clock.ts'
import type { Tx } from '../../platform/db.ts'
import { acceptedHmacsOf } from '../../platform/process/secrets.ts'
import { INBOUND_WINDOW_MS, type SmsInbound } from '../gateway.ts'

type Needs = Pick<Deps, 'db' | 'now' | 'secret'>

/**
 * Tells whether this message from a phone was handled before. Messages with neither an id nor a time never were: a second STOP of
 * the same phone looks the same, and must count. Nor were those of SMPP, whose connection the program opens itself.
 */
export async function wasTaken(deps: Needs, message: SmsInbound): Promise<boolean> {
  const digests = digestsOf(deps, message)
  if (digests.length === 0) return false
  const { rows } = await sql`
    select from provider_messages where digest = any (${digests}::text[]) and (until is null or until > ${deps.now()})`.execute(
    deps.db,
  )
  return rows.length > 0
}

/** Remembers a message that was handled. One that failed is not remembered, so that the provider can send it again. */
export async function rememberTaken(deps: Needs, message: SmsInbound): Promise<void> {
  const [digest] = digestsOf(deps, message)
  if (digest === undefined) return
  await sql`
    insert into provider_messages as known (digest, until) values (${digest}, ${keptUntil(message)})
    on conflict (digest) do update set until = excluded.until where known.until < excluded.until`.execute(
    deps.db,
  )
}

/** Deletes what need not be remembered any more. */
export async function purgeTaken(tx: Tx, now: Date): Promise<void> {
  await tx.deleteFrom('providerMessages').where('until', '<', now).execute()
}

/** Returns until when a message is remembered: a dated one until it would be refused as too old, one with an id for good (null), as opt-outs are kept. */
function keptUntil({ sentMs }: SmsInbound): Date | null {
  return sentMs === undefined ? null : new Date(sentMs + INBOUND_WINDOW_MS + DAY_MS)
}

/**
 * Returns the digests by which a message is found, the first of which is stored. An id says nothing about a person, and its digest
 * must stay the same when the secret is replaced. A content may have a number and a text, so it is found under a secret only.
 */
function digestsOf({ secret }: Needs, { gateway, id, content, sentMs }: SmsInbound): string[] {
  if (id !== undefined) return [`id:${createHash('sha256').update(`${gateway}\0${id}`).digest('base64url')}`]
  if (content === undefined || sentMs === undefined) return []
  return acceptedHmacsOf(secret, `tocsin:inbound:${gateway}\0${content}`).map(
    (hash) => `content:${hash.toString('base64url')}`,
  )
}
