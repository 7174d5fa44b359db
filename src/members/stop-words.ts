import { searchName } from '../territory/rules.ts'

/**
 * What ends a subscription by itself, as `searchName` writes it, and why it is here. French operators ask for STOP, in
 * capitals or not; the others are what people write in its place, or what their phone makes of it.
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

/** Words that say it only of messages: "arrêtez" alone may be said of a thief. */
const WITH_OBJECT: Readonly<Record<string, string>> = {
  arreter: 'ARRÊTER LES SMS',
  arretez: 'ARRÊTEZ VOS MESSAGES',
  retirez: 'RETIREZ MON NUMÉRO',
  supprimez: 'SUPPRIMEZ MON NUMÉRO',
}

/** What the object may be. */
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

/** What may stand beside, and says nothing else. */
const BESIDE: ReadonlySet<string> = new Set(
  'a au aux ce ces cet de des du en et j je l la le les me merci moi mon nous pub pubs s se svp vos votre veuillez please bonjour cordialement'.split(
    ' ',
  ),
)

/** Nobody says STOP at more length; what is longer is a message to somebody. */
const MAX_LENGTH = 80

/**
 * Whether a text says STOP and nothing else, whatever its case, accents, spaces and punctuation. A word of the list in a
 * sentence ("la voiture n'a pas marqué le stop") is none: only the whole text counts.
 */
export function isStop(text: string): boolean {
  if (text.length > MAX_LENGTH) return false
  const split = searchName(text.normalize('NFKC')).split(' ').filter(Boolean)
  // S T O P, S.T.O.P.
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
