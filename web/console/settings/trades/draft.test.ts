import { expect, test } from 'vitest'
import type { TradeSetting, TradeSettings } from '../../../../src/schemes/trade-settings/contract.ts'
import { changeOf, draftOf, moveCode, ownerOfActivity, ownerOfWord, readWords, restoreOf } from './draft.ts'

const activity = (code: string, subclasses = 1) => ({ code, title: code, example: null, subclasses })
const trade = (code: string, over: Partial<TradeSetting> = {}): TradeSetting => ({
  code,
  nameFr: code,
  nameEn: code,
  builtIn: true,
  members: 0,
  naf: [],
  naf2025: [],
  words: [],
  ...over,
})
const bakeries = trade('bakeries', { naf: [activity('47.24')], words: ['boulangerie', 'pain'] })
const settings: TradeSettings = { version: 3, trades: [bakeries, trade('jewellers')], unused: [] }

test('reads typed words once each, and none that is there in another spelling', () => {
  expect(readWords(' Fournil , fournils;pain  d’épices\nBoulangeries', ['boulangerie'])).toEqual([
    'Fournil',
    'pain d’épices',
  ])
})

test('finds who has a word or an activity, but not a part of it', () => {
  expect(ownerOfWord(settings, 'Pains', 'jewellers')).toEqual({ trade: bakeries, said: 'pain' })
  expect(ownerOfWord(settings, 'Bakeries', null)).toEqual({ trade: bakeries, said: null })
  expect(ownerOfWord(settings, 'pain', 'bakeries')).toBeUndefined()
  expect(ownerOfActivity(settings, 'naf', activity('47.24Z'), null)?.said).toBe('47.24')
  expect(ownerOfActivity(settings, 'naf', activity('47.2', 7), null)).toBeUndefined()
  expect(ownerOfActivity(settings, 'naf2025', activity('47.24Z'), null)).toBeUndefined()
})

test('a word that moves leaves the other trade in the same change; trades that stay are codes', () => {
  const draft = {
    ...draftOf(undefined),
    nameFr: 'Fournils',
    words: ['pain'],
    moved: [{ from: 'bakeries', list: 'words' as const, said: 'pain' }],
  }
  expect(changeOf(settings, null, draft)).toEqual({
    version: 3,
    trades: [
      {
        code: 'bakeries',
        nameFr: 'bakeries',
        nameEn: 'bakeries',
        naf: ['47.24'],
        naf2025: [],
        words: ['boulangerie'],
      },
      'jewellers',
      { nameFr: 'Fournils', naf: [], naf2025: [], words: ['pain'] },
    ],
  })
  expect(changeOf(settings, 'jewellers', draftOf(settings.trades[1])).trades[0]).toBe('bakeries')
})

test('moves a trade by one place, and sets everything as it was', () => {
  expect(moveCode(['a', 'b', 'c'], 'b', -1)).toEqual(['b', 'a', 'c'])
  expect(moveCode(['a', 'b', 'c'], 'b', 1)).toEqual(['a', 'c', 'b'])
  expect(restoreOf(settings, { version: 4 })).toMatchObject({
    version: 4,
    trades: [{ code: 'bakeries', words: ['boulangerie', 'pain'] }, { code: 'jewellers' }],
  })
})
