import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isStop } from './stop-words.ts'

describe('recognises a text that says STOP and nothing else', () => {
  test.each([
    'STOP',
    'stop',
    ' Stop. ',
    'STOP !',
    '« STOP »',
    'S T O P',
    's.t.o.p.',
    'STOP SMS',
    'StopSMS',
    'STOP 36111',
    'STOP au 36111',
    'stop merci',
    'STOP STOP STOP',
    'Arrêt',
    'ARRET SMS',
    'arrêtez vos messages svp',
    'Désabo',
    'DESABONNEMENT',
    'désabonnez-moi',
    'Me désinscrire',
    'Désinscription des alertes, merci.',
    'ＳＴＯＰ',
    'supprimez mon numéro',
  ])('%s', (text) => expect(isStop(text)).toBe(true))

  test.each([
    '',
    '   ',
    '!!!',
    'merci',
    'sms',
    'alertes',
    '36111',
    'OUI',
    'START',
    'Arrêtez !',
    'arrêter',
    'Je les ai vus au stop de la rue Foch',
    'Voiture arrêtée devant la banque',
    'Nonstop',
    'ne pas arrêter les SMS',
    'Ok reçu',
    'constructor',
    '__proto__',
    `STOP ${'stop '.repeat(40)}`,
  ])('is not: %s', (text) => expect(isStop(text)).toBe(false))

  const noise = fc.stringMatching(/^[\s.,;:!?«»"'()*-]{0,6}$/)
  test('ignores case, accents and surrounding words', () => {
    const word = fc.constantFrom('stop', 'arret', 'arrêt', 'desabo', 'désabonnement', 'désinscription')
    fc.assert(
      fc.property(word, noise, noise, fc.array(fc.boolean()), (said, before, after, upper) => {
        const cased = [...said].map((c, i) => (upper[i] ? c.toUpperCase() : c)).join('')
        const decomposed = upper[0] ? cased.normalize('NFD') : cased
        expect(isStop(`${before}${decomposed}${after}`)).toBe(true)
      }),
    )
  })

  test('never matches beside a word that says something else, and never throws', () => {
    const other = fc.constantFrom('voleur', 'rouge', 'pas', 'rue', 'oui', 'continuez', '17', 'ne')
    fc.assert(
      fc.property(other, fc.boolean(), (word, isFirst) => {
        expect(isStop(isFirst ? `${word} stop` : `stop ${word}`)).toBe(false)
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void isStop(text)),
      { numRuns: 500 },
    )
  })
})
