import type { Edit } from './finding.ts'

const SPACES_BEFORE = /[ \t\u00a0\u202f]+$/u
const SPACES_AFTER = /^[ \t\u00a0\u202f]+/u
const PAIRS: readonly (readonly [string, string])[] = [
  ['(', ')'],
  ['"', '"'],
  ['«', '»'],
  ['“', '”'],
]

/** The texts on both sides of what is removed. */
interface Sides {
  readonly before: string
  readonly after: string
}

/** Applies a change to the text and tidies up the spaces, commas and brackets that it leaves. */
export function applyEdit(text: string, { start, end, text: replacement }: Edit): string {
  const sides: Sides = { before: text.slice(0, start), after: text.slice(end) }
  return replacement === '' ? joinSides(sides) : replaceBetween(sides, replacement)
}

function replaceBetween({ before, after }: Sides, replacement: string): string {
  return before + (beginsSentence(before) ? capitaliseFirst(replacement) : replacement) + after
}

/** Joins both sides into one text, without what only made sense around the removed words. */
function joinSides(sides: Sides): string {
  const { before, after } = [dropEmptyPairs, dropConjunction, dropCommaBeforeVerb, dropLoneMarks].reduce(
    (rest, drop) => drop(rest),
    sides,
  )
  const isGlued = before === '' || after === '' || /[(\n'’]$/u.test(before) || /^[.,)\n]/u.test(after)
  return before + (isGlued ? '' : ' ') + after
}

/** Drops the spaces on both sides, and the brackets or quotation marks that have nothing between them now. */
function dropEmptyPairs(sides: Sides): Sides {
  let { before, after } = sides
  for (const [open, close] of PAIRS) {
    const left = before.replace(SPACES_BEFORE, '')
    const right = after.replace(SPACES_AFTER, '')
    if (left.endsWith(open) && right.startsWith(close)) {
      before = left.slice(0, -1)
      after = right.slice(1)
    }
  }
  return { before: before.replace(SPACES_BEFORE, ''), after: after.replace(SPACES_AFTER, '') }
}

/** Drops the conjunction of "X et Y" when one of them is removed. */
function dropConjunction(sides: Sides): Sides {
  const isLast = sides.after === '' || /^[.,;:!?)]/u.test(sides.after)
  const before = isLast ? sides.before.replace(/[ \u00a0]+et$/iu, '') : sides.before
  const isFirst = /(?:^|[.,;:!?(])$/u.test(before)
  return { before, after: isFirst ? sides.after.replace(/^et[ \u00a0]+/iu, '') : sides.after }
}

/** Drops both commas of "L'auteur, déjà condamné, a fui" when what is between them is removed. */
function dropCommaBeforeVerb(sides: Sides): Sides {
  const comma = /^,[ \u00a0]*(?=(?:a|ont|est|sont|se|s['’]|qui)(?![\p{L}\p{N}]))/iu
  if (!sides.before.endsWith(',') || !comma.test(sides.after)) return sides
  return { before: sides.before.slice(0, -1), after: sides.after.replace(comma, '') }
}

/** Drops a mark that has lost the words on one of its sides. */
function dropLoneMarks(sides: Sides): Sides {
  const hasNoWordAfter = sides.after === '' || /^[.,;:!?)–—-]/u.test(sides.after)
  const before = hasNoWordAfter ? sides.before.replace(/[ \u00a0\u202f]*[,:–—-]$/u, '') : sides.before
  if (before !== '' && !/[.!?]$/u.test(before)) return { before, after: sides.after }
  const after = sides.after.replace(/^[ \u00a0\u202f]*[,;:.–—-]+[ \u00a0\u202f]*/u, '')
  return { before, after: capitaliseFirst(after) }
}

/** True when a sentence starts after this text. */
function beginsSentence(before: string): boolean {
  return /(?:^|[.!?\n])[\s\u00a0]*$/u.test(before.slice(-4))
}

export function capitaliseFirst(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
}
