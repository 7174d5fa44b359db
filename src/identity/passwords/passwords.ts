import { createRequire } from 'node:module'
import type { Problem } from '../../errors.ts'

/** The owner of a password. Publicly known facts about them make a password easy to guess. */
export interface PasswordOwner {
  readonly mail: string
  readonly name: string
  /** Ids and names of the schemes of the account. */
  readonly schemes: readonly string[]
}

/** Words that strangers try first on this program, in addition to the list of leaked passwords. */
const OWN_WORDS = [
  'alerte',
  'alertes',
  'auvergne',
  'bienvenue',
  'changeme',
  'changezmoi',
  'chambre',
  'commerce',
  'commerces',
  'doudou',
  'gendarme',
  'gendarmerie',
  'magistrat',
  'operateur',
  'parquet',
  'passe',
  'police',
  'prefecture',
  'provisoire',
  'secours',
  'tocsin',
]
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
]
/** Shortest run of keyboard neighbours or repetitions that counts as a pattern. */
const RUN = 4
/** Letters and digits that must remain once keyboard runs are removed. */
const REMAINDER = 6
/** Shortest part of a name that is searched for; shorter ones occur by chance. */
const PART = 4
const DISTINCT = 5
const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
}

const require = createRequire(import.meta.url)
let loadedPasswords: ReadonlySet<string> | undefined

/**
 * Returns leaked passwords, ordered by frequency, and the words that fit this program. They are loaded at the first change of
 * a password: the list takes 0.1 s to unpack and 8 MB.
 */
function knownPasswords(): ReadonlySet<string> {
  if (loadedPasswords === undefined) {
    const { dictionary } = require('@zxcvbn-ts/language-common') as {
      readonly dictionary: { readonly 'passwords-common': readonly string[] }
    }
    loadedPasswords = new Set([...dictionary['passwords-common'], ...OWN_WORDS])
  }
  return loadedPasswords
}

/**
 * Finds what makes a password easy to guess, offline: leaked passwords and their usual variations, repetitions, keyboard
 * runs, and publicly known facts about its owner.
 */
export function passwordProblems(password: string, owner: PasswordOwner, path: string): Problem[] {
  const problems: Problem[] = []
  if (isPattern(password)) problems.push({ code: 'password.pattern', path })
  else if (isCommon(password)) problems.push({ code: 'password.common', path })
  if (isPersonal(password, owner)) problems.push({ code: 'password.personal', path })
  return problems
}

/** Also folds compatibility forms, such as full-width letters, which searches compare as they are. */
function foldAccents(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** A listed password or two of them, regardless of added digits and signs and of signs that replace letters. */
function isCommon(password: string): boolean {
  const folded = foldAccents(password)
  const readings = [folded, folded.replace(/[013457@$]/g, (sign) => LEET[sign] ?? sign)]
  return readings.some((reading) => {
    if (knownPasswords().has(reading)) return true
    const letters = reading.replace(/[^a-z]/g, '')
    return letters.length > 0 && isMadeOfKnown(letters)
  })
}

function isMadeOfKnown(letters: string): boolean {
  const list = knownPasswords()
  if (list.has(letters)) return true
  for (let at = PART; at <= letters.length - PART; at++) {
    if (list.has(letters.slice(0, at)) && list.has(letters.slice(at))) return true
  }
  return false
}

/** True for few distinct characters, a repeated part, or little left beside keyboard runs and series. */
function isPattern(password: string): boolean {
  const folded = foldAccents(password)
  if (new Set(folded).size < DISTINCT) return true
  const plain = folded.replace(/[^a-z0-9]/g, '')
  if (/^(.{1,8}?)\1+.{0,3}$/.test(plain) || /^(.{1,8}?)\1+.{0,3}$/.test(folded)) return true
  const rest = withoutRuns(folded).replace(/[^\p{L}\p{N}]/gu, '')
  return rest.length < REMAINDER && rest.length < plain.length - RUN
}

/** Removes keyboard runs and series of four characters or more, in both directions, and repetitions of one character. */
function withoutRuns(text: string): string {
  let rest = ''
  for (let at = 0; at < text.length; ) {
    const length = runLengthAt(text, at)
    if (length >= RUN) at += length
    else rest += text[at++]
  }
  return rest
}

function runLengthAt(text: string, at: number): number {
  let longest = 1
  for (const row of ROWS.flatMap((one) => [one, [...one].reverse().join('')])) {
    const from = row.indexOf(text[at] ?? '')
    if (from < 0) continue
    let length = 1
    while (at + length < text.length && text[at + length] === row[from + length]) length++
    longest = Math.max(longest, length)
  }
  let same = 1
  while (text[at + same] === text[at]) same++
  return Math.max(longest, same)
}

function isPersonal(password: string, owner: PasswordOwner): boolean {
  const plain = foldAccents(password).replace(/[^a-z0-9]/g, '')
  const [local = '', domain = ''] = owner.mail.split('@')
  const texts = ['tocsin', local, domain.split('.').slice(0, -1).join(' '), owner.name, ...owner.schemes]
  const parts = texts.flatMap((text) => {
    const words = foldAccents(text).split(/[^a-z0-9]+/)
    return [...words, words.join('')]
  })
  return parts.some((part) => part.length >= PART && plain.includes(part))
}
