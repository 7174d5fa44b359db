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

test('proposes first the member named in full, though it owes nothing, before a debtor of a similar name', () => {
  const payer = (name: string, owedCents: number): PayerFacts => ({
    id: crypto.randomUUID(),
    name,
    commune: 'Issoire',
    people: ['Jean'],
    formerIds: [],
    owedCents,
    settling: owedCents === 0 ? [] : [owedCents],
    hasDebit: false,
    paid: [],
  })
  const members = [
    payer('Agence bancaire de la République', 1000),
    payer('Agence bancaire du Centre', 0),
    payer('Presse du Centre', 1000),
    payer('Librairie Jean', 0),
  ]
  const proposed = (text: string) =>
    matchCredits('ac63', members, [{ id: 'c1', bookedOn: '2026-03-12', amountCents: 1000, name: '', text }])
      .get('c1')
      ?.proposals.map(({ name }) => name)
  expect(proposed('VIR AGENCE BANCAIRE DU CENTRE')).toEqual([
    'Agence bancaire du Centre',
    'Agence bancaire de la République',
  ])
  // A first name alone names nobody in full.
  expect(proposed('VIR PRESSE CENTRE JEAN')?.[0]).toBe('Presse du Centre')
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
