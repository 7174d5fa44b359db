import type { Deps } from '../../deps.ts'
import { type GuardLevel, guardText } from '../../guard/guard.ts'
import { yearIn } from '../../message/clock.ts'
import { unknownReference, withReference } from '../../message/reference.ts'
import { segmentMessage } from '../../message/segment.ts'
import type { Actor } from '../../permissions.ts'
import { isLate } from '../../reports/rules.ts'
import { getScheme } from '../../schemes/actions.ts'
import type { SchemeView } from '../../schemes/contract.ts'
import { type UnderstoodLine, understandLine } from '../../schemes/line/parse.ts'
import { namesPlace, variablesOf } from '../../schemes/texts/compose.ts'
import { proposeText } from '../../schemes/texts/proposal.ts'
import { communeNames } from '../../schemes/texts/whereabouts.ts'
import { listAreaChoices, listPlaceNames } from '../../territory/actions.ts'
import type { AreaChoice } from '../../territory/contract.ts'
import { indexNames } from '../../territory/places/nearest.ts'
import { isPrevention, needsApproval } from './doctrine.ts'
import { type GuardFacts, getGuardFacts } from './guard-facts.ts'

/** A reason why the alert proposed for a line cannot be sent yet. */
export type LineNeed =
  | 'category'
  | 'commune'
  /** Only a part of the day is known. */
  | 'hour'
  | 'late_reason'
  /** A prevention message that says nothing yet. */
  | 'facts'
  /** Whether there is an offence, and whether the suspects are arrested. */
  | 'offence'
  /** A remark of the guard that forbids the text at every level. */
  | 'text'
  | 'prosecutor'
  | 'second_person'

/** A typed line as it was understood, and the alert that the room would propose for it. */
export interface ComposedLine {
  readonly understood: UnderstoodLine
  /** Time of the facts, in milliseconds since the epoch: the call's when the line says none. */
  readonly occurredAt: number
  readonly level: GuardLevel
  readonly needs: readonly LineNeed[]
  /** Null without a commune. */
  readonly area: AreaChoice | null
  readonly text: string
  /** Number of SMS parts, with the reference. */
  readonly parts: number
  readonly scheme: SchemeView
}

/**
 * Understands a typed line and composes the alert that the room would propose. Nothing is written.
 * @param input.at the time of the call; undefined: now. A text is the local time of the scheme: "2026-11-28T02:10"
 * @throws AppError `unknown_scheme`
 */
export async function composeLine(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: { readonly schemeId: string; readonly line: string; readonly at: (timeZone: string) => number },
): Promise<ComposedLine> {
  const { schemeId, line } = input
  const scheme = await getScheme(deps, actor, schemeId)
  const { timeZone, categories } = scheme
  const now = input.at(timeZone)
  const names = indexNames(await listPlaceNames(deps, actor, { schemeId }))
  const understood = understandLine(line, { categories, names, now, timeZone })
  const { commune, place, facts } = understood
  const category = categories.find(({ code }) => code === understood.categoryCode)
  const choices =
    commune === null
      ? []
      : await listAreaChoices(deps, actor, { schemeId, communeCode: commune.code, lang: 'fr' })
  const area =
    choices.find(({ area: { kind } }) => kind === (category?.area ?? 'commune')) ?? choices[0] ?? null
  const occurredAt = understood.when?.at ?? now
  const text = proposeText(scheme, {
    categoryCode: understood.categoryCode,
    commune,
    place,
    areaWords: area?.words ?? null,
    occurredAt,
    now,
    trades: [],
    facts,
  })
  const reference = unknownReference(scheme.referencePrefix, yearIn(timeZone, now))
  const reading = { template: category?.template ?? '', commune, areaWords: area?.words, occurredAt, text }
  const guard = await getGuardFacts(deps, actor, schemeId)
  const usual = category?.level ?? 'established'
  // Descriptions make it the level of the prosecutor, as in the room.
  const isPrecise = remarksOf(reading, guard, usual).some(
    ({ severity, allowedFrom }) => severity === 'block' && allowedFrom === 'precise',
  )
  const level = isPrecise ? 'precise' : usual
  const isBlocked =
    text !== '' && remarksOf(reading, guard, level).some(({ severity }) => severity === 'block')
  return {
    understood,
    occurredAt,
    level,
    needs: needsOf({ scheme, understood, category, level, isBlocked, occurredAt, now }),
    area,
    text,
    parts:
      text === ''
        ? 0
        : segmentMessage(withReference(text, reference, scheme.doctrine.leakTracing), { fold: true }).parts
            .length,
    scheme,
  }
}

function remarksOf(
  of: {
    readonly template: string
    readonly commune: UnderstoodLine['commune']
    readonly areaWords: string | undefined
    readonly occurredAt: number
    readonly text: string
  },
  facts: GuardFacts,
  level: GuardLevel,
) {
  const { commune, areaWords, text } = of
  const own = commune === null ? [] : communeNames({ commune })
  return guardText({
    text,
    level,
    occurredAt: new Date(of.occurredAt).toISOString(),
    ...(commune !== null && { ownPlaces: [...own, ...(areaWords === undefined ? [] : [areaWords])] }),
    ...(commune !== null && namesPlace(of.template) && { communes: own }),
    ...facts,
  })
}

function needsOf(of: {
  readonly scheme: SchemeView
  readonly understood: UnderstoodLine
  readonly category: SchemeView['categories'][number] | undefined
  readonly level: GuardLevel
  readonly isBlocked: boolean
  readonly occurredAt: number
  readonly now: number
}): LineNeed[] {
  const { scheme, understood, category, level } = of
  const { doctrine } = scheme
  const isAdvice = category !== undefined && isPrevention({ categoryLevel: category.level, level })
  const late = isLate(new Date(of.now), new Date(of.occurredAt), doctrine.lateAfterMinutes)
  const saysNothing = isAdvice && understood.facts === '' && variablesOf(category.template).includes('faits')
  const isApproved =
    category !== undefined &&
    needsApproval(doctrine, { categoryCode: category.code, severity: category.severity, doctrine: { level } })
  const needs: Readonly<Record<LineNeed, boolean>> = {
    category: category === undefined,
    commune: understood.commune === null,
    hour: understood.when?.isAbout === true,
    late_reason: late,
    facts: saysNothing,
    offence: !isAdvice,
    text: of.isBlocked,
    prosecutor: level === 'precise',
    second_person: isApproved,
  }
  return (Object.keys(needs) as LineNeed[]).filter((need) => needs[need])
}
