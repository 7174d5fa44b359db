import type { Tx } from '../../platform/db.ts'
import type { CellAnswers, CellKey } from './cells.ts'

/** Longest text that is remembered. */
const MAX_WRITTEN = 100
/** A text with a number or a mail address may be personal; a postal code is not. */
const IS_PERSONAL = /@|(?:\d\D{0,2}){6}/

/** Tells whether the answer for a cell may be remembered. */
export function isRememberable({ written }: CellKey): boolean {
  return written !== '' && written.length <= MAX_WRITTEN && !IS_PERSONAL.test(written)
}

/** Lists the answers of a scheme for cells that the program could not read. */
export async function listCellAnswers(tx: Tx, schemeId: string): Promise<CellAnswers> {
  const rows = await tx
    .selectFrom('importAnswers')
    .select(['kind', 'written', 'answer'])
    .where('schemeId', '=', schemeId)
    .execute()
  const ofKind = (wanted: string) =>
    new Map(
      rows.flatMap(({ kind, written, answer }) => (kind === wanted ? [[written, answer] as const] : [])),
    )
  return { commune: ofKind('commune'), trade: ofKind('trade') }
}

/** Remembers an answer; the last one counts. */
export async function storeCellAnswer(
  tx: Tx,
  schemeId: string,
  { kind, written }: CellKey,
  answer: string,
  at: Date,
): Promise<void> {
  await tx
    .insertInto('importAnswers')
    .values({ schemeId, kind, written, answer, at })
    .onConflict((conflict) => conflict.columns(['schemeId', 'kind', 'written']).doUpdateSet({ answer, at }))
    .execute()
}

export async function deleteCellAnswer(tx: Tx, schemeId: string, { kind, written }: CellKey): Promise<void> {
  await tx
    .deleteFrom('importAnswers')
    .where('schemeId', '=', schemeId)
    .where('kind', '=', kind)
    .where('written', '=', written)
    .execute()
}
