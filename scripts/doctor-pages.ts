import { readFileSync } from 'node:fs'
import en from '../src/i18n/en.json' with { type: 'json' }
import fr from '../src/i18n/fr.json' with { type: 'json' }

const MESSAGES: Readonly<Record<'fr' | 'en', Readonly<Record<string, string>>>> = { fr, en }
const START = '<!-- Written by npm run docs from the messages of the program. -->'
const TITLES = {
  fr: '| Code | Ce qui est dit | Que faire |\n|---|---|---|',
  en: '| Code | What is said | What to do |\n|---|---|---|',
} as const
/** Row of a route in the pages. Its advice depends on what the provider answered. */
const ROUTE = {
  fr: '`tocsin routes check` dit quoi faire selon la raison.',
  en: '`tocsin routes check` says what to do, by the reason.',
} as const

export const DOCTOR_PAGES = { fr: 'docs/runbook/doctor.fr.md', en: 'docs/runbook/doctor.md' } as const

/** Puts an ellipsis in place of each value of a message, and the last form in place of a choice. */
function withoutValues(text: string): string {
  let result = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '{') {
      result += text[at]
      continue
    }
    const end = endOf(text, at)
    const choice = /^\w+, plural,.*other \{/s.exec(text.slice(at + 1, end))
    if (choice === null) result += '…'
    else {
      const inside = at + choice[0].length
      result += text.slice(inside + 1, endOf(text, inside)).replaceAll('#', '…')
    }
    at = end
  }
  return result.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

/** Returns the place of the brace that closes the one at `start`. */
function endOf(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return at
  }
  throw new Error(`an open brace in ${text}`)
}

/** Lists the codes of findings with something to do. */
export function doctorCodes(): string[] {
  const advised = Object.keys(fr).flatMap((key) => /^doctor\.(\w+)\.do$/.exec(key)?.[1] ?? [])
  return [...advised, 'route_unreachable'].toSorted()
}

function rows(lang: 'fr' | 'en'): string {
  const messages = MESSAGES[lang]
  return doctorCodes()
    .map((code) => {
      // A refusal goes on with statements to run, which the command prints.
      const [what = ''] = (messages[`doctor.${code}`] ?? messages[`error.${code}`] ?? '').split('\n')
      const advice = messages[`doctor.${code}.do`] ?? ROUTE[lang]
      return `| \`${code}\` | ${withoutValues(what)} | ${withoutValues(advice)} |`
    })
    .join('\n')
}

/** Returns the page of `tocsin doctor` in a language, with the table of its findings as the program says them. */
export function doctorPage(lang: 'fr' | 'en'): string {
  const page = readFileSync(new URL(`../${DOCTOR_PAGES[lang]}`, import.meta.url), 'utf8')
  const [before] = page.split(START)
  return `${before}${START}\n${TITLES[lang]}\n${rows(lang)}\n`
}
