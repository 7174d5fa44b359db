import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Named, namesOne, namesWholly } from './words.ts'

const named: Named = {
  shops: ['zebulon joaillerie', 'le pont'],
  people: ['Mme Aglaé Quincampoix', 'Marie Martin', 'Roy'],
  sirets: ['35600000000048'],
  addresses: ['17 impasse des Coquelicots'],
  phones: ['+33639980001'],
  mails: ['aglae@joyaux.example'],
}
const isNamed = namesOne(named, { words: new Set(['marie', 'martin', 'roy']), names: new Set() })

describe('whether what somebody wrote names who is erased', () => {
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

  test('of what concerns one of them, any word of a person’s name does', () => {
    expect(isNamed('Mme Martin ne veut plus', true)).toBe(true)
    expect(isNamed('travaux', true)).toBe(false)
  })

  test('wholly it names one by a number, an address or a whole name alone: a word of one is in many a text', () => {
    const one: Named = { ...named, shops: ['zebulon', 'roi des viandes'], people: ['Paul Petit', 'Roi'] }
    const isWhole = namesWholly(one)
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

  test('a name that somebody has who stays names nobody who goes, but in what concerns them', () => {
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
    const isOne = namesOne(one, others)
    for (const text of [
      'Tabac de la Gare',
      'M. PETIT Paul',
      'Zébulon',
      '17, impasse des Coquelicots',
      'jp@x.fr',
      'p@x.fr.example',
    ])
      expect([text, isOne(text), namesWholly(one, others.names)(text)]).toEqual([text, false, false])
    for (const text of ['p@x.fr.', '<p@x.fr>', 'SIRET 35600000000048', '0639980001'])
      expect([text, isOne(text), namesWholly(one, others.names)(text)]).toEqual([text, true, true])
    expect(isOne('Mme Petit ne veut plus', true)).toBe(true)
  })

  test('a name in full is found however it is written and whatever stands around it, though others have its words', () => {
    const name = fc
      .array(fc.stringMatching(/^[a-zéèç]{3,9}$/), { minLength: 2, maxLength: 3 })
      .map((words) => words.join(' '))
    fc.assert(
      fc.property(name, fc.stringMatching(/^[ a-z,.()-]{0,12}$/), fc.boolean(), (person, around, big) => {
        const one = { ...named, people: [person], shops: [] }
        const isOne = namesWholly(one)
        expect(isOne(`${around} ${big ? person.toUpperCase() : person}, ${around}`)).toBe(true)
      }),
    )
  })

  test('nobody is named where nothing is known', () => {
    const none = namesOne(
      { shops: [''], people: ['', 'Mme'], sirets: [], addresses: [], phones: [], mails: [] },
      { words: new Set(), names: new Set() },
    )
    fc.assert(fc.property(fc.string(), fc.boolean(), (text, closely) => !none(text, closely)))
  })
})
