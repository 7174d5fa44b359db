import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createNameMatcher, createWholeNameMatcher, type Named } from './words.ts'

const named: Named = {
  shops: ['zebulon joaillerie', 'le pont'],
  people: ['Mme Aglaé Quincampoix', 'Marie Martin', 'Roy'],
  sirets: ['35600000000048'],
  addresses: ['17 impasse des Coquelicots'],
  phones: ['+33639980001'],
  mails: ['aglae@joyaux.example'],
}
const isNamed = createNameMatcher(named, { words: new Set(['marie', 'martin', 'roy']), names: new Set() })

describe('texts that name an erased person', () => {
  test.each([
    'Mme Quincampoix a appelé',
    'liste-QUINCAMPOIX.csv',
    'zébulon',
    'fermeture du Zebulon',
    'MARTIN Marie ne veut plus',
    'M. Roy',
    'rappeler au 06 39 98 00 01',
    '0033639980001',
    'voir Aglae@Joyaux.example',
    'SIRET 356 000 000 00048',
    'derrière le 17, impasse des coquelicots',
    'au bar Le Pont',
  ])('%s', (text) => expect(isNamed(text)).toBe(true))

  test.each([
    'travaux',
    'cotisation non payée',
    'bijouteries et joailleries.csv',
    'joaillerie',
    'Mme Martin',
    'Sainte-Marie',
    'pont',
    'rue de M. Roy Dupont',
    '06 39 98 00 02',
    '17 rue des Acacias',
    '',
  ])('not: %s', (text) => expect(isNamed(text)).toBe(false))

  test('matches any word of a person’s name in texts about the member', () => {
    expect(isNamed('Mme Martin ne veut plus', true)).toBe(true)
    expect(isNamed('travaux', true)).toBe(false)
  })

  test('matches numbers, addresses and whole names only in texts about others', () => {
    const one: Named = { ...named, shops: ['zebulon', 'roi des viandes'], people: ['Paul Petit', 'Roi'] }
    const isWhole = createWholeNameMatcher(one)
    for (const text of [
      'Paul PETIT a appelé',
      'M. Roi',
      'Zébulon',
      'au Roi des viandes',
      'vu au 06 39 98 00 01',
      'écrit par aglae@joyaux.example',
      'SIRET 35600000000048',
      'au 17 impasse des Coquelicots',
    ])
      expect([text, isWhole(text)]).toEqual([text, true])
    for (const text of [
      'un petit retard',
      'Jeanne Petit',
      'Paul Martin',
      'galette des rois',
      'le roi',
      'zébulon et tournicoti',
      '',
    ])
      expect([text, isWhole(text)]).toEqual([text, false])
  })

  test('ignores a name shared with a kept member, except in texts about the erased one', () => {
    const one: Named = {
      ...named,
      shops: ['tabac de la gare', 'zebulon'],
      people: ['Paul Petit'],
      mails: ['p@x.fr'],
    }
    const others = {
      words: new Set(['paul', 'petit', 'zebulon']),
      names: new Set(['tabac de la gare', 'zebulon', 'paul petit', '17 impasse des coquelicots']),
    }
    const isOne = createNameMatcher(one, others)
    for (const text of [
      'Tabac de la Gare',
      'M. PETIT Paul',
      'Zébulon',
      '17, impasse des Coquelicots',
      'jp@x.fr',
      'p@x.fr.example',
    ])
      expect([text, isOne(text), createWholeNameMatcher(one, others.names)(text)]).toEqual([
        text,
        false,
        false,
      ])
    for (const text of ['p@x.fr.', '<p@x.fr>', 'SIRET 35600000000048', '0639980001'])
      expect([text, isOne(text), createWholeNameMatcher(one, others.names)(text)]).toEqual([text, true, true])
    expect(isOne('Mme Petit ne veut plus', true)).toBe(true)
  })

  test('finds a full name in any spelling and context, even when others share its words', () => {
    const name = fc
      .array(fc.stringMatching(/^[a-zéèç]{3,9}$/), { minLength: 2, maxLength: 3 })
      .map((words) => words.join(' '))
    fc.assert(
      fc.property(name, fc.stringMatching(/^[ a-z,.()-]{0,12}$/), fc.boolean(), (person, around, big) => {
        const one = { ...named, people: [person], shops: [] }
        const isOne = createWholeNameMatcher(one)
        expect(isOne(`${around} ${big ? person.toUpperCase() : person}, ${around}`)).toBe(true)
      }),
    )
  })

  test('matches nothing without names or identifiers', () => {
    const none = createNameMatcher(
      { shops: [''], people: ['', 'Mme'], sirets: [], addresses: [], phones: [], mails: [] },
      { words: new Set(), names: new Set() },
    )
    fc.assert(fc.property(fc.string(), fc.boolean(), (text, closely) => !none(text, closely)))
  })
})
