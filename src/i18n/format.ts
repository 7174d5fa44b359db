import { IntlMessageFormat } from 'intl-messageformat'
import type { AppError, Problem } from '../errors.ts'
import guardEn from '../guard/messages/en.json' with { type: 'json' }
import guardFr from '../guard/messages/fr.json' with { type: 'json' }
import en from './en.json' with { type: 'json' }
import fr from './fr.json' with { type: 'json' }

export type Lang = 'fr' | 'en'

/** A value of a message; one that differs by language, such as a date in words, is given in each. */
export type MessageValue = string | number | Readonly<Record<Lang, string>>
export type MessageValues = Readonly<Record<string, MessageValue>>

/** Writes a value in every language, for a message whose language is known when it is sent. */
export const inEachLang = (write: (lang: Lang) => string): Readonly<Record<Lang, string>> => ({
  fr: write('fr'),
  en: write('en'),
})

// The guard also runs in the browser, so its texts are in its own folder.
const texts: Record<Lang, Record<string, string>> = { fr: { ...fr, ...guardFr }, en: { ...en, ...guardEn } }
const compiled = new Map<string, IntlMessageFormat>()

/** Returns the text of a message, in ICU MessageFormat, with its values. An unknown key is returned as it is. */
export function formatMessage(lang: Lang, key: string, values: MessageValues = {}): string {
  const text = texts[lang][key]
  if (text === undefined) return key
  const id = `${lang}:${key}`
  let format = compiled.get(id)
  if (format === undefined) {
    format = new IntlMessageFormat(text, lang)
    compiled.set(id, format)
  }
  const own = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'object' ? value[lang] : value,
  ])
  return String(format.format(Object.fromEntries(own)))
}

export function formatProblem(lang: Lang, problem: Problem): string {
  const key = problem.code in texts[lang] ? problem.code : `error.${problem.code}`
  if (problem.code !== 'input.choice') return formatMessage(lang, key, problem.values)
  // Choices with a name are listed with it, next to the value to send.
  const choices = String(problem.values?.choices ?? '').split(', ')
  const named = choices.map((one) => {
    const name = texts[lang][`input.choice.${one}`]
    return name === undefined ? one : `${name} (${one})`
  })
  return formatMessage(lang, key, { choices: named.join(', ') })
}

/**
 * Returns the sentence of a refusal; the caller adds the problems one by one. A refusal for a time (`seconds`) has it in words
 * as `span`.
 */
export function formatError(lang: Lang, error: AppError): string {
  const { values } = error
  const seconds = values?.seconds
  const span = typeof seconds === 'number' ? { span: formatSpan(lang, seconds) } : {}
  return formatMessage(lang, `error.${error.code}`, { ...values, ...span })
}

/** Formats a time in its largest usual unit, rounded up: "40 secondes", "12 minutes", "3 heures". */
export function formatSpan(lang: Lang, seconds: number): string {
  const [value, unit] =
    seconds < 90
      ? [seconds, 'second']
      : seconds < 90 * 60
        ? [seconds / 60, 'minute']
        : [seconds / 3600, 'hour']
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.ceil(value))
}

/** Returns the language of ours with the highest weight in an Accept-Language header, else French. */
export function langOf(acceptLanguage: string | undefined): Lang {
  let best: Lang = 'fr'
  let most = 0
  for (const part of (acceptLanguage ?? '').split(',')) {
    const [, tag, weight = '1'] = /^\s*(fr|en)(?:-[\w-]*)?\s*(?:;\s*q=([\d.]+)\s*)?$/i.exec(part) ?? []
    if (tag === undefined || Number(weight) <= most) continue
    best = tag.toLowerCase() as Lang
    most = Number(weight)
  }
  return best
}
