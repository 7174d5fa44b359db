import { isPrevention, needsApproval as needsSecondPerson } from '../../../../src/alerts/compose/doctrine.ts'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { guardLevels } from '../../../../src/guard/finding.ts'
import type { ReportView } from '../../../../src/reports/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { DoctrineAnswers as Doctrine, ContentLevel as Level } from '../../../../src/schemes/doctrine.ts'
import type { AuthorisationEntry } from '../../approval/authorisation/AuthorisationFields.tsx'
import { unreferencedText } from '../order/sent.ts'
import type { Draft } from '../text/draft.ts'
import type { Message } from '../text/message.ts'

export type { Doctrine, Level }
export const levels: readonly Level[] = guardLevels

/** The single answer that the room asks for: an offence with the suspects gone, no offence, or suspects arrested. */
export type Offence = 'yes' | 'no' | 'arrested'

export function offenceOf({ offence, arrested }: Doctrine): Offence | null {
  if (offence === false) return 'no'
  if (arrested === true) return 'arrested'
  return offence === true && arrested === false ? 'yes' : null
}

export function withOffence(doctrine: Doctrine, answer: Offence): Doctrine {
  return { ...doctrine, offence: answer !== 'no', arrested: answer === 'arrested' }
}

/** Returns whether the draft is a prevention message, which mentions no offence and no place. */
export function isPreventionDraft(
  draft: Pick<Draft, 'doctrine' | 'categoryCode'>,
  scheme: Pick<SchemeView, 'categories'>,
): boolean {
  const category = scheme.categories.find(({ code }) => code === draft.categoryCode)
  return (
    category !== undefined && isPrevention({ categoryLevel: category.level, level: draft.doctrine.level })
  )
}

/** Returns the same for a recorded alert. */
export function isPreventionAlert({ category, doctrine }: Pick<AlertView, 'category' | 'doctrine'>): boolean {
  return isPrevention({ categoryLevel: category.level, level: doctrine.level })
}

/**
 * Returns whether the scheme requires a second person for such an alert. The server checks again when it is ordered. A category
 * that the scheme does not list, since it was taken out of use, is as the report of the alert says.
 */
export function needsApproval(
  scheme: Pick<SchemeView, 'doctrine' | 'categories'>,
  alert: {
    readonly categoryCode: string | null
    readonly level: Level
    readonly report?: Pick<ReportView, 'category'> | null
  },
): boolean {
  const listed = [...scheme.categories, ...(alert.report ? [alert.report.category] : [])]
  const category = listed.find(({ code }) => code === alert.categoryCode)
  if (category === undefined) return false
  return needsSecondPerson(scheme.doctrine, {
    categoryCode: category.code,
    severity: category.severity,
    doctrine: { level: alert.level },
  })
}

type Agency = SchemeView['agencies'][number]

/** Returns the forces that have a zone of their own in the scheme. */
export function forcesOf(scheme: Pick<SchemeView, 'agencies'>): Agency[] {
  return scheme.agencies.filter(({ kind }) => kind === 'police' || kind === 'gendarmerie')
}

/** Returns the default authority of an authorisation: the first prosecutor's office of the scheme. */
export function prosecutorOf(scheme: Pick<SchemeView, 'agencies'>): string {
  return scheme.agencies.find(({ kind }) => kind === 'prosecutor')?.name ?? ''
}

/** A recorded authorisation, and the content that it covers. */
export interface Authorised {
  view: NonNullable<AlertView['authorisation']>
  seal: string
}

/** Returns what an authorisation covers: with another text, area, trades or level it is void. */
export function sealOf(content: {
  readonly text: string
  readonly area: unknown
  readonly trades: readonly string[]
  readonly level: Level
}): string {
  return JSON.stringify([content.text, content.area, content.trades.toSorted(), content.level])
}

export function sealOfDraft(draft: Draft, message: Message): string {
  return sealOf({
    text: unreferencedText({ text: message.text, exercise: draft.exercise }),
    area: draft.area?.area ?? null,
    trades: draft.trades,
    level: draft.doctrine.level,
  })
}

/** Lists the objections of the doctrine that the browser can find without the server. */
export type DoctrineGap = 'noOffence' | 'arrested' | 'authorisation' | 'zoneReason'

export function doctrineGaps(
  draft: Pick<Draft, 'doctrine' | 'outsideZoneReason'>,
  facts: {
    readonly outside: boolean
    readonly authorised: boolean
    readonly prevention: boolean
    /** Whether it is submitted to a second person, so that the authorisation can follow later. */
    readonly needsApproval: boolean
  },
): DoctrineGap[] {
  const { doctrine } = draft
  if (facts.prevention) return []
  const gaps: DoctrineGap[] = []
  const offence = offenceOf(doctrine)
  if (offence === 'no') gaps.push('noOffence')
  if (offence === 'arrested') gaps.push('arrested')
  if (doctrine.level === 'precise' && !facts.authorised && !facts.needsApproval) gaps.push('authorisation')
  if (facts.outside && draft.outsideZoneReason.trim() === '') gaps.push('zoneReason')
  return gaps
}

/** Returns the field at which a problem found by the server is shown. */
export type DoctrineField = 'offence' | 'level' | 'authorisation' | 'zone' | 'text' | 'other'

export function fieldOf(problem: {
  readonly code: string
  readonly path?: string | undefined
}): DoctrineField {
  const { code, path = '' } = problem
  if (code.startsWith('guard.') || path === 'text' || code.startsWith('text_')) return 'text'
  if (code.includes('authorisation')) return 'authorisation'
  if (code.includes('offence') || code.includes('arrested')) return 'offence'
  if (code.includes('outside_zone')) return 'zone'
  return path.endsWith('level') ? 'level' : 'other'
}

/** The id of the field with the magistrate's name. */
export const MAGISTRATE_ID = 'magistrat'

/** Returns the content of the form. A name noted by an older version of the page, without its id, must be chosen again. */
export function entryOf(draft: Draft): AuthorisationEntry {
  return {
    magistrateId: '',
    givenAt: null,
    scope: draft.authorised?.view.scope ?? draft.raisedFor ?? '',
    ...draft.authorisation,
  }
}
