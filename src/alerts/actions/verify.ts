import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { type Problem, refusalOf } from '../../errors.ts'
import { asOwner } from '../../platform/db.ts'
import { OVER } from '../../schema.ts'
import type { VerifyQuery, VerifyView } from '../proof-contract.ts'
import { extentOf, isEnough, referenceIn, WORDS_NEEDED } from '../verify.ts'

/** The answer to whatever is not a message of ours: nothing in it tells how far off it was. */
const UNKNOWN: VerifyView = {
  genuine: false,
  extent: null,
  scheme: null,
  sentAt: null,
  state: null,
  followed: false,
  exercise: false,
}

/**
 * Tells whoever received a message whether it is one of ours. Asked by the public, so it looks over all schemes and
 * answers by what the asker holds already: nothing of the text, of the audience or of who decided.
 * @throws AppError `invalid_input` with `verify.reference_missing`, `verify.words_few`
 */
export async function verifyMessage(deps: Pick<Deps, 'db'>, query: VerifyQuery): Promise<VerifyView> {
  const reference = referenceIn(query.reference) ?? referenceIn(query.words)
  const problems: Problem[] = []
  if (reference === undefined) problems.push({ code: 'verify.reference_missing', path: 'reference' })
  if (!isEnough(query.words)) {
    problems.push({ code: 'verify.words_few', path: 'words', values: { count: WORDS_NEEDED } })
  }
  if (problems.length > 0 || reference === undefined) throw refusalOf(problems)
  const { rows } = await asOwner(deps.db, (tx) =>
    sql<{ scheme: string; text: string; orderedAt: Date; open: boolean; exercise: boolean }>`
      select s.name as scheme, b.text, b.ordered_at, a.exercise,
        a.state <> all (${[...OVER]}::text[]) as open
      from alerts a
      join schemes s on s.id = a.scheme_id
      join broadcasts b on b.scheme_id = a.scheme_id and b.alert_id = a.id
      where a.reference = ${reference} order by b.ordered_at`.execute(tx),
  )
  const found = rows.map((row) => ({ ...row, extent: extentOf(query.words, row.text) }))
  const match = found.find(({ extent }) => extent === 'whole') ?? found.find(({ extent }) => extent !== null)
  if (match === undefined) return UNKNOWN
  return {
    genuine: true,
    extent: match.extent,
    scheme: match.scheme,
    sentAt: match.orderedAt.toISOString(),
    state: match.open ? 'current' : 'over',
    followed: found.some((one) => one.scheme === match.scheme && one.orderedAt > match.orderedAt),
    exercise: match.exercise,
  }
}
