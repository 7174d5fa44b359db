import { expect, test } from 'vitest'
import { matchCredits, namedPerson, type PayerFacts } from './match.ts'

test('proposes a member named in full but for its legal form, whatever part of the dues was paid', () => {
  const member: PayerFacts = {
    id: '01900000-0000-7000-8000-00000000000a',
    name: 'SELARL Pharmacie Combes',
    commune: 'Issoire',
    people: [],
    formerIds: [],
    owedCents: 6000,
    settling: [6000],
    hasDebit: false,
    paid: [],
  }
  const credit = { id: 'c1', bookedOn: '2026-03-12', amountCents: 3000, name: 'PHARMACIE COMBES', text: '' }
  expect(matchCredits('ac63', [member], [credit]).get('c1')).toEqual({
    verdict: 'doubtful',
    reason: 'name_only',
    proposals: [member],
  })
})

test.each([
  ['VIR M DUPONT JEAN', 'Jean Dupont'],
  ['VIR MME LEROY', 'Anne Leroy'],
  ['VIR TABAC DE LA TOUR DUPONT', null],
  ['VIR SEPA COTISATION', null],
])('of the contacts of a member, "%s" names %s', (text, person) => {
  const member = { name: 'Tabac de la Tour', people: ['Anne Leroy', 'Jean Dupont'] }
  expect(namedPerson(member, { name: '', text })).toBe(person)
})
