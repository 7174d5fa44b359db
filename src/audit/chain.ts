import { acrossSchemes, type Db, inScheme, type Tx } from '../platform/db.ts'

/** Id of the audit chain of the installation, for events that belong to no scheme. */
export const NO_SCHEME = ''

/**
 * Runs work in a transaction that sees the chain of a scheme, or of the installation. Row-level security shows the rows of one
 * scheme; those of the installation are of none, so they are read across schemes.
 */
export function inChain<T>(db: Db, schemeId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  return schemeId === NO_SCHEME ? acrossSchemes(db, work) : inScheme(db, schemeId, work)
}
