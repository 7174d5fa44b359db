import { createHash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { DAY_MS } from '../message/clock.ts'
import { sortKeys } from '../platform/canonical.ts'
import { acrossSchemes, type Db, type Tx } from '../platform/db.ts'
import type { AuditKeys } from './keys.ts'
import { recordAudit } from './record.ts'

/**
 * One kind of facts whose digests are signed and put into the chain, so that a change of their tables by SQL shows. Each room
 * describes its own.
 */
export interface SealKind {
  readonly kind: string
  /**
   * A query of the facts of every scheme: `scheme_id`, `id` (text), `at` (when the fact arose), `note` (text that changes when
   * the fact changes by right, such as the counts of a broadcast; a fact with another note is sealed again), and `digest` (see
   * `digestOf`).
   */
  readonly facts: RawBuilder<unknown>
  /** Days after `at` from which the fact may be gone, by its retention; null: it stays. */
  readonly keptDays: (config: Pick<Deps['config'], 'keepDeliveriesDays'>) => number | null
}

/** A fact that is not as it was sealed. */
export interface FactFault {
  readonly kind: string
  readonly id: string
  readonly reason: 'changed' | 'removed'
}

/**
 * SQL of the SHA-256 over some values, in hexadecimal, or, if one of them is sealed, of the text over which `digestFrom` computes
 * it: the digest is that of the values in clear, whatever key seals them. Instants must be given as numbers, whose text no setting
 * changes.
 */
export function digestOf(...values: readonly RawBuilder<unknown>[]): RawBuilder<string> {
  return sql`(select case when strpos(v.text, '"s1.') > 0 then v.text else encode(sha256(convert_to(v.text, 'UTF8')), 'hex') end
    from (select jsonb_build_array(${sql.join(values)})::text as text) v)`
}

/** Returns the digest that `digestOf` gave, or of the text that it gave. */
function digestFrom(digest: string): string {
  return digest.startsWith('[') ? createHash('sha256').update(digest).digest('hex') : digest
}

/** SQL of an instant in milliseconds. */
export function millisecondsSql(instant: RawBuilder<unknown>): RawBuilder<number> {
  return sql`floor(extract(epoch from ${instant}) * 1000)::bigint`
}

const Sealed = z.object({
  kind: z.string(),
  /** When it arose, its note and its digest, by id. */
  facts: z.record(z.string(), z.tuple([z.string(), z.string(), z.string()])),
  keyId: z.string(),
  signature: z.string(),
})
type Facts = z.infer<typeof Sealed>['facts']

function textOf(schemeId: string, kind: string, facts: Facts): string {
  return JSON.stringify(['tocsin-seal-1', schemeId, kind, sortKeys(facts)])
}

/** Facts sealed by one entry. */
const BATCH = 100

/**
 * Seals the facts that are new, or that changed by right since they were sealed: each batch is an entry of the chain with their
 * digests and a signature, so that only this program can seal.
 * @returns the number of facts sealed
 */
export async function sealDue(
  deps: Pick<Deps, 'db' | 'now'> & { readonly auditKeys: AuditKeys },
  kinds: readonly SealKind[],
): Promise<number> {
  const { current } = deps.auditKeys
  if (current === undefined) return 0
  let sealed = 0
  for (const { kind, facts } of kinds) {
    for (;;) {
      const due = await acrossSchemes(deps.db, (tx) =>
        sql<{ schemeId: string; id: string }>`
          select f.scheme_id, f.id from (${facts}) f
          -- Whatever the estimates: a join of tables that grew since their statistics compares each fact with each seal.
          left join lateral (
            select note from audit_seals where scheme_id = f.scheme_id and kind = ${kind} and id = f.id limit 1
          ) s on true
          where s.note is null or s.note <> f.note limit ${BATCH}`.execute(tx),
      )
      for (const [schemeId, rows] of Map.groupBy(due.rows, (row) => row.schemeId)) {
        sealed += await sealSome(
          schemeId,
          kind,
          facts,
          rows.map(({ id }) => id),
        )
      }
      if (due.rows.length < BATCH) break
    }
  }
  return sealed

  function sealSome(
    schemeId: string,
    kind: string,
    facts: RawBuilder<unknown>,
    ids: readonly string[],
  ): Promise<number> {
    return acrossSchemes(deps.db, async (tx) => {
      const { rows } = await sql<{ id: string; at: Date; note: string; digest: string }>`
        select f.id, f.at, f.note, f.digest from (${facts}) f
        where f.scheme_id = ${schemeId} and f.id = any (${ids}::text[])`.execute(tx)
      if (rows.length === 0) return 0
      const sealed: Facts = Object.fromEntries(
        rows.map(({ id, at, note, digest }) => [id, [at.toISOString(), note, digestFrom(digest)]]),
      )
      await sql`insert into audit_seals (scheme_id, kind, id, note)
        select ${schemeId}, ${kind}, * from unnest(${rows.map(({ id }) => id)}::text[], ${rows.map(({ note }) => note)}::text[])
        on conflict (scheme_id, kind, id) do update set note = excluded.note`.execute(tx)
      await recordAudit(tx, schemeId, deps.now(), {
        actor: 'system:seal',
        action: 'audit.seal',
        subject: `scheme:${schemeId}`,
        details: {
          kind,
          facts: sealed,
          keyId: current?.id,
          signature: current?.sign(textOf(schemeId, kind, sealed)),
        },
      })
      return rows.length
    })
  }
}

/** A fact as it was sealed. */
interface SealedFact {
  readonly at: Date
  readonly note: string
  readonly digest: string
}

/** The last seal of each fact of a scheme, gathered from its chain. */
export interface SealRegister {
  /** Takes the details of a seal entry. @returns false when this program did not sign it */
  take(details: unknown): boolean
  /** Facts that were sealed with another digest under the same note, though nothing had changed them by right. */
  resealed(kind: string): ReadonlySet<string>
  /** The last seals by id. */
  of(kind: string): ReadonlyMap<string, SealedFact>
}

export function createSealRegister(schemeId: string, keys: AuditKeys): SealRegister {
  const kinds = new Map<string, Map<string, SealedFact>>()
  const resealed = new Map<string, Set<string>>()
  return {
    take(details) {
      const { data } = Sealed.safeParse(details)
      if (data === undefined) return false
      const { kind, facts, keyId, signature } = data
      // Without a key nothing can be said of signatures; an unknown key among known ones is a stranger's.
      if (keys.known > 0 && keys.check(keyId, textOf(schemeId, kind, facts), signature) !== true) return false
      const sealed = kinds.get(kind) ?? new Map()
      const again = resealed.get(kind) ?? new Set()
      for (const [id, [at, note, digest]] of Object.entries(facts)) {
        const before = sealed.get(id)
        if (before !== undefined && before.note === note && before.digest !== digest) again.add(id)
        sealed.set(id, { at: new Date(at), note, digest })
      }
      kinds.set(kind, sealed)
      resealed.set(kind, again)
      return true
    },
    resealed: (kind) => resealed.get(kind) ?? new Set(),
    of: (kind) => kinds.get(kind) ?? new Map(),
  }
}

/** Facts compared in one transaction. */
const PAGE = 50

/**
 * Compares the facts of a scheme with their last seals. Facts that are not sealed yet, or that changed by right since, are left
 * to the next seal; facts that are gone must have reached the end of their retention. A fact that was changed and then sealed
 * once more (its row of `audit_seals` had been deleted) is a fault as well.
 */
export function compareFacts(
  db: Db,
  schemeId: string,
  register: SealRegister,
  against: Compared,
): Promise<FactFault[]> {
  return compare((work) => acrossSchemes(db, work), schemeId, register, against)
}

/** Compares as `compareFacts` does, in the transaction of the caller. */
export function compareFactsIn(
  tx: Tx,
  schemeId: string,
  register: SealRegister,
  against: Compared,
): Promise<FactFault[]> {
  return compare((work) => work(tx), schemeId, register, against)
}

/** Runs work in a transaction. */
type Run = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>

interface Compared {
  readonly seals: readonly SealKind[]
  readonly now: Date
  readonly config: Pick<Deps['config'], 'keepDeliveriesDays'>
}

async function compare(
  run: Run,
  schemeId: string,
  register: SealRegister,
  { seals, now, config }: Compared,
): Promise<FactFault[]> {
  const faults: FactFault[] = []
  for (const seal of seals) {
    const days = seal.keptDays(config)
    const sealed = [...register.of(seal.kind)].filter(([, { at }]) => isKept(at, days, now))
    for (let from = 0; from < sealed.length; from += PAGE) {
      const page = sealed.slice(from, from + PAGE)
      faults.push(...(await comparePage(run, schemeId, seal, page, register.resealed(seal.kind))))
    }
  }
  return faults
}

/** Returns whether a fact must still be there: its retention removes older ones in parts. @param days of the retention; null: none */
function isKept(at: Date, days: number | null, now: Date): boolean {
  return days === null || at.getTime() + (days - 1) * DAY_MS > now.getTime()
}

async function comparePage(
  run: Run,
  schemeId: string,
  { kind, facts }: SealKind,
  page: readonly (readonly [id: string, was: SealedFact])[],
  resealed: ReadonlySet<string>,
): Promise<FactFault[]> {
  const { rows } = await run((tx) =>
    sql<{ id: string; note: string; digest: string }>`
      select f.id, f.note, f.digest from (${facts}) f
      where f.scheme_id = ${schemeId} and f.id = any (${page.map(([id]) => id)}::text[])`.execute(tx),
  )
  const found = new Map(rows.map((row) => [row.id, row]))
  return page.flatMap(([id, was]): FactFault[] => {
    const is = found.get(id)
    if (is === undefined) return [{ kind, id, reason: 'removed' }]
    const isChanged = resealed.has(id) || (is.note === was.note && digestFrom(is.digest) !== was.digest)
    return isChanged ? [{ kind, id, reason: 'changed' }] : []
  })
}
