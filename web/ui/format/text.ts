import { IntlMessageFormat } from 'intl-messageformat'
import { useCallback, useSyncExternalStore } from 'react'
import type guardFr from '../../../src/guard/messages/fr.json'
import type fr from '../../messages/fr.json'
import type { TextPart } from '../../messages/parts.ts'

export type Lang = 'fr' | 'en'
export type TextKey = keyof typeof fr | keyof typeof guardFr
export type TextValues = Readonly<Record<string, string | number>>
/** Formats a text of the message files, in ICU MessageFormat, with its values. */
export type FormatMessage = (key: TextKey, values?: TextValues) => string

const KEPT_AS = 'tocsin.lang'
/** A text after the build: plain, or already parsed if it has values. */
type Text = string | ConstructorParameters<typeof IntlMessageFormat>[0]
type Texts = { default: Record<string, Text> }
type Files = Readonly<Record<TextPart, () => Promise<Texts | readonly Texts[]>>>
const files: Record<Lang, Files> = {
  fr: {
    room: () => import('../../messages/fr.json?room'),
    public: () => import('../../messages/fr.json?public'),
    portal: () => import('../../messages/fr.json?portal'),
    links: () => import('../../messages/fr.json?links'),
    breakGlass: () => import('../../messages/fr.json?breakGlass'),
    notices: () => import('../../messages/fr.json?notices'),
    rest: () =>
      Promise.all([import('../../messages/fr.json?rest'), import('../../../src/guard/messages/fr.json')]),
  },
  en: {
    room: () => import('../../messages/en.json?room'),
    public: () => import('../../messages/en.json?public'),
    portal: () => import('../../messages/en.json?portal'),
    links: () => import('../../messages/en.json?links'),
    breakGlass: () => import('../../messages/en.json?breakGlass'),
    notices: () => import('../../messages/en.json?notices'),
    rest: () =>
      Promise.all([import('../../messages/en.json?rest'), import('../../../src/guard/messages/en.json')]),
  },
}
/** The parts of the texts that the screens so far needed. */
const parts = new Set<TextPart>()
const loaded: Record<Lang, Map<TextPart, Record<string, Text>>> = { fr: new Map(), en: new Map() }
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

/** Loads the texts of a language that the screens so far needed, and shows it; stored for the next visit if the user selected it. */
export async function showLang(lang: Lang, options: { keep: boolean }): Promise<void> {
  await loadParts(lang, [...parts])
  showTexts(lang)
  if (options.keep) localStorage.setItem(KEPT_AS, lang)
}

/** Loads parts of the texts in the current language, and in the other one once it is chosen. */
export async function loadTexts(...wanted: readonly TextPart[]): Promise<void> {
  const { lang } = current
  // All other texts are in `rest` and `room`, which such screens load together.
  const missing = wanted.filter(
    (part) => !loaded[lang].has(part) && !(part !== 'room' && loaded[lang].has('rest')),
  )
  if (missing.length === 0) return
  for (const part of missing) parts.add(part)
  await loadParts(lang, missing)
  // The language was changed meanwhile.
  if (current.lang !== lang) await loadParts(current.lang, missing)
  showTexts(current.lang)
}

async function loadParts(lang: Lang, wanted: readonly TextPart[]): Promise<void> {
  await Promise.all(
    wanted.map(async (part) => {
      const modules = [await files[lang][part]()].flat()
      loaded[lang].set(part, Object.assign({}, ...modules.map((module) => module.default)))
    }),
  )
}

function showTexts(lang: Lang): void {
  compiled.clear()
  current = { lang, texts: Object.assign({}, ...loaded[lang].values()) }
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
