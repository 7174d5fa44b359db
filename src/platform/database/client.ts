import { hash } from 'node:crypto'
import { sql } from 'kysely'
import pg from 'pg'
import type { KeptNumbers, Pseudonyms } from '../../cipher/pseudonyms.ts'
import { dropConnection } from './pulse.ts'
import { AS_STORED as AS_STORED_MARK } from './sealing-client.ts'

const PREPARED_MARK = '/* prepared */'
/**
 * Marks a statement that each connection parses and plans once and then only runs: the statements between an order and its
 * first SMS, and those that a broadcast runs a thousand times. Parsing and planning them takes as long as running them. Use
 * it for statements that have few shapes and list their columns, and whose best plan does not depend on the values.
 */
export const PREPARED = sql.raw(PREPARED_MARK)
const LEAVE_UNREADABLE_MARK = '/* leave unreadable */'
/**
 * Marks a statement after whose end the pseudonyms of numbers that are gone or were changed are left in its rows, in place of an
 * error: one of them must not hold up the others.
 */
export const LEAVE_UNREADABLE = sql.raw(LEAVE_UNREADABLE_MARK)
/** Marks a statement about what is stored: pseudonyms and sealed values in it and in its result stay what they are. */
export const AS_STORED = sql.raw(AS_STORED_MARK)
/**
 * Maximum number of statements that a connection keeps: more shapes than a pool runs (some 80 with every mix of outcomes that
 * the ledger writes). Each takes up to 0.3 MB in every connection; beyond this number, a statement runs without being kept.
 */
const MAX_PREPARED = 100

/**
 * Returns the name under which a statement is prepared. It follows from the text alone: where a pooler mixes up the statements of
 * two processes, the same name must not be another statement.
 */
const nameOfText = (text: string) => `tocsin_${hash('sha256', text).slice(0, 32)}`

/**
 * Creates the class of a pool's connections. It names each statement marked with PREPARED, so that PostgreSQL keeps it, and
 * replaces numbers by pseudonyms and back.
 * @param onFailure receives the error of every statement that failed, from any caller
 * @param under undefined: numbers are stored in clear
 */
export function clientClass(
  onFailure: (error: unknown) => void,
  under: UnderPseudonyms | undefined,
): typeof pg.Client {
  const names = new Map<string, string>()

  function nameOf(text: string): string | undefined {
    let name = names.get(text)
    if (name === undefined && names.size < MAX_PREPARED) {
      name = nameOfText(text)
      names.set(text, name)
    }
    return name
  }

  return class extends pg.Client {
    // biome-ignore lint/suspicious/noExplicitAny: one body for all the ways to call it
    override query(...given: any[]): any {
      return under !== undefined && typeof given[0] === 'string' && !given[0].startsWith(AS_STORED_MARK)
        ? this.#queryUnderPseudonyms(under, given)
        : this.#query(...given)
    }

    // biome-ignore lint/suspicious/noExplicitAny: as `query`
    #queryUnderPseudonyms(under: UnderPseudonyms, [text, ...others]: any[]): any {
      const values: readonly unknown[] = Array.isArray(others[0]) ? others[0] : []
      const callback = others.find((arg) => typeof arg === 'function')
      const result = this.#runUnderPseudonyms(under, text, values)
      if (callback === undefined) return result
      result.then(
        (found) => callback(undefined, found),
        (error: unknown) => callback(error),
      )
    }

    /** Stores the numbers of a statement under their pseudonyms, runs it with these, and restores the numbers in its rows. */
    async #runUnderPseudonyms(
      { pseudonyms, keeper }: UnderPseudonyms,
      text: string,
      values: readonly unknown[],
      // biome-ignore lint/suspicious/noExplicitAny: as `query`
    ): Promise<any> {
      const replaced = values.length > 0 ? pseudonyms.replace(values) : undefined
      const { names, sealed, ends4, ends7 } = replaced?.numbers ?? NO_NUMBERS
      if (names.length > 0 && !READS_ONLY.test(text)) {
        const statement = { name: KEEP_NAME, text: KEEP_NUMBERS, values: [names, sealed, ends4, ends7] }
        await (keeper === undefined ? this.#query(statement) : keeper.query(statement))
      }
      const result = await this.#query(text, replaced?.values ?? values)
      const rows: unknown[] = Array.isArray(result) ? result.flatMap((one) => one.rows) : result.rows
      const unknown = pseudonyms.restore(rows, replaced?.own)
      if (unknown.size === 0) return result
      const stored = await this.#readSealedNumbers(unknown)
      const unreadable = text.includes(LEAVE_UNREADABLE_MARK) ? 'leave' : 'refuse'
      pseudonyms.restore(rows, pseudonyms.learnNumbers(unknown, stored, unreadable))
      return result
    }

    async #readSealedNumbers(pseudonyms: ReadonlySet<string>): Promise<Map<string, string>> {
      const { rows } = await this.#query({
        name: SEALED_NAME,
        text: SEALED_NUMBERS,
        values: [[...pseudonyms]],
      })
      return new Map(
        (rows as { pseudonym: string; sealed: string }[]).map((row) => [row.pseudonym, row.sealed] as const),
      )
    }

    // biome-ignore lint/suspicious/noExplicitAny: as `query`
    #query(...[first, ...others]: any[]): any {
      const isPrepared = typeof first === 'string' && first.startsWith(PREPARED_MARK)
      const [values, ...rest] = others
      const config = isPrepared ? { name: nameOf(first), text: first, values } : first
      const args: unknown[] = isPrepared ? rest : others
      const callback = args.findLastIndex((arg) => typeof arg === 'function')
      const fail = (error: unknown) => {
        onFailure(error)
        if (isReadOnly(error)) dropConnection(this)
      }
      if (callback >= 0) {
        const answer = args[callback] as (error: unknown, ...rows: unknown[]) => void
        args[callback] = (error: unknown, ...rows: unknown[]) => {
          if (error) fail(error)
          answer(error, ...rows)
        }
      }
      const result = super.query(config as pg.QueryConfig, ...(args as []))
      // A promise, or the statement given.
      if (result instanceof Promise) result.catch(fail)
      return result
    }
  }
}

/**
 * Tells whether a statement failed because its server takes no writes: a primary that became a standby while the connection stayed
 * open. The next connection is led to the new primary.
 */
const isReadOnly = (error: unknown) => (error as { code?: unknown } | null)?.code === '25006'

/** The data with which the connections of a pool replace numbers by pseudonyms. */
export interface UnderPseudonyms {
  readonly pseudonyms: Pseudonyms
  /**
   * Stores numbers in transactions of their own, before the statements that refer to them: two transactions that write the same
   * numbers in another order would otherwise wait for one another. Undefined: there is one connection only.
   */
  readonly keeper: pg.Pool | undefined
}

const NO_NUMBERS: KeptNumbers = { names: [], sealed: [], ends4: [], ends7: [] }
const KEEP_NUMBERS = 'select keep_numbers($1, $2, $3, $4)'
const KEEP_NAME = nameOfText(KEEP_NUMBERS)
const SEALED_NUMBERS = 'select pseudonym, sealed from sealed_numbers($1)'
const SEALED_NAME = nameOfText(SEALED_NUMBERS)
/** A statement that stores nothing: it looks for numbers, known or not. */
const READS_ONLY =
  /^\s*(?:\/\* (?:prepared|leave unreadable) \*\/\s*)*select\b(?!.*\b(?:insert|update|merge)\b)/is
