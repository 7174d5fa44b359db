import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { segmentMessage } from '../message/segment.ts'
import { DoctrineSettings } from '../schemes/doctrine.ts'
import { AlertStateName } from './contract.ts'
import type { FollowUpKind } from './follow-up-contract.ts'
import { followUpText, openingText } from './follow-up-texts.ts'
import {
  byDay,
  eventOf,
  type FollowUpFacts,
  followUpNeedsApproval,
  followUpRefusals,
  isOver,
  stateOnceSent,
  validityOf,
} from './follow-ups.ts'
import { nextState } from './states.ts'

const kinds: readonly FollowUpKind[] = ['update', 'correction', 'all_clear']

test('what each follow-up makes of each state', () => {
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

test('the state once all is sent knows of updates ordered meanwhile', () => {
  expect(stateOnceSent('broadcasting', ['first'])).toBe('active')
  expect(stateOnceSent('broadcasting', ['first', 'copy'])).toBe('active')
  expect(stateOnceSent('broadcasting', ['first', 'update'])).toBe('updated')
  expect(stateOnceSent('broadcasting', ['first', 'correction'])).toBe('updated')
  expect(stateOnceSent('active', ['first'])).toBeUndefined()
  expect(stateOnceSent('ended', ['first', 'all_clear'])).toBeUndefined()
})

describe('refusals', () => {
  const good: FollowUpFacts = {
    kind: 'update',
    text: 'Mise à jour : véhicule retrouvé.',
    segmentation: segmentMessage('Mise à jour : véhicule retrouvé.', { fold: true }),
    level: 'established',
    remarks: [],
    authorised: false,
    approvalNeeded: false,
    byChief: false,
    sent: ['first'],
  }
  const codes = (over: Partial<FollowUpFacts>) =>
    followUpRefusals({ ...good, ...over }).map(({ code }) => code)
  const plate = { code: 'plate', severity: 'block', start: 0, end: 4 } as const

  test.each<[string, Partial<FollowUpFacts>, string[]]>([
    ['a good one', {}, []],
    ['no text', { text: ' ' }, ['text_empty']],
    ['four parts', { segmentation: segmentMessage('a'.repeat(460)) }, ['text_too_long']],
    ['a plate', { remarks: [plate] }, ['guard.blocked']],
    ['what only wants a look', { remarks: [{ ...plate, code: 'missing_time', severity: 'warn' }] }, []],
    ['a length, said by the parts', { remarks: [{ ...plate, code: 'too_long' }] }, []],
    ['cleared already', { kind: 'all_clear', sent: ['first', 'all_clear'] }, ['doctrine.cleared_already']],
    ['updated already', { sent: ['first', 'update'] }, []],
    ['precise, no prosecutor', { level: 'precise' }, ['doctrine.authorisation_missing']],
    ['precise, authorised', { level: 'precise', authorised: true }, []],
    ['for a chief', { approvalNeeded: true }, ['doctrine.chief_needed']],
    ['by a chief', { approvalNeeded: true, byChief: true }, []],
    [
      'all at once',
      {
        kind: 'all_clear',
        text: '',
        remarks: [plate],
        sent: ['first', 'all_clear'],
        level: 'precise',
        approvalNeeded: true,
      },
      [
        'text_empty',
        'guard.blocked',
        'doctrine.cleared_already',
        'doctrine.authorisation_missing',
        'doctrine.chief_needed',
      ],
    ],
  ])('%s', (_, over, expected) => expect(codes(over)).toEqual(expected))
})

test('a second person is needed for what the text tells, not again for what the alert is', () => {
  const settings = DoctrineSettings.parse({
    approval: [
      { categories: 'all', severities: 'all', level: 'precise' },
      { categories: 'all', severities: ['vital'] },
    ],
  })
  const vital = {
    categoryCode: 'robbery',
    severity: 'vital',
    doctrine: { level: 'precise' as const },
  } as const
  expect(followUpNeedsApproval(settings, vital, 'established')).toBe(false)
  expect(followUpNeedsApproval(settings, vital, 'prevention')).toBe(false)
  expect(followUpNeedsApproval(settings, vital, 'precise')).toBe(true)
})

test('an update is worth as long as its alert, what ends it a day from when it may leave', () => {
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

describe('by day', () => {
  const paris = new Intl.DateTimeFormat('fr', {
    timeZone: 'Europe/Paris',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  test.each([
    ['2026-03-12T12:00:00Z', '2026-03-12T12:00:00.000Z'],
    ['2026-03-12T20:59:59Z', '2026-03-12T20:59:59.000Z'],
    ['2026-03-12T21:00:00Z', '2026-03-13T06:00:00.000Z'],
    ['2026-03-12T05:59:59Z', '2026-03-12T06:00:00.000Z'],
    ['2026-03-12T06:00:00Z', '2026-03-12T06:00:00.000Z'],
    // The clocks go forward in this night, and back in that one.
    ['2026-03-28T22:30:00Z', '2026-03-29T05:00:00.000Z'],
    ['2026-10-24T22:30:00Z', '2026-10-25T06:00:00.000Z'],
  ])('%s → %s', (at, expected) => expect(byDay(new Date(at)).toISOString()).toBe(expected))

  test('never by night, never earlier, never more than ten hours later', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
        (at) => {
          const day = byDay(at)
          expect(day.getTime()).toBeGreaterThanOrEqual(at.getTime())
          expect(day.getTime() - at.getTime()).toBeLessThanOrEqual(10 * 3_600_000)
          const clock = paris.format(day)
          expect(clock >= '07:00' && clock < '22:00', clock).toBe(true)
        },
      ),
    )
  })
})

test('the texts by themselves fit one SMS with the reference, whatever the area', () => {
  const alert = {
    category: { labelFr: 'Faux billets' },
    areaLabel: "agglomération d'Issoire",
    reference: '63-26-0142',
  }
  expect(openingText('update', alert)).toBe('Mise à jour : ')
  expect(openingText('correction', alert)).toBe('Rectificatif : ')
  expect(openingText('all_clear', alert)).toBe(followUpText('all_clear', alert))
  expect(followUpText('all_clear', alert)).toBe(
    "Fin d'alerte : faux billets, agglomération d'Issoire. Merci de votre vigilance.",
  )
  const long = { ...alert, areaLabel: 'Saint-Rémy-sur-Durolle et communes voisines, '.repeat(4) }
  expect(followUpText('closing', long)).toBe('Alerte terminée : faux billets. Merci de votre vigilance.')
  expect(followUpText('arrest', { ...alert, category: { labelFr: 'VMA' } })).toContain('VMA')
})
