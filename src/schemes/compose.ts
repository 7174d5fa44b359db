/** What a template may name, with what each stands for. */
export const templateVariables = {
  /** Where the facts were, with its preposition: "à Billom", "à Billom, place de la Halle,". */
  lieu: 'place',
  /** The area that is warned: "agglomération d'Issoire"; with a preposition where it is a commune: "à Thiers". */
  zone: 'area',
  /** When, in hours and minutes: "17h30". */
  heure: 'time',
  /** The day, when it is not today: "12/03". */
  date: 'date',
  /** The trade aimed at, in the plural: "bijouteries". */
  metier: 'trade',
  /** What is known, in a few words of the operator. */
  faits: 'facts',
  /** The closing advice of the scheme. */
  conseil: 'advice',
} as const

export type TemplateVariable = keyof typeof templateVariables
export type TemplateValues = Readonly<Partial<Record<TemplateVariable, string | null | undefined>>>

/** The names between braces in a template, known or not, each once. */
export function variablesOf(template: string): string[] {
  return [...new Set([...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? ''))]
}

/** Whether the texts of a template speak of the area that is warned, not of the place of the facts. */
export function speaksOfArea(template: string): boolean {
  const variables = variablesOf(template)
  return variables.includes('zone') && !variables.includes('lieu')
}

/** Whether the texts of a template name the place of the facts. */
export function namesPlace(template: string): boolean {
  return variablesOf(template).includes('lieu')
}

/** Words that introduce a value and mean nothing without it. */
const INTRODUCING =
  /(?:^|[\s(])(?:(?:à|a|au|aux|de|du|des|en|dans|chez|vers|sur|par|pour|le|la|les|un|une|contre|depuis)\s+|[dl]['’]\s*)+$/iu

/**
 * Fills a template. A variable without a value disappears with the preposition or the brackets around it, so that
 * no "à ." is left; spaces and punctuation come out as French writes them, in plain spaces (an SMS has no other).
 */
export function composeText(template: string, values: TemplateValues): string {
  let text = ''
  let rest = 0
  for (const match of template.matchAll(/\{([^{}]*)\}/g)) {
    text += template.slice(rest, match.index)
    rest = match.index + match[0].length
    const name = match[1] as TemplateVariable
    const value = clean(values[name] ?? '')
    // A place brings its own preposition: "Vol à {lieu}" gives "Vol à Billom" too.
    const isIntroduced = (name === 'lieu' || name === 'zone') && /^(?:à|au|aux) /u.test(value)
    if (value === '' || isIntroduced) text = withoutIntroduction(text)
    text += value
  }
  return punctuate(text + template.slice(rest))
}

function clean(value: string): string {
  return value.replace(/\s+/gu, ' ').trim()
}

function withoutIntroduction(text: string): string {
  const found = INTRODUCING.exec(text)
  if (found === null) return text
  const opening = /^[\s(]/.test(found[0]) ? found[0].slice(0, 1) : ''
  return text.slice(0, found.index) + opening
}

function punctuate(text: string): string {
  return (
    clean(text)
      .replace(/\(\s*\)/g, '')
      .replace(/\s+/gu, ' ')
      // A dash or comma with nothing on one side of it.
      .replace(/^(?:\s*[-–—,;:.])+\s*/u, '')
      .replace(/(?:\s+[-–—]|\s*[,;:])+\s*(?=[.!?]|$)/gu, '')
      .replace(/(?:\s*,)+\s*,/gu, ',')
      .replace(/,(?=\s*[:;)])/gu, '')
      .replace(/\s+([.,)])/gu, '$1')
      .replace(/([(])\s+/gu, '$1')
      .replace(/\s*([!?]+)(?=\s|$)/gu, ' $1')
      .replace(/([^\s:;])\s*([:;])(?=\s|$)/gu, '$1 $2')
      // One full stop where two sentences met, but the dots of an ellipsis stay.
      .replace(/(^|[^.])\.(?:\s*\.)(?!\.)/gu, '$1.')
      .replace(/([!?])\s*\./gu, '$1')
      .replace(/\s+/gu, ' ')
      .trim()
      .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
  )
}

/**
 * Whether a text is what a template of facts gives without any: it says nothing. False for a template that needs none.
 * @param text without the word of an exercise
 */
export function saysNothing(text: string, template: string, values: Omit<TemplateValues, 'faits'>): boolean {
  if (!variablesOf(template).includes('faits')) return false
  return clean(text) === composeText(template, values)
}
