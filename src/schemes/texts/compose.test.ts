import fc from 'fast-check'
import { expect, test } from 'vitest'
import { composeText, templateVariables, variablesOf } from './compose.ts'

const conseil = 'Ne pas intervenir, ne pas transférer SMS.'

test('composes the message of Issoire', () => {
  expect(composeText('Faux billets {zone}. {conseil}', { zone: "agglomération d'Issoire", conseil })).toBe(
    "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS.",
  )
})

const template = 'Vol à main armée ({metier}) {lieu} à {heure} : {faits}. {conseil}'
test.each([
  [{ lieu: 'Riom', conseil }, `Vol à main armée Riom. ${conseil}`],
  [{ lieu: 'Riom', heure: '17h30', conseil }, `Vol à main armée Riom à 17h30. ${conseil}`],
  [{ lieu: 'Riom', heure: '17h30', metier: 'bijouteries' }, 'Vol à main armée (bijouteries) Riom à 17h30.'],
  [{ lieu: 'Riom', faits: 'deux individus.', conseil }, `Vol à main armée Riom : deux individus. ${conseil}`],
  [{ faits: 'fuite vers A75 !', conseil }, `Vol à main armée : fuite vers A75 ! ${conseil}`],
  [{}, 'Vol à main armée.'],
])('%j', (values, text) => {
  expect(composeText(template, values)).toBe(text)
})

test.each([
  [{ lieu: 'à Billom', heure: '2h10' }, 'Vol à main armée à Billom vers 2h10.'],
  [
    { lieu: 'à Billom, place de la Halle,', heure: '2h10', faits: 'deux hommes' },
    'Vol à main armée à Billom, place de la Halle, vers 2h10 : deux hommes.',
  ],
  [
    { lieu: 'à Billom, dans un tabac,', faits: 'deux hommes' },
    'Vol à main armée à Billom, dans un tabac : deux hommes.',
  ],
  [{ lieu: 'à Billom, dans un tabac,' }, 'Vol à main armée à Billom, dans un tabac.'],
])('writes the place of the facts, then the hour: %j', (values, text) => {
  expect(composeText('Vol à main armée {lieu} vers {heure} : {faits}.', values)).toBe(text)
})

test.each([
  [
    'Vol {lieu} vers {heure} : {faits}. {conseil}',
    'Vol à Billom, dans un tabac, hier vers 22h : deux hommes.',
  ],
  ['Vol {lieu} à {heure}.', 'Vol à Billom, dans un tabac, hier à 22h.'],
  ['Vol ({heure}) {lieu}.', 'Vol (hier 22h) à Billom, dans un tabac.'],
  ['Cambriolage {lieu} : {faits}.', 'Cambriolage à Billom, dans un tabac, hier : deux hommes.'],
  ['Faux billets {zone}.', "Faux billets agglomération d'Issoire hier."],
  ['Vol {lieu} le {date} vers {heure}.', 'Vol à Billom, dans un tabac, hier vers 22h.'],
])('says the day of the facts when it is another day: %s', (template, text) => {
  const values = { lieu: 'à Billom, dans un tabac,', zone: "agglomération d'Issoire", heure: '22h' }
  const said = (date: string | null) => composeText(template, { ...values, date, faits: 'deux hommes' })
  expect(said('hier')).toBe(text)
  expect(said('le 27/11')).toBe(text.replace('hier', 'le 27/11'))
  expect(said(null)).toBe(
    text.replace(/ ?hier ?/, (words) => (words === ' hier ' ? ' ' : '')).replace(', :', ' :'),
  )
})

test('lets a place bring its own preposition, even where the template has one', () => {
  expect(composeText('Vol à {lieu}.', { lieu: 'au Mont-Dore' })).toBe('Vol au Mont-Dore.')
  expect(composeText('Faux billets dans l’{zone}.', { zone: "agglomération d'Issoire" })).toBe(
    "Faux billets dans l’agglomération d'Issoire.",
  )
  expect(composeText('Vol {faits}.', { faits: 'à la caisse' })).toBe('Vol à la caisse.')
})

test('punctuates as in French, with plain spaces', () => {
  expect(composeText('attention! {lieu} :{faits} , ok ?', { lieu: '  Le   Puy\n', faits: '12:30' })).toBe(
    'Attention ! Le Puy :12:30, ok ?',
  )
  expect(composeText('Vol... {lieu}', { lieu: "l'Isle" })).toBe("Vol... l'Isle")
  expect(composeText('Secteur de l’{lieu}', { lieu: '' })).toBe('Secteur')
})

test('lists each variable once', () => {
  expect(variablesOf('{lieu} {autre} {lieu} {}')).toEqual(['lieu', 'autre', ''])
})

test('leaves no brace, double space or stray punctuation, whatever the values', () => {
  const words = fc.stringMatching(/^[a-zéèA-Z0-9 '.,:!?-]{0,30}$/)
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(...Object.keys(templateVariables).map((name) => `{${name}}`), 'Vol', 'à', '. ', ', '),
        {
          maxLength: 12,
        },
      ),
      fc.record(
        { lieu: words, zone: words, heure: words, date: words, metier: words, faits: words },
        { requiredKeys: [] },
      ),
      (parts, values) => {
        const text = composeText(parts.join(' '), { ...values, conseil })
        expect(text).not.toMatch(/[{}]|\s\s|^\s|\s$|\s[.,)]|\(\s/)
      },
    ),
  )
})
