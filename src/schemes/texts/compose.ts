/** The variables of a template, each with what it represents. */
export const templateVariables = {
  /** The place of the facts, with its preposition: "à Billom", "à Billom, place de la Halle,". */
  lieu: 'place',
  /** The alerted area: "agglomération d'Issoire"; with a preposition for a single commune: "à Thiers". */
  zone: 'area',
  /** The time of the facts: "17h30", "22h". */
  heure: 'time',
  /**
   * The day of the facts unless it is today, with its article: "hier", "le 12/03". A template without it says the day before
   * the hour, or after the place.
   */
  date: 'date',
  /** The targeted trade, in the plural: "bijouteries". */
  metier: 'trade',
  /** The known facts, in a few words of the operator. */
  faits: 'facts',
  /** The closing advice of the scheme. */
  conseil: 'advice',
} as const

export type TemplateVariable = keyof typeof templateVariables
export type TemplateValues = Readonly<Partial<Record<TemplateVariable, string | null | undefined>>>

/** Lists the names between braces in a template, known or not, each once. */
export function variablesOf(template: string): string[] {
  return [...new Set([...template.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? ''))]
}

/** Returns whether the template is about the alerted area and not about the place of the facts. */
export function isAboutArea(template: string): boolean {
  const variables = variablesOf(template)
  return variables.includes('zone') && !variables.includes('lieu')
}

/** Returns whether the template names the place of the facts. */
export function namesPlace(template: string): boolean {
  return variablesOf(template).includes('lieu')
}

/** Returns whether the template gives the time of the facts. An empty one counts as if it did, since then nothing says that the time may be missing. */
export function namesTime(template: string): boolean {
  return template.trim() === '' || variablesOf(template).includes('heure')
}

/** Words that introduce a value and mean nothing without it. */
const INTRODUCING =
  /(?:^|[\s(])(?:(?:à|a|au|aux|de|du|des|en|dans|chez|vers|sur|par|pour|le|la|les|un|une|contre|depuis)\s+|[dl]['’]\s*)+$/iu

/**
 * Fills a template. A variable without a value disappears with the preposition or the brackets around it, so that no "à ." is
 * left. Spaces and punctuation follow French rules, but with plain spaces, because an SMS has no others.
 */
export function composeText(template: string, values: TemplateValues): string {
  return fillTemplate(values.date ? withDay(template) : template, values)
}

/** Words before the hour of a template that belong to it: "vers {heure}", "à {heure}". */
const HOUR = /(?:(?<![\p{L}\p{N}])(?:vers|à|depuis|dès)\s+)?\{heure\}/u

/** Adds the day to a template that has no place for it: before the hour, else after the place, or the area. */
function withDay(template: string): string {
  if (variablesOf(template).includes('date')) return template
  if (HOUR.test(template)) return template.replace(HOUR, '{date} $&')
  return template.replace(template.includes('{lieu}') ? '{lieu}' : '{zone}', '$& {date}')
}

function fillTemplate(template: string, values: TemplateValues): string {
  let text = ''
  let rest = 0
  for (const match of template.matchAll(/\{([^{}]*)\}/g)) {
    text += template.slice(rest, match.index)
    rest = match.index + match[0].length
    const name = match[1] as TemplateVariable
    const value = collapseSpaces(values[name] ?? '')
    // A place contains its own preposition, and a day its article: "Vol à {lieu}" gives "Vol à Billom" too.
    const isIntroduced =
      name === 'date' || ((name === 'lieu' || name === 'zone') && /^(?:à|au|aux) /u.test(value))
    if (value === '' || isIntroduced) text = withoutIntroduction(text)
    text += value
  }
  return punctuate(text + template.slice(rest))
}

function collapseSpaces(value: string): string {
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
    collapseSpaces(text)
      .replace(/\(\s*\)/g, '')
      .replace(/\s+/gu, ' ')
      // Removes a dash or comma with nothing on one side of it.
      .replace(/^(?:\s*[-–—,;:.])+\s*/u, '')
      .replace(/(?:\s+[-–—]|\s*[,;:])+\s*(?=[.!?]|$)/gu, '')
      .replace(/(?:\s*,)+\s*,/gu, ',')
      .replace(/,(?=\s*[:;)])/gu, '')
      .replace(/\s+([.,)])/gu, '$1')
      .replace(/([(])\s+/gu, '$1')
      .replace(/\s*([!?]+)(?=\s|$)/gu, ' $1')
      .replace(/([^\s:;])\s*([:;])(?=\s|$)/gu, '$1 $2')
      // Keeps one full stop where two sentences met, but not at the expense of an ellipsis.
      .replace(/(^|[^.])\.(?:\s*\.)(?!\.)/gu, '$1.')
      .replace(/([!?])\s*\./gu, '$1')
      .replace(/\s+/gu, ' ')
      .trim()
      .replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
  )
}

/**
 * Returns whether a text equals its template filled without facts, although the template has a variable for them. Always
 * false for a template without facts.
 * @param text without the mark of an exercise
 */
export function lacksFacts(text: string, template: string, values: Omit<TemplateValues, 'faits'>): boolean {
  if (!variablesOf(template).includes('faits')) return false
  return collapseSpaces(text) === composeText(template, values)
}
