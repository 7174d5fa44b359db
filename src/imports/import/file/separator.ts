const SEPARATORS = [';', '\t', ',', '|'] as const
/** Lines that decide the separator: a title above the header has none, or others. */
const SNIFFED_LINES = 10
/** Characters of a file among which these lines are. */
const SNIFFED_CHARACTERS = 20_000

/**
 * Detects the separator of a list: of ; tab, comma and | outside quotes, the one that occurs equally often on most of the first
 * lines, weighted by how often.
 */
export function sniffSeparator(text: string): (typeof SEPARATORS)[number] {
  const lines = firstUnquotedLines(text)
  const weights = SEPARATORS.map((separator) => {
    const byCount = Map.groupBy(lines, (line) => line.split(separator).length - 1)
    return Math.max(...[...byCount].map(([count, equal]) => count * equal.length))
  })
  return SEPARATORS[weights.indexOf(Math.max(...weights))] ?? ';'
}

/** Returns the first lines that are not blank, with a quote for each quoted part, which may hold separators and ends of lines. */
function firstUnquotedLines(text: string): string[] {
  const lines = `${text.slice(0, SNIFFED_CHARACTERS)}\n`.replace(/"[^"]*(?:"|$)/g, '"').split('\n')
  // Nothing ends the last one: it is the rest of a quoted part that is not closed.
  const rest = lines.pop() ?? ''
  const filled = lines.filter((line) => line.trim() !== '').slice(0, SNIFFED_LINES)
  return filled.length > 0 ? filled : [rest]
}
