import { searchName } from '../../territory/places/spelling.ts'

/**
 * Texts that opt out by themselves, as `searchName` normalises them, each with its reason. French operators require STOP;
 * people write the others instead, or their phones correct STOP to them.
 */
const STOP_WORDS: Readonly<Record<string, string>> = {
  stop: 'the word that operators require (charter of the AF2M), known to all from advertising',
  stopp: 'typed with one key too many',
  stopsms: 'as the mention "STOPSMS au 36xxx" has it',
  arret: 'STOP in French; also ARRÊT',
  desabo: 'short for the next, in use with news and lotteries',
  desabonnement: 'what letters and forms call it',
  desabonner: 'the verb, as mails have it at their foot',
  desabonnez: 'the same, to somebody',
  desinscription: 'what portals call it',
  desinscrire: 'the verb',
  desinscrivez: 'the same, to somebody',
  unsubscribe: 'STOP in English, on phones set to it',
}

/** Words that opt out only with an object: "arrêtez" alone may refer to a thief. */
const WITH_OBJECT: Readonly<Record<string, string>> = {
  arreter: 'ARRÊTER LES SMS',
  arretez: 'ARRÊTEZ VOS MESSAGES',
  retirez: 'RETIREZ MON NUMÉRO',
  supprimez: 'SUPPRIMEZ MON NUMÉRO',
}

/** Objects that complete these words. */
const OBJECTS: ReadonlySet<string> = new Set([
  'sms',
  'message',
  'messages',
  'alerte',
  'alertes',
  'numero',
  'envoi',
  'envois',
])

/** Words that may accompany them without changing the meaning. */
const BESIDE: ReadonlySet<string> = new Set(
  'a au aux ce ces cet de des du en et j je l la le les me merci moi mon nous pub pubs s se svp vos votre veuillez please bonjour cordialement'.split(
    ' ',
  ),
)

/** Longer texts are messages to a person, not a STOP. */
const MAX_LENGTH = 80

/**
 * Tells whether a text says STOP and nothing else, regardless of case, accents, spaces and punctuation. A listed word within
 * a sentence ("la voiture n'a pas marqué le stop") does not count: the whole text must match.
 */
export function isStop(text: string): boolean {
  if (text.length > MAX_LENGTH) return false
  const split = searchName(text.normalize('NFKC')).split(' ').filter(Boolean)
  // Joins spelled-out letters: S T O P, S.T.O.P.
  const words = split.length > 2 && split.every((word) => word.length === 1) ? [split.join('')] : split
  const isShortCode = (word: string) => /^\d{5}$/.test(word)
  const isKnown = (word: string) =>
    Object.hasOwn(STOP_WORDS, word) ||
    Object.hasOwn(WITH_OBJECT, word) ||
    OBJECTS.has(word) ||
    BESIDE.has(word) ||
    isShortCode(word)
  if (!words.every(isKnown)) return false
  if (words.some((word) => Object.hasOwn(STOP_WORDS, word))) return true
  return words.some((word) => Object.hasOwn(WITH_OBJECT, word)) && words.some((word) => OBJECTS.has(word))
}
