import { expect, test } from 'vitest'
import { type AlertContent, audienceHash, codesHash, contentHash } from './content.ts'

const audience = { whole: false, circles: [], circled: codesHash([]), trades: ['bakeries', 'jewellers'] }

const content: AlertContent = {
  text: "Faux billets agglomération d'Issoire. Ne pas intervenir.",
  traced: false,
  reference: '63-26-0142',
  area: { kind: 'sector', id: '00000000-0000-4000-8000-00000000b001' },
  territory: { kind: 'departement', code: '63' },
  audience: audienceHash({ ...audience, named: codesHash(['63178', '63050']) }),
  trades: ['bakeries', 'jewellers'],
  doctrine: { level: 'established' },
  sender: 'ALERTE63',
  severity: 'alert',
  simulated: true,
  categoryCode: 'counterfeit',
}

test.each<[string, Partial<AlertContent>]>([
  ['text', { text: "Faux billets agglomération d'Issoire. Ne pas intervenir !" }],
  ['reference', { reference: '63-26-0143' }],
  ['area', { area: { kind: 'commune', code: '63178' } }],
  ['communes of its sector', { audience: audienceHash({ ...audience, named: codesHash(['63178']) }) }],
  ['territory', { territory: { kind: 'departement', code: '03' } }],
  ['trades', { trades: ['bakeries'] }],
  ['level', { doctrine: { level: 'precise' } }],
  ['sender', { sender: 'ALERTE03' }],
  ['severity', { severity: 'vital' }],
  ['route', { simulated: false }],
  ['category', { categoryCode: 'robbery' }],
])('the hash changes with the %s', (_, change) => {
  expect(contentHash({ ...content, ...change })).not.toBe(contentHash(content))
})

test('the hash is the same for content that is sent the same', () => {
  const hash = contentHash(content)
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
  // jsonb changes the order of keys; trades are a set; phones get the folded text.
  expect(
    contentHash({ ...content, area: { id: '00000000-0000-4000-8000-00000000b001', kind: 'sector' } }),
  ).toBe(hash)
  expect(contentHash({ ...content, trades: ['jewellers', 'bakeries'] })).toBe(hash)
  expect(contentHash({ ...content, text: content.text.replace("'", '’') })).toBe(hash)
  expect(contentHash({ ...content, text: ` ${content.text}\n` })).toBe(hash)
})
