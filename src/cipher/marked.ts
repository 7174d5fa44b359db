import { AppError } from '../errors.ts'
import { type Cipher, keyOf, type SealedField } from './cipher.ts'
import { plainOf } from './plain.ts'

/**
 * Seals marked values on their way to the database, and opens sealed values on their way back, for every statement of the program
 * (`platform/database/sealing-client.ts` calls it). Rooms mark what they write, and read clear values.
 *
 * A stored value is `s1.SCHEME.FIELD.INDEX.` followed by the sealed value (`Cipher.seal`). INDEX is the blind index of the value,
 * equal for equal values and the same under every key: a statement finds a value by it (`markForSearch`), and a value exchanged for
 * another one of its scheme does not open. Names are found as searches in clear find them: those of callers whatever the capitals
 * and accents, those of authorisations whatever the capitals.
 */
export interface MarkedValues {
  /**
   * Replaces the marks in a parameter of a statement.
   * @throws AppError `invalid_input` when a text has the form of a stored value, which no statement of the program writes
   */
  seal(value: unknown): unknown
  /** Opens the sealed values in rows, in place. @throws AppError `sealed_unreadable` */
  open(rows: readonly unknown[]): void
  /** Seals the values in a text, as it is stored, with the current key. @throws AppError `sealed_unreadable` */
  sealAnew(stored: string): string
}

/** Returns the ids of the keys that sealed the values in a text as it is stored. */
export function keysIn(stored: string): string[] {
  return [...stored.matchAll(STORED)].map(([, , , , value = '']) => keyOf(value) ?? '')
}

// Characters that no text holds: Unicode reserves them for use within a program.
const START = '\ufdd0'
const FIND = '\ufdd1'
const BETWEEN = '\ufdd2'
const END = '\ufdd3'
const MARK = new RegExp(`[${START}${FIND}]([a-z0-9-]*)${BETWEEN}([a-z]+)${BETWEEN}([^${END}]*)${END}`, 'g')
const PREFIX = 's1.'
const STORED = /s1\.([a-z0-9-]*)\.([a-z]+)\.([a-z2-7]{26})\.(e1\.[a-z0-9]{1,16}\.[A-Za-z0-9_-]{38,})/g

/**
 * Marks a value to be sealed when a statement stores it, alone or within a JSON text. When encryption is off it is stored in clear.
 * The result goes to the database and nowhere else.
 */
export function markForSealing<T extends string | null>(schemeId: string, field: SealedField, value: T): T {
  return (value === null ? null : `${START}${schemeId}${BETWEEN}${field}${BETWEEN}${value}${END}`) as T
}

const MARKS = new RegExp(`[${START}-${END}]`, 'g')

/** Marks a value to be sealed whole when a statement stores it in a JSON column: `readSealedJson` reads it. */
export function markJsonForSealing(schemeId: string, field: SealedField, value: unknown): string {
  const text = JSON.stringify(value).replace(MARKS, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`)
  return JSON.stringify(markForSealing(schemeId, field, text))
}

/** Reads the value of a JSON column that `markJsonForSealing` wrote, or one from before encryption. */
export function readSealedJson<T extends object>(stored: T | string): T {
  return typeof stored === 'string' ? (JSON.parse(stored) as T) : stored
}

/** Marks a value that a statement looks for: see `isSealedAs` of platform/database/sealed.ts. */
export function markForSearch(schemeId: string, field: SealedField, value: string): string {
  return `${FIND}${schemeId}${BETWEEN}${field}${BETWEEN}${value}${END}`
}

/** The form of a value of which the index is made. */
const INDEXED: Partial<Record<SealedField, (value: string) => string>> = {
  caller: plainOf,
  authorisation: (value) => value.toLowerCase(),
}

export function createMarkedValues(cipher: Cipher): MarkedValues {
  const indexOf = (schemeId: string, field: SealedField, value: string) =>
    cipher.index(schemeId, field, INDEXED[field]?.(value) ?? value)
  function storedOf(schemeId: string, field: SealedField, value: string, isSought: boolean): string {
    if (!cipher.isOn) return value
    const start = `${PREFIX}${schemeId}.${field}.${indexOf(schemeId, field, value)}.`
    return isSought ? start : start + cipher.seal(schemeId, field, value)
  }
  function replace(text: string): string {
    if (text.includes(PREFIX) && new RegExp(STORED).test(text)) throw new AppError('invalid_input')
    if (!text.includes(END)) return text
    // Within a JSON text the value is escaped.
    const isJson = text[0] !== START && text[0] !== FIND
    return text.replace(MARK, (mark, schemeId: string, field: SealedField, value: string) => {
      const plain = isJson ? unescapeJson(value) : value
      // A user typed these characters.
      if (plain === undefined) return mark
      const stored = storedOf(schemeId, field, plain, mark[0] === FIND)
      return isJson ? JSON.stringify(stored).slice(1, -1) : stored
    })
  }
  function open(schemeId: string, field: SealedField, index: string, value: string): string {
    const plain = cipher.open(schemeId, field, value)
    if (indexOf(schemeId, field, plain) !== index)
      throw new AppError('sealed_unreadable', { values: { key: '?', reason: 'changed' } })
    return plain
  }
  function openIn(text: string): string {
    // A JSON text is one that a statement made, for a digest: what does not open stays as it is, and gives another digest.
    const isJson = text[0] === '[' || text[0] === '{'
    return text.replace(
      STORED,
      (stored, schemeId: string, field: SealedField, index: string, value: string) => {
        if (!isJson) return open(schemeId, field, index, value)
        try {
          return JSON.stringify(open(schemeId, field, index, value)).slice(1, -1)
        } catch {
          return stored
        }
      },
    )
  }
  return {
    seal: (value) => mapTexts(value, replace),
    // Without keys nothing is sealed, or the start was refused.
    open: (rows) => (cipher.isOn ? openAll(rows, openIn) : undefined),
    sealAnew: (stored) =>
      stored.replace(STORED, (_, schemeId: string, field: SealedField, index: string, value: string) =>
        storedOf(schemeId, field, open(schemeId, field, index, value), false),
      ),
  }
}

/** @returns undefined when it is not the inside of a JSON string */
function unescapeJson(value: string): string | undefined {
  try {
    return JSON.parse(`"${value}"`) as string
  } catch {
    return undefined
  }
}

/** Returns a parameter with its texts replaced; the same value when none is. */
function mapTexts(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value)
  if (!Array.isArray(value)) return value
  let changed: unknown[] | undefined
  for (let index = 0; index < value.length; index++) {
    const item: unknown = value[index]
    const other = mapTexts(item, replace)
    if (other === item) continue
    changed ??= [...value]
    changed[index] = other
  }
  return changed ?? value
}

/** Replaces, in place, each text at any depth that may hold a sealed value. */
function openAll(value: unknown, change: (text: string) => string): void {
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value))
    return
  // A contour has thousands of coordinates.
  if (Array.isArray(value) && typeof value[0] === 'number') return
  const record = value as Record<string, unknown>
  for (const key in record) {
    const item = record[key]
    if (typeof item !== 'string') openAll(item, change)
    else if (item.includes(PREFIX)) record[key] = change(item)
  }
}
