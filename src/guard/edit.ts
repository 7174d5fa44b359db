import type { Edit } from './finding.ts'

const SPACES_BEFORE = /[ \t\u00a0\u202f]+$/u
const SPACES_AFTER = /^[ \t\u00a0\u202f]+/u
const PAIRS: readonly (readonly [string, string])[] = [
  ['(', ')'],
  ['"', '"'],
  ['«', '»'],
  ['“', '”'],
]

/** Applies a change to the text and tidies up the spaces, commas and brackets that it leaves. */
export function applyEdit(text: string, { start, end, text: replacement }: Edit): string {
  let before = text.slice(0, start)
  let after = text.slice(end)
  if (replacement !== '') {
    const fitting = beginsSentence(before) ? capitaliseFirst(replacement) : replacement
    return before + fitting + after
  }
  for (const [open, close] of PAIRS) {
    const left = before.replace(SPACES_BEFORE, '')
    const right = after.replace(SPACES_AFTER, '')
    if (left.endsWith(open) && right.startsWith(close)) {
      before = left.slice(0, -1)
      after = right.slice(1)
    }
  }
  before = before.replace(SPACES_BEFORE, '')
  after = after.replace(SPACES_AFTER, '')
  // "X et Y" loses its conjunction when one of them is removed.
  if (after === '' || /^[.,;:!?)]/u.test(after)) before = before.replace(/[ \u00a0]+et$/iu, '')
  if (/(?:^|[.,;:!?(])$/u.test(before)) after = after.replace(/^et[ \u00a0]+/iu, '')
  // Handles "L'auteur, déjà condamné, a fui".
  const verb = /^,[ \u00a0]*(?=(?:a|ont|est|sont|se|s['’]|qui)(?![\p{L}\p{N}]))/iu
  if (before.endsWith(',') && verb.test(after)) {
    before = before.slice(0, -1)
    after = after.replace(verb, '')
  }
  // Removes a mark that has lost the words on one of its sides.
  if (after === '' || /^[.,;:!?)–—-]/u.test(after)) before = before.replace(/[ \u00a0\u202f]*[,:–—-]$/u, '')
  if (before === '' || /[.!?]$/u.test(before)) {
    after = after.replace(/^[ \u00a0\u202f]*[,;:.–—-]+[ \u00a0\u202f]*/u, '')
    after = capitaliseFirst(after)
  }
  const glued = before === '' || after === '' || /[(\n'’]$/u.test(before) || /^[.,)\n]/u.test(after)
  return before + (glued ? '' : ' ') + after
}

/** True when a sentence starts after this text. */
function beginsSentence(before: string): boolean {
  return /(?:^|[.!?\n])[\s\u00a0]*$/u.test(before.slice(-4))
}

export function capitaliseFirst(text: string): string {
  return text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())
}
