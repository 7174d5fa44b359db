import { expect, test } from 'vitest'
import { waitsOf } from './waits.ts'

type Alert = Parameters<typeof waitsOf>[0]

const quiet: Alert = { state: 'active', approval: { review: null }, authorisation: null, followUps: [] }
const denied = { confirmation: 'denied' } as Alert['authorisation']
const followUp = (over: Partial<Alert['followUps'][number]>) => ({
  state: 'ordered' as const,
  approval: { review: null },
  authorisation: null,
  ...over,
})

test.each([
  ['an alert in progress', {}, []],
  ['a submitted alert', { state: 'submitted' }, ['submitted']],
  ['a returned alert', { state: 'returned' }, ['returned']],
  ['a rejected alert, whose report waits', { state: 'rejected' }, ['rejected']],
  ['an open review', { state: 'expired', approval: { review: 'open' } }, ['review']],
  ['a signed review', { approval: { review: 'justified' } }, []],
  ['a denied authorisation', { authorisation: denied }, ['denied']],
  ['a denied authorisation of an alert that is over', { state: 'ended', authorisation: denied }, []],
  ['a submitted follow-up', { followUps: [followUp({ state: 'submitted' })] }, ['followUpSubmitted']],
  ['a returned follow-up', { followUps: [followUp({ state: 'returned' })] }, ['followUpReturned']],
  [
    'a follow-up to be reviewed, and another one submitted, of an alert to be reviewed',
    {
      approval: { review: 'open' },
      followUps: [followUp({ approval: { review: 'open' } }), followUp({ state: 'submitted' })],
    },
    ['review', 'followUpReview', 'followUpSubmitted'],
  ],
  [
    'a follow-up whose authorisation is denied',
    { followUps: [followUp({ authorisation: denied })] },
    ['denied'],
  ],
] as const)('hands over %s', (_, over, waits) => {
  expect(waitsOf({ ...quiet, ...over } as Alert)).toEqual(waits)
})
