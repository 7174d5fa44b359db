import type { Deps } from '../../deps.ts'
import { learnOutcomes } from '../../members/numbers/health.ts'
import type { NumberOutcomeKind } from '../../members/numbers/rules.ts'
import { inScheme } from '../../platform/db.ts'

const DAY_MS = 86_400_000

/** What came of messages before the demo began, days ago: numbers given up, phones that stay off, one that was ported. */
const stories: readonly (readonly [
  kind: Exclude<NumberOutcomeKind, 'delivered'>,
  days: readonly number[],
])[] = [
  ['unknown', [41, 26, 9]],
  ['unknown', [58, 33, 12]],
  ['absent', [88, 71, 58, 41, 26, 9]],
  ['unknown', [9]],
  ['absent', [41, 26, 9]],
]

/** Gives the first members of a demo scheme, and of its tobacconists, a few numbers that need a look. Once again: the same. */
export async function seedDemoNumbers(deps: Deps, schemeId: string): Promise<void> {
  const ago = (days: number) => new Date(deps.now().getTime() - days * DAY_MS)
  await inScheme(deps.db, schemeId, async (tx) => {
    const phonesOf = async (isTobacconist: boolean) => {
      const rows = await tx
        .selectFrom('contacts as c')
        .innerJoin('members as m', (join) =>
          join.onRef('m.schemeId', '=', 'c.schemeId').onRef('m.id', '=', 'c.memberId'),
        )
        .select('c.mobile')
        .where('c.schemeId', '=', schemeId)
        .where('m.trade', isTobacconist ? '=' : '<>', 'tobacco-press')
        .where('c.sms', '=', true)
        .where('c.shared', '=', false)
        // The first ones play a part elsewhere in the demo.
        .orderBy('c.id', 'desc')
        .limit(stories.length)
        .execute()
      return rows.flatMap(({ mobile }) => mobile ?? [])
    }
    const failed = [...(await phonesOf(false)), ...(await phonesOf(true))].flatMap((phone, n) => {
      const [kind, days] = stories[n % stories.length]!
      return days.map((day) => ({ phone, kind, at: ago(day) }))
    })
    const delivered = [...new Set(failed.map(({ phone }) => phone))].map((phone) => ({ phone, at: ago(120) }))
    await learnOutcomes(tx, deps, schemeId, { delivered, failed })
  })
}
