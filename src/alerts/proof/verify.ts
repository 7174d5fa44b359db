import { sql } from 'kysely'
import { numberOfMark } from '../../deliveries/marks.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { type Counted, countFailure, uncountFailure } from '../../identity/sign-in/failures.ts'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import { MARK_LENGTH, markLengthAt } from '../../message/mark.ts'
import { acrossSchemes } from '../../platform/db.ts'
import { networkOf } from '../../platform/http/network.ts'
import { OVER } from '../../schema.ts'
import type { VerifyQuestion, VerifyView } from './contract.ts'
import { markIn, matchWhole, referenceIn } from './rules.ts'

/**
 * Wrong texts for one reference in a day, over all clients and processes, before each network is slowed down for this
 * reference. Recipients mistype a few times; a program that completes a partly known text tries thousands.
 */
export const WRONG_TEXTS_A_DAY = 100
/** Checks that one network may make in a minute, right or wrong, for a reference whose budget is spent. */
export const SLOWED_QUESTIONS_A_MINUTE = 4

/** The response to every other text: it reveals nothing about how different the text was. */
const UNKNOWN: VerifyView = {
  genuine: false,
  scheme: null,
  timeZone: null,
  sentAt: null,
  state: null,
  followed: false,
  exercise: false,
}

/**
 * Tells whether a copy has the mark that it needs: where leaks are traced, that of one of the recipients. Messages ordered
 * with version 0.2.0 have short marks, which anybody can invent: they are confirmed without.
 */
function isMarkOf(
  row: {
    readonly text: string
    readonly markKey: string | null
    readonly markAt: number | null
    readonly recipients: number
  },
  mark: string | undefined,
): boolean {
  if (row.markKey === null || row.markAt === null) return true
  if (markLengthAt(row.text, row.markAt) !== MARK_LENGTH) return true
  const no = mark === undefined ? undefined : numberOfMark(BigInt(row.markKey), mark)
  return no !== undefined && no <= row.recipients
}

/**
 * Confirms to the recipient of a message whether it is genuine. It is public, so it searches all schemes, and confirms
 * the whole text only: confirming parts would allow an alert to be reconstructed word by word. Where leaks are traced, the
 * whole text has the mark of a recipient, so that a text that follows a template cannot be guessed either. Once the budget of wrong
 * texts for a reference is spent, it answers as before, but only a few checks a minute from each network, so that no
 * client can block the check for others.
 * @param address of the client, as the server sees it
 * @throws AppError `invalid_input` with `verify.reference_missing`, `verify.text_missing`; `rate_limited`
 */
export async function verifyMessage(
  deps: Pick<Deps, 'db' | 'now' | 'secret' | 'log'>,
  question: VerifyQuestion,
  address: string,
): Promise<VerifyView> {
  const reference = referenceIn(question.reference) ?? referenceIn(question.text)
  const problems: Problem[] = []
  if (reference === undefined) problems.push({ code: 'verify.reference_missing', path: 'reference' })
  if (question.text.trim() === '') problems.push({ code: 'verify.text_missing', path: 'text' })
  if (problems.length > 0 || reference === undefined) throw refusalOf(problems)
  // Unknown references are counted too, so that being slowed down does not reveal which references exist.
  const wrongTexts: Counted = { kind: 'verify', of: reference, seconds: 86_400 }
  const { answer, failures } = await acrossSchemes(deps.db, async (tx) => {
    const { failures } = await countFailure(tx, deps, wrongTexts)
    if (failures > WRONG_TEXTS_A_DAY) {
      const of = `${reference} ${networkOf(address)}`
      const pace = await countFailure(tx, deps, { kind: 'verify-pace', of, seconds: 60 })
      if (pace.failures > SLOWED_QUESTIONS_A_MINUTE) {
        throw new AppError('rate_limited', { values: { seconds: pace.secondsLeft } })
      }
    }
    const { rows } = await sql<{
      scheme: string
      timeZone: string | null
      text: string
      orderedAt: Date
      open: boolean
      exercise: boolean
      markKey: string | null
      markAt: number | null
      recipients: number
    }>`
      select s.name as scheme, s.time_zone, b.text, b.ordered_at, a.exercise, b.mark_key::text, b.mark_at,
        -- A follow-up keeps the numbers of the first message, and so its marks.
        max(b.planned) over (partition by b.scheme_id, b.mark_key) as recipients,
        a.state <> all (${[...OVER]}::text[]) as open
      from alerts a
      join schemes s on s.id = a.scheme_id
      join broadcasts b on b.scheme_id = a.scheme_id and b.alert_id = a.id
      where a.reference = ${reference} order by b.ordered_at`.execute(tx)
    const matches = matchWhole(
      question.text,
      rows.map(({ text }) => text),
      reference,
    )
    const mark = markIn(question.text) ?? markIn(question.reference)
    // Every mark is deciphered, whether the text matches or not, so that the time of the answer tells nothing.
    const areMarked = rows.map((row) => isMarkOf(row, mark))
    const match = rows.find((_, index) => matches[index] && areMarked[index])
    await uncountFailure(tx, deps, wrongTexts, match === undefined ? 0 : 1)
    if (match === undefined) return { answer: UNKNOWN, failures }
    const answer: VerifyView = {
      genuine: true,
      scheme: match.scheme,
      timeZone: match.timeZone ?? METROPOLITAN_ZONE,
      sentAt: match.orderedAt.toISOString(),
      state: match.open ? 'current' : 'over',
      followed: rows.some((one) => one.scheme === match.scheme && one.orderedAt > match.orderedAt),
      exercise: match.exercise,
    }
    return { answer, failures }
  })
  if (!answer.genuine && failures === WRONG_TEXTS_A_DAY + 1) {
    deps.log.warn(
      { reference, wrongTexts: failures },
      'the text of a message is being guessed by the public check',
    )
  }
  return answer
}
