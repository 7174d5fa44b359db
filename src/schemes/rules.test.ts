import { expect, test } from 'vitest'
import { segmentMessage } from '../message/segment.ts'
import { readyMade } from './ready-made.ts'
import { isNamedArea, schemeRefusals, senderRefusals, timeZoneRefusals } from './rules.ts'
import { composeText, isAboutArea, namesPlace, namesTime } from './texts/compose.ts'
import { templateRefusals } from './texts/templates.ts'

test.each(['ALERTCOM63', 'BURALISTE03', 'CCI63', 'a1', 'AlerteCCI63'])('accepts sender %s', (sender) => {
  expect(senderRefusals(sender)).toEqual([])
})

test.each([
  ['', ['sender.length']],
  ['ALERTCOMMERCE63', ['sender.length']],
  ['ALERT COM', ['sender.characters']],
  ['ALERTÉ63', ['sender.characters']],
  ['ALERT-63', ['sender.characters']],
  ['36111', ['sender.digits']],
  ['Alerte', ['sender.generic']],
  ['RDV', ['sender.generic']],
  ['123456789012', ['sender.length', 'sender.digits']],
  ['test ! test !', ['sender.length', 'sender.characters']],
])('refuses sender "%s": %j', (sender, codes) => {
  expect(senderRefusals(sender).map((problem) => problem.code)).toEqual(codes)
})

test('accepts only known variables in templates', () => {
  expect(templateRefusals('Vol {lieu} vers {heure}. {conseil}', 't')).toEqual([])
  expect(templateRefusals('Faux billets {zone}. {conseil}', 't')).toEqual([])
  expect(templateRefusals('Vol {place} {}', 't').map((one) => one.values?.name)).toEqual(['place', ''])
  expect(templateRefusals('{lieu}', 't').map((one) => one.code)).toEqual(['template.empty'])
  expect(templateRefusals('Vol {lieu', 't').map((one) => one.code)).toEqual(['template.braces'])
  expect(templateRefusals('Vol {constructor}', 't').map((one) => one.code)).toEqual([
    'template.unknown_variable',
  ])
})

test('requires named areas for a territory', () => {
  expect(isNamedArea({ kind: 'departement', code: '63' })).toBe(true)
  expect(isNamedArea({ kind: 'scheme' })).toBe(false)
  expect(isNamedArea({ kind: 'union', areas: [{ kind: 'neighbours', code: '63178' }] })).toBe(false)
})

test('reports every problem of a definition at once', () => {
  const [good] = readyMade
  const bad = {
    ...good!,
    sender: 'alerte',
    trades: ['bakeries', 'bakeries', 'wizards'],
    territory: { kind: 'scheme' as const },
    categories: [{ ...good!.categories[0]!, template: '{quoi} !' }],
  }
  expect(
    schemeRefusals(bad)
      .map((problem) => problem.code)
      .sort(),
  ).toEqual([
    'own_trade.unknown',
    'scheme.area_not_named',
    'scheme.repeated',
    'sender.generic',
    'template.unknown_variable',
  ])
})

test.each(readyMade.map((scheme) => [scheme.id, scheme] as const))('can load %s', (_, scheme) => {
  expect(schemeRefusals(scheme)).toEqual([])
})

test('assigns the keys of the shopkeepers', () => {
  const ac63 = readyMade.find((scheme) => scheme.id === 'ac63')!
  expect(ac63.categories.slice(0, 8).map((category) => category.labelFr)).toEqual([
    'Vol à main armée',
    'Faux billets',
    'Vol par ruse',
    'Vol en réunion',
    'Chèques ou cartes volés',
    'Escroquerie',
    'Cambriolage',
    'Agression',
  ])
})

test('texts about counterfeit notes and prevention name an area, all others the place of the facts', () => {
  const categories = readyMade.flatMap((scheme) => scheme.categories)
  const speaking = categories.filter(({ template }) => isAboutArea(template)).map(({ code }) => code)
  expect([...new Set(speaking)].sort()).toEqual(['counterfeit-notes', 'prevention'])
  for (const { template } of categories) {
    expect(namesPlace(template)).toBe(!isAboutArea(template))
    if (template.includes('{heure}')) expect(template).toContain(' vers {heure}')
    expect(namesTime(template)).toBe(template.includes('{heure}'))
  }
  expect(namesTime('')).toBe(true)
})

test('the message of Issoire results from the template, and every template fits one SMS in GSM-7', () => {
  for (const scheme of readyMade) {
    for (const category of scheme.categories) {
      const text = composeText(category.template, {
        lieu: 'à Saint-Germain-près-Herment, place de la Halle,',
        zone: "agglomération d'Issoire",
        heure: '17h30',
        conseil: scheme.closingAdvice,
      })
      const { encoding, parts } = segmentMessage(text, { fold: true })
      expect({ text, encoding, parts: parts.length }).toEqual({ text, encoding: 'GSM-7', parts: 1 })
      expect(text.endsWith(scheme.closingAdvice)).toBe(true)
      expect(text).not.toMatch(/: \.|à \.|\(\)| {2}/)
    }
  }
  const template = readyMade[0]!.categories.find(
    (category) => category.code === 'counterfeit-notes',
  )!.template
  expect(
    composeText(template, { zone: "agglomération d'Issoire", conseil: readyMade[0]!.closingAdvice }),
  ).toBe("Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS.")
})

test('a time zone is a name, not an offset, which PostgreSQL reads the other way', () => {
  for (const zone of [null, 'UTC', 'Europe/Paris', 'Indian/Reunion', 'America/Martinique', 'Pacific/Noumea'])
    expect(timeZoneRefusals(zone)).toEqual([])
  for (const zone of ['+04:00', '-04', 'Etc/GMT+4', 'Lune/Copernic', 'UTC+4'])
    expect(timeZoneRefusals(zone)).toMatchObject([{ code: 'scheme_file.time_zone', path: 'timeZone' }])
})
