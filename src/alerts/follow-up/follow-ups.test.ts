import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METROPOLITAN_ZONE, toFieldValue } from '../../message/clock.ts'
import { segmentMessage } from '../../message/segment.ts'
import { AlertStateName } from '../../reports/contract.ts'
import { ContentLevel, DoctrineSettings } from '../../schemes/doctrine.ts'
import { nextFollowUpState, nextState } from '../states.ts'
import { followUpNeedsApproval } from './approval-rules.ts'
import type { FollowUpKind } from './contract.ts'
import {
  byDay,
  eventOf,
  type FollowUpFacts,
  followUpRefusals,
  isOver,
  placeWordsOf,
  stateOnceSent,
  validityOf,
} from './follow-ups.ts'
import { followUpText, openingText } from './texts.ts'

const kinds: readonly FollowUpKind[] = ['update', 'correction', 'all_clear']

test('each follow-up in each state leads to the expected state', () => {
  const table = Object.fromEntries(
    AlertStateName.options.map((state) => [
      state,
      `${kinds.map((kind) => nextState(state, eventOf(kind, state)) ?? '·').join(' ')}${isOver(state) ? ' outcome' : ''}`,
    ]),
  )
  expect(table).toEqual({
    draft: '· · ·',
    submitted: '· · ·',
    returned: '· · ·',
    rejected: '· · ·',
    approved: '· · ·',
    broadcasting: 'broadcasting broadcasting ·',
    active: 'updated updated ended',
    updated: 'updated updated ended',
    ended: '· · · outcome',
    cancelled: 'cancelled cancelled cancelled outcome',
    expired: '· · · outcome',
    discarded: '· · ·',
  })
})

test('the state after sending includes updates ordered meanwhile', () => {
  expect(stateOnceSent('broadcasting', ['first'])).toBe('active')
  expect(stateOnceSent('broadcasting', ['first', 'copy'])).toBe('active')
  expect(stateOnceSent('broadcasting', ['first', 'update'])).toBe('updated')
  expect(stateOnceSent('broadcasting', ['first', 'correction'])).toBe('updated')
  expect(stateOnceSent('active', ['first'])).toBeUndefined()
  expect(stateOnceSent('ended', ['first', 'all_clear'])).toBeUndefined()
})

describe('followUpRefusals', () => {
  const good: FollowUpFacts = {
    kind: 'update',
    text: 'Mise à jour : véhicule retrouvé.',
    segmentation: segmentMessage('Mise à jour : véhicule retrouvé.', { fold: true }),
    level: 'established',
    remarks: [],
    authorisation: 'missing',
    approval: 'settled',
    sent: ['first'],
  }
  const codes = (over: Partial<FollowUpFacts>) =>
    followUpRefusals({ ...good, ...over }).map(({ code }) => code)
  const plate = { code: 'plate', severity: 'block', start: 0, end: 4 } as const

  test.each<[string, Partial<FollowUpFacts>, string[]]>([
    ['accepts a valid follow-up', {}, []],
    ['refuses an empty text', { text: ' ' }, ['text_empty']],
    ['refuses a text of four parts', { segmentation: segmentMessage('a'.repeat(460)) }, ['text_too_long']],
    ['refuses a text with a blocking remark', { remarks: [plate] }, ['guard.blocked']],
    [
      'accepts a text with a warning only',
      { remarks: [{ ...plate, code: 'missing_time', severity: 'warn' }] },
      [],
    ],
    [
      'ignores the remark on length, since the parts are counted',
      { remarks: [{ ...plate, code: 'too_long' }] },
      [],
    ],
    [
      'refuses a second all-clear',
      { kind: 'all_clear', sent: ['first', 'all_clear'] },
      ['doctrine.cleared_already'],
    ],
    ['accepts a second update', { sent: ['first', 'update'] }, []],
    [
      'requires an authorisation for identifying details',
      { level: 'precise' },
      ['doctrine.authorisation_missing'],
    ],
    ['accepts identifying details with an authorisation', { level: 'precise', authorisation: 'valid' }, []],
    [
      'refuses identifying details that changed since the authorisation',
      { level: 'precise', authorisation: 'void' },
      ['doctrine.authorisation_void'],
    ],
    ['needs no authorisation below identifying details', { authorisation: 'void' }, []],
    ['requires approval by a second person', { approval: 'needed' }, ['doctrine.approval_needed']],
    [
      'refuses a text that changed since its submission',
      { approval: 'changed' },
      ['doctrine.changed_since_approval'],
    ],
    [
      'reports all problems at once',
      {
        kind: 'all_clear',
        text: '',
        remarks: [plate],
        sent: ['first', 'all_clear'],
        level: 'precise',
        approval: 'needed',
      },
      [
        'text_empty',
        'guard.blocked',
        'doctrine.cleared_already',
        'doctrine.authorisation_missing',
        'doctrine.approval_needed',
      ],
    ],
  ])('%s', (_, over, expected) => expect(codes(over)).toEqual(expected))
})

/** Checks each rule with alerts of each severity and level and follow-ups of each kind and level. */
describe('a second person is needed', () => {
  const subject = {
    categoryCode: 'robbery',
    category: { labelFr: 'Vol à main armée' },
    placeWords: 'à Issoire',
    reference: '63-26-0142',
  }
  const closing = followUpText('all_clear', subject)
  const levels = ContentLevel.options
  const needs = (
    approval: DoctrineSettings['approval'],
    alert: { severity: 'vital' | 'notice'; level: ContentLevel },
    followUp: { kind: FollowUpKind; level: ContentLevel; text?: string },
  ) =>
    followUpNeedsApproval(
      DoctrineSettings.parse({ approval }),
      { ...subject, severity: alert.severity, doctrine: { level: alert.level } },
      { text: 'Autre chose.', ...followUp },
    )

  test('if the severity or category of its alert requires one, whatever its level', () => {
    const vital: DoctrineSettings['approval'] = [{ categories: 'all', severities: ['vital'] }]
    for (const level of levels) {
      for (const kind of kinds) {
        expect(needs(vital, { severity: 'vital', level: 'established' }, { kind, level })).toBe(true)
        expect(needs(vital, { severity: 'notice', level: 'established' }, { kind, level })).toBe(false)
      }
    }
    const category: DoctrineSettings['approval'] = [{ categories: ['robbery'], severities: 'all' }]
    const update = { kind: 'update', level: 'established' } as const
    expect(needs(category, { severity: 'notice', level: 'established' }, update)).toBe(true)
    expect(
      needs([{ ...category[0]!, categories: ['fraud'] }], { severity: 'notice', level: 'precise' }, update),
    ).toBe(false)
  })

  test('if the level of the alert or of the follow-up requires one', () => {
    const precise: DoctrineSettings['approval'] = [{ categories: 'all', severities: 'all', level: 'precise' }]
    const table = Object.fromEntries(
      levels.map((first) => [
        first,
        levels
          .map((level) => needs(precise, { severity: 'notice', level: first }, { kind: 'update', level }))
          .join(' '),
      ]),
    )
    expect(table).toEqual({
      prevention: 'false false true',
      established: 'false false true',
      precise: 'true true true',
    })
  })

  test('for an all-clear with any text but the proposed one', () => {
    const all: DoctrineSettings['approval'] = [{ categories: 'all', severities: 'all' }]
    const alert = { severity: 'vital', level: 'precise' } as const
    const with_ = (text: string, kind: FollowUpKind = 'all_clear') =>
      needs(all, alert, { kind, level: 'established', text })
    expect(with_(closing)).toBe(false)
    expect(with_(` ${closing} `)).toBe(false)
    expect(with_(`${closing} Fermez tous vos commerces.`)).toBe(true)
    expect(with_("Fin d'alerte.")).toBe(true)
    // The same text of another kind is not an all-clear.
    expect(with_(closing, 'update')).toBe(true)
    expect(with_(closing, 'correction')).toBe(true)
  })
})

test('each event in each state of a follow-up leads to the expected state', () => {
  const events = ['submit', 'order', 'override', 'return', 'reject', 'approve', 'discard'] as const
  const states = ['draft', 'submitted', 'returned', 'rejected', 'ordered', 'discarded'] as const
  const table = Object.fromEntries(
    states.map((state) => [state, events.map((event) => nextFollowUpState(state, event) ?? '·').join(' ')]),
  )
  expect(table).toEqual({
    draft: 'submitted ordered ordered · · · discarded',
    submitted: '· · ordered returned rejected ordered discarded',
    returned: 'submitted · ordered · · · discarded',
    rejected: '· · · · · · ·',
    ordered: '· · · · · · ·',
    discarded: '· · · · · · ·',
  })
})

test('an update is valid as long as its alert, a closing message for a day from when it may leave', () => {
  const orderedAt = new Date('2026-03-12T17:00:00Z')
  const until = (kind: 'update' | 'all_clear' | 'closing', expiresAt: string, notBefore = orderedAt) =>
    validityOf(kind, new Date(expiresAt), { orderedAt, notBefore }).toISOString()
  expect(until('update', '2026-03-13T05:00:00Z')).toBe('2026-03-13T05:00:00.000Z')
  expect(until('update', '2026-03-12T17:05:00Z')).toBe('2026-03-12T18:00:00.000Z')
  expect(until('all_clear', '2026-03-12T17:05:00Z')).toBe('2026-03-13T17:00:00.000Z')
  expect(until('closing', '2026-03-12T17:00:00Z', new Date('2026-03-13T06:00:00Z'))).toBe(
    '2026-03-14T06:00:00.000Z',
  )
})

describe('byDay', () => {
  test.each([
    ['2026-03-12T12:00:00Z', METROPOLITAN_ZONE, '2026-03-12T12:00:00.000Z'],
    ['2026-03-12T20:59:59Z', METROPOLITAN_ZONE, '2026-03-12T20:59:59.000Z'],
    ['2026-03-12T21:00:00Z', METROPOLITAN_ZONE, '2026-03-13T06:00:00.000Z'],
    ['2026-03-12T05:59:59Z', METROPOLITAN_ZONE, '2026-03-12T06:00:00.000Z'],
    ['2026-03-12T06:00:00Z', METROPOLITAN_ZONE, '2026-03-12T06:00:00.000Z'],
    // The clocks go forward in the first night and back in the second.
    ['2026-03-28T22:30:00Z', METROPOLITAN_ZONE, '2026-03-29T05:00:00.000Z'],
    ['2026-10-24T22:30:00Z', METROPOLITAN_ZONE, '2026-10-25T06:00:00.000Z'],
    // Seven in the morning, before and after that of mainland France.
    ['2026-03-12T20:00:00Z', 'Indian/Reunion', '2026-03-13T03:00:00.000Z'],
    ['2026-03-12T20:00:00Z', 'America/Cayenne', '2026-03-12T20:00:00.000Z'],
    ['2026-03-13T02:30:00Z', 'America/Martinique', '2026-03-13T11:00:00.000Z'],
  ])('%s in %s → %s', (at, timeZone, expected) =>
    expect(byDay(new Date(at), timeZone).toISOString()).toBe(expected),
  )

  test('returns no time at night, none earlier and none more than ten hours later', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        fc.constantFrom(METROPOLITAN_ZONE, 'Indian/Reunion', 'America/Cayenne', 'America/Martinique'),
        (at, timeZone) => {
          const day = byDay(at, timeZone)
          expect(day.getTime()).toBeGreaterThanOrEqual(at.getTime())
          expect(day.getTime() - at.getTime()).toBeLessThanOrEqual(10 * 3_600_000)
          const clock = toFieldValue(day.getTime(), timeZone).slice(11)
          expect(clock >= '07:00' && clock < '22:00', clock).toBe(true)
        },
      ),
    )
  })
})

test('the proposed texts fit one SMS with the reference, whatever the area', () => {
  const alert = {
    category: { labelFr: 'Faux billets' },
    placeWords: "agglomération d'Issoire",
    reference: '63-26-0142',
  }
  expect(openingText('update', alert)).toBe("Mise à jour : faux billets, agglomération d'Issoire. ")
  expect(openingText('correction', alert)).toBe("Rectificatif : faux billets, agglomération d'Issoire. ")
  expect(openingText('all_clear', alert)).toBe(followUpText('all_clear', alert))
  expect(followUpText('all_clear', alert)).toBe(
    "Fin d'alerte : faux billets, agglomération d'Issoire. Merci de votre vigilance.",
  )
  const long = { ...alert, placeWords: 'Saint-Rémy-sur-Durolle et communes voisines, '.repeat(4) }
  // The place is left out where one SMS has no room for it and for what is new.
  const near = {
    ...alert,
    placeWords: "communes d'Issoire, Saint-Rémy-sur-Durolle et Le Monastier-sur-Gazeille",
  }
  expect(openingText('update', near)).toBe('Mise à jour : faux billets. ')
  expect(followUpText('closing', long)).toBe(
    "Fin de validité de l'alerte : faux billets. Merci de votre vigilance.",
  )
  expect(followUpText('arrest', { ...alert, category: { labelFr: 'VMA' } })).toContain('VMA')
})

test('follow-ups name the place as the alert did', () => {
  const robbery = { category: { labelFr: 'Vol à main armée' }, reference: '63-26-0142' }
  const at = (placeWords: string) => ({ ...robbery, placeWords })
  expect(followUpText('all_clear', at('à Billom'))).toBe(
    "Fin d'alerte : vol à main armée à Billom. Merci de votre vigilance.",
  )
  expect(followUpText('closing', at('au Mont-Dore'))).toBe(
    "Fin de validité de l'alerte : vol à main armée au Mont-Dore. Merci de votre vigilance.",
  )
  expect(followUpText('arrest', at('aux Ancizes-Comps'))).toBe(
    "Suite de l'alerte vol à main armée aux Ancizes-Comps : une interpellation a eu lieu. Merci de votre vigilance.",
  )
  expect(openingText('update', at('à Billom'))).toBe('Mise à jour : vol à main armée à Billom. ')
  const row = { communeName: 'Mur-sur-Allier', formerName: 'Dallet', areaLabel: 'commune de Thiers' }
  expect(placeWordsOf({ ...row, template: 'Vol {lieu} vers {heure}.' })).toBe('à Dallet')
  expect(placeWordsOf({ ...row, template: 'Faux billets {zone}.' })).toBe('à Thiers')
})
