import { type Checked, type Phone, parseContactPhone } from '../../../members/rules.ts'

/** The numbers of one cell. */
export interface PhoneCell {
  /** Mobiles come first, since they receive the SMS; each number once. */
  readonly phones: readonly Phone[]
  /** Whether the cell has other words, as in "06 39 98 00 01 (gérant)". */
  readonly hasWords: boolean
}

/** Digits with what people put between them. */
const NUMBER = /(?:\+\s?)?\(?\d(?:[\s.()/'_\u00a0\u202f\u2010-\u2015-]*\d)*/gu
/** Text between two numbers: a slash or dash with spaces, a comma, "ou". */
const SEPARATOR = /\s*(?:[;,|&\n]|\s[/\u2010-\u2015-]\s|\/(?=\s?(?:0|\+))|\b(?:ou|et|puis|or|and)\b)\s*/giu
/** Shorter digits beside a number are an extension or part of a word: "poste 12". */
const SHORTEST = 6

/**
 * Reads all numbers of a cell: two of them, separated or not, or one with words.
 * @returns the problem of the first wrong number; that of the whole cell if it has none
 */
export function parsePhoneCell(text: string): Checked<PhoneCell> {
  const whole = parseContactPhone(text)
  if ('value' in whole) return { value: { phones: [whole.value], hasWords: false } }
  const exact = unroundNumber(text)
  const parts = (exact ?? text)
    .split(SEPARATOR)
    .flatMap((part) => part.match(NUMBER)?.flatMap(cutNumbers) ?? [])
  const numbers = parts.filter((part) => part.replace(/\D/g, '').length >= SHORTEST)
  if (numbers.length === 0) return whole
  const phones = new Map<string, Phone>()
  for (const number of numbers) {
    const phone = parseContactPhone(number)
    if ('problem' in phone)
      return numbers.length === 1 && parts.length === 1 && !hasLetters(text) ? whole : phone
    phones.set(phone.value.e164, phone.value)
  }
  return {
    value: {
      phones: [...phones.values()].sort(
        (a, b) => Number(a.kind === 'landline') - Number(b.kind === 'landline'),
      ),
      hasWords: hasLetters(text) && exact === undefined,
    },
  }
}

/** Words that only say what kind of number it is. */
const KIND =
  /\b(?:t[ée]l(?:[ée]phone)?|phone|mob(?:ile)?|port(?:able)?|fixe|fax|gsm|sms|dom(?:icile)?|bur(?:eau)?|pro|perso|ou|et|puis|or|and)\b/giu

function hasLetters(text: string): boolean {
  return /\p{L}/u.test(text.replace(KIND, ''))
}

/** Cuts digits that are several French numbers one after the other: "0639980001 0639980002". */
function cutNumbers(text: string): string[] {
  const digits = text.replace(/\D/g, '')
  const isSeveral = digits.length >= 20 && digits.length % 10 === 0 && !text.trim().startsWith('+')
  const cut = isSeveral ? (digits.match(/\d{10}/g) ?? []) : []
  return cut.length > 0 && cut.every((one) => /^0[1-9]/.test(one)) ? cut : [text]
}

/**
 * Returns the digits of a number in scientific notation, as spreadsheets write it, if none was lost: "6,39980001E+08".
 * Undefined for other texts.
 */
export function unroundNumber(text: string): string | undefined {
  const [, first = '', rest = '', power = ''] = /^["'=\s]*(\d)[.,](\d+)e\+?(\d+)["'\s]*$/i.exec(text) ?? []
  const zeros = Number(power) - rest.length
  // With zeros at the end, nobody knows which were digits.
  return first !== '' && zeros === 0 ? `${first}${rest}` : undefined
}
