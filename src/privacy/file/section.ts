import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { Subject } from './subject.ts'

/** Format of a value on paper; `words`: the message whose key is this prefix and the value. */
export type Format =
  | 'text'
  | 'phone'
  | 'siret'
  | 'day'
  | 'moment'
  | 'euros'
  | 'yes'
  | 'trade'
  | 'label'
  | { readonly words: string }

export type Row = Readonly<Record<string, unknown>>

/** A part of the file: rows of one subject, all of them in JSON, those of `columns` in a table on paper. */
export interface Section {
  readonly name: string
  /** Tables whose data about a person it gives. */
  readonly tables: readonly string[]
  /** Relative width and format of each column, by the name of its value. */
  readonly columns: Readonly<Record<string, readonly [width: number, format: Format]>>
  /** Whether its tables are of no scheme, so that they are read across schemes. */
  readonly isOfNoScheme?: boolean
  /** Whether only the chamber of the scheme gives it, and no trade chamber. */
  readonly isOfChamber?: boolean
  readonly read: (tx: Tx, subject: Subject) => Promise<readonly Row[]>
}

/** Conditions that find the rows of a subject, each to compare a column with: `member_id = ${business}`. */
export interface Keys {
  readonly scheme: string
  /** The members of a whole file; none for one of several contacts, or for a person who is no member. */
  readonly business: RawBuilder<unknown>
  readonly contacts: RawBuilder<unknown>
  readonly phones: RawBuilder<unknown>
  readonly mails: RawBuilder<unknown>
  readonly isOfTrades: boolean
}

/** Reads the rows of a section by one statement. */
export const rowsOf =
  (statement: (keys: Keys) => RawBuilder<Row>): Section['read'] =>
  async (tx, { schemeId, memberIds, isWhole, contactIds, phones, mails, isOfTrades }) => {
    const { rows } = await statement({
      scheme: schemeId,
      business: sql`any (${isWhole ? memberIds : []}::uuid[])`,
      contacts: sql`any (${contactIds}::uuid[])`,
      phones: sql`any (${phones}::text[])`,
      mails: sql`any (${mails}::text[])`,
      isOfTrades,
    }).execute(tx)
    return rows
  }
