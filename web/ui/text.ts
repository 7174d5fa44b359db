import { IntlMessageFormat } from 'intl-messageformat'
import { useCallback, useSyncExternalStore } from 'react'
import type guardFr from '../../src/guard/messages/fr.json'
import type fr from '../messages/fr.json'

export type Lang = 'fr' | 'en'
export type TextKey = keyof typeof fr | keyof typeof guardFr
export type TextValues = Readonly<Record<string, string | number>>
/** Says a text of the message files, in ICU MessageFormat, with its values. */
export type Say = (key: TextKey, values?: TextValues) => string

const KEPT_AS = 'tocsin.lang'
/** As the build leaves it: a plain text, or one with values already taken apart. */
type Text = string | ConstructorParameters<typeof IntlMessageFormat>[0]
type File = Promise<{ default: Record<string, Text> }>
/** Those of the screens, and those of the content guard. */
const files: Record<Lang, () => Promise<Awaited<File>[]>> = {
  fr: () => Promise.all([import('../messages/fr.json'), import('../../src/guard/messages/fr.json')]),
  en: () => Promise.all([import('../messages/en.json'), import('../../src/guard/messages/en.json')]),
}

const listeners = new Set<() => void>()
const compiled = new Map<string, IntlMessageFormat>()
let current: { lang: Lang; texts: Record<string, Text> } = { lang: 'fr', texts: {} }

/** The language kept from the last visit, else the first one of the browser that we speak, else French. */
export function chosenLang(): Lang {
  const wishes = [localStorage.getItem(KEPT_AS), ...navigator.languages]
  for (const wish of wishes) {
    const lang = wish?.slice(0, 2).toLowerCase()
    if (lang === 'fr' || lang === 'en') return lang
  }
  return 'fr'
}

/** Loads the texts of a language and shows it; kept for the next visit when the reader chose it. */
export async function speak(lang: Lang, options: { keep: boolean }): Promise<void> {
  const loaded = await files[lang]()
  compiled.clear()
  current = { lang, texts: Object.assign({}, ...loaded.map((file) => file.default)) }
  document.documentElement.lang = lang
  if (options.keep) localStorage.setItem(KEPT_AS, lang)
  for (const listener of listeners) listener()
}

/** The language on screen, for code outside components. */
export function spokenLang(): Lang {
  return current.lang
}

/** Outside components; a component uses `useText`, which follows a change of language. */
export const say: Say = (key, values) => {
  const text = current.texts[key] ?? key
  if (typeof text === 'string') return text
  let format = compiled.get(key)
  if (format === undefined) {
    format = new IntlMessageFormat(text, current.lang)
    compiled.set(key, format)
  }
  return String(format.format(values))
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useText(): { t: Say; lang: Lang } {
  const { lang } = useSyncExternalStore(subscribe, () => current)
  // Remade with the language, so that what memoises on `t` is written again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the language is the reason to remake it
  const t = useCallback<Say>((key, values) => say(key, values), [lang])
  return { t, lang }
}

/** The label of something that the data names in both languages. */
export function labelOf(lang: Lang, thing: { labelFr: string; labelEn: string }): string {
  return lang === 'fr' ? thing.labelFr : thing.labelEn
}
