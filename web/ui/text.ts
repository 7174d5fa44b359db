import { IntlMessageFormat } from 'intl-messageformat'
import { useCallback, useSyncExternalStore } from 'react'
import type guardFr from '../../src/guard/messages/fr.json'
import type fr from '../messages/fr.json'

export type Lang = 'fr' | 'en'
export type TextKey = keyof typeof fr | keyof typeof guardFr
export type TextValues = Readonly<Record<string, string | number>>
/** Formats a text of the message files, in ICU MessageFormat, with its values. */
export type FormatMessage = (key: TextKey, values?: TextValues) => string

const KEPT_AS = 'tocsin.lang'
/** A text after the build: plain, or already parsed if it has values. */
type Text = string | ConstructorParameters<typeof IntlMessageFormat>[0]
type Texts = { default: Record<string, Text> }
type File = Promise<Texts>
interface Files {
  /** The texts that the control room needs to be readable; vite.config.ts lists them. */
  readonly first: () => File
  /** The texts of the other screens, and of the content guard. */
  readonly rest: () => Promise<Texts[]>
}
const files: Record<Lang, Files> = {
  fr: {
    first: () => import('../messages/fr.json?first'),
    rest: () => Promise.all([import('../messages/fr.json?rest'), import('../../src/guard/messages/fr.json')]),
  },
  en: {
    first: () => import('../messages/en.json?first'),
    rest: () => Promise.all([import('../messages/en.json?rest'), import('../../src/guard/messages/en.json')]),
  },
}
const listeners = new Set<() => void>()
const compiled = new Map<string, IntlMessageFormat>()
let current: { lang: Lang; texts: Record<string, Text> } = { lang: 'fr', texts: {} }

/** Returns the stored language of the last visit, else the browser's first supported language, else French. */
export function chosenLang(): Lang {
  const wishes = [localStorage.getItem(KEPT_AS), ...navigator.languages]
  for (const wish of wishes) {
    const lang = wish?.slice(0, 2).toLowerCase()
    if (lang === 'fr' || lang === 'en') return lang
  }
  return 'fr'
}

/**
 * Loads the texts of a language and shows it; stored for the next visit if the user selected it. At the start it loads
 * only the texts of the first screen; `loadAllTexts` loads the others.
 */
export async function showLang(lang: Lang, options: { keep: boolean }): Promise<void> {
  showTexts(lang, await Promise.all([files[lang].first(), ...(options.keep ? [files[lang].rest()] : [])]))
  if (options.keep) localStorage.setItem(KEPT_AS, lang)
}

/** Loads the texts of all screens in the current language. */
export async function loadAllTexts(): Promise<void> {
  const { lang } = current
  const loaded = await Promise.all([files[lang].first(), files[lang].rest()])
  if (current.lang === lang) showTexts(lang, loaded)
}

function showTexts(lang: Lang, loaded: readonly (Texts | readonly Texts[])[]): void {
  compiled.clear()
  current = { lang, texts: Object.assign({}, ...loaded.flat().map((file) => file.default)) }
  document.documentElement.lang = lang
  for (const listener of listeners) listener()
}

/** The current language, for code outside components. */
export function currentLang(): Lang {
  return current.lang
}

/** Formats a text outside components. A component uses `useText`, which follows a change of language. */
export const formatMessage: FormatMessage = (key, values) => {
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

export function useText(): { t: FormatMessage; lang: Lang } {
  const shown = useSyncExternalStore(subscribe, () => current)
  const { lang } = shown
  // Recreated with the texts, so that what is memoised on `t` is recomputed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the texts are the reason to remake it
  const t = useCallback<FormatMessage>((key, values) => formatMessage(key, values), [shown])
  return { t, lang }
}

/** Returns the label of something that the data names in both languages. */
export function labelOf(lang: Lang, thing: { labelFr: string; labelEn: string }): string {
  return lang === 'fr' ? thing.labelFr : thing.labelEn
}
