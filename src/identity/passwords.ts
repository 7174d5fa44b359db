import { createRequire } from 'node:module'
import type { Problem } from '../errors.ts'

/** Who a password is for: what others know of them does not protect anything. */
export interface PasswordOwner {
  readonly mail: string
  readonly name: string
  /** Codes and names of the schemes of the account. */
  readonly schemes: readonly string[]
}

/** Words that strangers try first here, beside the leaked passwords of the list. */
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
/** Letters of a row or of a repetition that count as one move of the hand. */
const RUN = 4
/** Letters and digits that remain at least, once what is guessed first is taken out. */
const REMAINDER = 6
/** A shorter part of a name is found by chance. */
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
let known: ReadonlySet<string> | undefined

/**
 * Leaked passwords by how often they were found, and the words that fit this program. Loaded when a password is first
 * changed: the list takes 0.1 s to unfold and 8 MB, which a start can do without.
 */
function knownPasswords(): ReadonlySet<string> {
  if (known === undefined) {
    const { dictionary } = require('@zxcvbn-ts/language-common') as {
      readonly dictionary: { readonly 'passwords-common': readonly string[] }
    }
    known = new Set([...dictionary['passwords-common'], ...OWN_WORDS])
  }
  return known
}

/**
 * Finds what makes a password easy to guess, offline: leaked ones and what people make of them, repetitions and rows of
 * the keyboard, and what everybody knows of its owner.
 */
export function passwordProblems(password: string, owner: PasswordOwner, path: string): Problem[] {
  const problems: Problem[] = []
  if (isPattern(password)) problems.push({ code: 'password.pattern', path })
  else if (isCommon(password)) problems.push({ code: 'password.common', path })
  if (isPersonal(password, owner)) problems.push({ code: 'password.personal', path })
  return problems
}

function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** A listed password by itself, or two of them, whatever digits and signs stand around or stand for letters. */
function isCommon(password: string): boolean {
  const folded = fold(password)
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

/** Few signs, a part repeated, or little beside rows of the keyboard and series. */
function isPattern(password: string): boolean {
  const folded = fold(password)
  if (new Set(folded).size < DISTINCT) return true
  const plain = folded.replace(/[^a-z0-9]/g, '')
  if (/^(.{1,8}?)\1+.{0,3}$/.test(plain) || /^(.{1,8}?)\1+.{0,3}$/.test(folded)) return true
  const rest = withoutRuns(folded).replace(/[^\p{L}\p{N}]/gu, '')
  return rest.length < REMAINDER && rest.length < plain.length - RUN
}

/** Takes out rows and series of four signs or more, in both directions, and one sign again and again. */
function withoutRuns(text: string): string {
  let rest = ''
  for (let at = 0; at < text.length; ) {
    const length = runAt(text, at)
    if (length >= RUN) at += length
    else rest += text[at++]
  }
  return rest
}

function runAt(text: string, at: number): number {
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
  const plain = fold(password).replace(/[^a-z0-9]/g, '')
  const [local = '', domain = ''] = owner.mail.split('@')
  const texts = ['tocsin', local, domain.split('.').slice(0, -1).join(' '), owner.name, ...owner.schemes]
  const parts = texts.flatMap((text) => {
    const words = fold(text).split(/[^a-z0-9]+/)
    return [...words, words.join('')]
  })
  return parts.some((part) => part.length >= PART && plain.includes(part))
}
