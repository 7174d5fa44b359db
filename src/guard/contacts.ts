import { type Finding, indexAt, inOrder, type Reading } from './finding.ts'
import { plainOf, type Token } from './tokens.ts'

const SEPARATOR = '[ .\\-/\\u00a0\\u202f]'
/** 06 39 98 00 01, 06.39.98.00.01, 0639980001, 0639 980 001, +33 6 39 98 00 01, 0033 6…; not in a longer number. */
const FRENCH = new RegExp(
  `(?<![\\p{L}\\p{N}+]|\\d[.,])(?:` +
    `0 8\\d{2} \\d{3} \\d{3}|0[1-9](?:(${SEPARATOR})\\d{2}(?:\\1\\d{2}){3}|\\d{8}|\\d{2}(${SEPARATOR})\\d{3}\\2\\d{3}|\\d{2}(?:${SEPARATOR}\\d{2}){3})` +
    `|(?:\\+|00${SEPARATOR}?)33${SEPARATOR}?(?:\\(0\\)${SEPARATOR}?)?[1-9](?:${SEPARATOR}?\\d{2}){4}` +
    `)(?![\\p{L}\\p{N}]|[.,]\\d)`,
  'gu',
)
/** +49 170 1234567: any other country, with its plus sign. */
const ABROAD =
  /(?<![\p{L}\p{N}])\+[1-9]\d{0,2}(?:[ .\-\u00a0]?(?:\(\d{1,4}\)|\d{1,4})){2,6}(?![\p{L}\p{N}])/gu
/** Numbers that anybody may be told to call. */
const SERVICES = new Set(
  'gendarmerie police commissariat brigade cci chambre mairie prefecture standard tresorerie banque'.split(
    ' ',
  ),
)
/** Says that the body named is not the body. */
const PRETENDED = /\b(?:faux|fausse|fausses|pretendu|pretendue|passer|passant|pretend|pretendant)\b/u

/** Telephone numbers; one of a service, or a free one (0 800), only for warning. Short numbers (17, 112) are none. */
export function findPhones({ text, tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (const pattern of [FRENCH, ABROAD]) {
    for (const match of text.matchAll(pattern)) {
      const [whole] = match
      const digits = whole.replace(/\D/g, '')
      if (pattern === ABROAD && (digits.length < 8 || digits.length > 15)) continue
      const start = match.index
      const end = start + whole.length
      const public_ = isPublic(text.slice(Math.max(0, start - 60), start), digits)
      found.push({
        start,
        end,
        ...(public_ ? { severity: 'warn' as const } : {}),
        edit: { start: introduction(tokens, start), end, text: '' },
      })
    }
  }
  return inOrder(found)
}

function isPublic(before: string, digits: string): boolean {
  if (/^08/.test(digits)) return true
  const plain = plainOf(before)
  const words = plain.split(/[^a-z]+/)
  return (
    !/^0[67]|^33[67]|^0033[67]/.test(digits) &&
    words.some((word) => SERVICES.has(word)) &&
    !PRETENDED.test(plain)
  )
}

/** Go away with a number, an address or a link: "rappelez au", "reçu de", "avec un lien". */
const INTRODUCING = new Set(
  (
    'au du le de depuis par via sur tel telephone telephonique mobile portable numero no n appelant expediteur ' +
    'adresse mail email courriel lien un avec plus d infos info voir'
  ).split(' '),
)

/** Where the words begin that lead to what stands at `start`. */
function introduction(tokens: readonly Token[], start: number): number {
  const at = indexAt(tokens, start)
  let from = start
  for (let i = at; i > 0 && at - i < 4; i--) {
    if (tokens[i]!.breaks || !/^[ \u00a0.:°'’]*(?:\+)?$/u.test(tokens[i]!.gap)) break
    if (!INTRODUCING.has(tokens[i - 1]!.plain)) break
    from = tokens[i - 1]!.start
  }
  return from
}

const MAIL_BEFORE = /[\p{L}\p{N}._+-]/u
const MAIL_AFTER = /[\p{L}\p{N}.-]/u

/** Mail addresses: found from their “@” outwards, so that the work grows with the text and no more. */
export function findMails({ text, tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at
    const floor = found.at(-1)?.end ?? 0
    while (start > floor && at - start < 64 && MAIL_BEFORE.test(text[start - 1]!)) start--
    let end = at + 1
    while (end < text.length && end - at < 200 && MAIL_AFTER.test(text[end]!)) end++
    while (/[.-]/.test(text[end - 1]!)) end--
    if (start === at || !/\p{L}{2,}$/u.test(text.slice(Math.max(at + 1, end - 10), end))) continue
    if (!text.slice(at + 1, end).includes('.')) continue
    found.push({ start, end, edit: { start: introduction(tokens, start), end, text: '' } })
  }
  return found
}

/** With a scheme or “www.”; else a domain under an ending in use, in small letters as people write them. */
const LINK =
  /(?<![\p{L}\p{N}@.-])(?:https?:\/\/[^\s<>"»]{1,300}|www\.[^\s<>"»]{1,300}|(?:[a-z0-9-]{1,40}\.){1,4}(?:fr|com|net|org|eu|biz|xyz|top|online|site|shop|link|app|io|ly|gl|gg|me|co|be|ch|re|cc|ru|info)(?:\/[^\s<>"»]{0,300}|(?![\p{L}\p{N}-]|\.\p{L})))/giu
/** Ordinary words that end a sentence without a space behind: “le site.me” is none of these with no path. */
const NEEDS_PATH = /\.(?:me|co|be|ch|re|cc|info|io|app|top|link|ru)$/i

/** The links of a text, as phones would make them clickable, with where they begin. */
export function* linksIn(text: string): Generator<{ readonly link: string; readonly start: number }> {
  for (const match of text.matchAll(LINK)) {
    const link = match[0].replace(/[.,;:!?)'’]+$/u, '')
    const explicit = /^(?:https?:\/\/|www\.)/i.test(link)
    if (!explicit && (NEEDS_PATH.test(link) || /[A-Z]/.test(link.slice(link.lastIndexOf('.'))))) continue
    if (link.replace(/^https?:\/\//i, '').length < 4) continue
    yield { link, start: match.index }
  }
}

/** Links; those of the State (.gouv.fr) only for warning. */
export function findLinks({ text, tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (const { link, start } of linksIn(text)) {
    const end = start + link.length
    const official = /^(?:https?:\/\/)?(?:[a-z0-9-]+\.)*gouv\.fr(?:\/|$)/i.test(link)
    found.push({
      start,
      end,
      ...(official ? { severity: 'warn' as const } : {}),
      edit: { start: introduction(tokens, start), end, text: '' },
    })
  }
  return found
}
