import { type Finding, indexOfWordAt, inTextOrder, type Reading } from './finding.ts'
import { plainOf, type Token } from './tokens.ts'

const SEPARATOR = '[ .\\-/\\u00a0\\u202f]'
/**
 * Matches 06 39 98 00 01, 06.39.98.00.01, 0639980001, 0639 980 001, +33 6 39 98 00 01, 0033 6…, but not inside a longer
 * number.
 */
const FRENCH = new RegExp(
  `(?<![\\p{L}\\p{N}+]|\\d[.,])(?:` +
    `0 8\\d{2} \\d{3} \\d{3}|0[1-9](?:(${SEPARATOR})\\d{2}(?:\\1\\d{2}){3}|\\d{8}|\\d{2}(${SEPARATOR})\\d{3}\\2\\d{3}|\\d{2}(?:${SEPARATOR}\\d{2}){3})` +
    `|(?:\\+|00${SEPARATOR}?)33${SEPARATOR}?(?:\\(0\\)${SEPARATOR}?)?[1-9](?:${SEPARATOR}?\\d{2}){4}` +
    `)(?![\\p{L}\\p{N}]|[.,]\\d)`,
  'gu',
)
/** Matches numbers of other countries with their plus sign: +49 170 1234567. */
const ABROAD =
  /(?<![\p{L}\p{N}])\+[1-9]\d{0,2}(?:[ .\-\u00a0]?(?:\(\d{1,4}\)|\d{1,4})){2,6}(?![\p{L}\p{N}])/gu
/** Numbers of public services, which a text may ask people to call. */
const SERVICES = new Set(
  'gendarmerie police commissariat brigade cci chambre mairie prefecture standard tresorerie banque'.split(
    ' ',
  ),
)
/** Words that make the named body an impostor ("faux policiers"). */
const PRETENDED = /\b(?:faux|fausse|fausses|pretendu|pretendue|passer|passant|pretend|pretendant)\b/u

/**
 * Finds telephone numbers. Numbers of public services and free numbers (0 800) are only warnings; short numbers (17, 112) are
 * not found.
 */
export function findPhones({ text, tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (const pattern of [FRENCH, ABROAD]) {
    for (const match of text.matchAll(pattern)) {
      const [whole] = match
      const digits = whole.replace(/\D/g, '')
      if (pattern === ABROAD && (digits.length < 8 || digits.length > 15)) continue
      const start = match.index
      const end = start + whole.length
      const public_ = isPublicService(text.slice(Math.max(0, start - 60), start), digits)
      found.push({
        start,
        end,
        ...(public_ ? { severity: 'warn' as const } : {}),
        edit: { start: introductionStart(tokens, start), end, text: '' },
      })
    }
  }
  return inTextOrder(found)
}

function isPublicService(before: string, digits: string): boolean {
  if (/^08/.test(digits)) return true
  const plain = plainOf(before)
  const words = plain.split(/[^a-z]+/)
  return (
    !/^0[67]|^33[67]|^0033[67]/.test(digits) &&
    words.some((word) => SERVICES.has(word)) &&
    !PRETENDED.test(plain)
  )
}

/** Words removed together with a number, an address or a link: "rappelez au", "reçu de", "avec un lien". */
const INTRODUCING = new Set(
  (
    'au du le de depuis par via sur tel telephone telephonique mobile portable numero no n appelant expediteur ' +
    'adresse mail email courriel lien un avec plus d infos info voir'
  ).split(' '),
)

/** Returns where the words start that introduce the text at `start`. */
function introductionStart(tokens: readonly Token[], start: number): number {
  const at = indexOfWordAt(tokens, start)
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

/** Finds mail addresses from their “@” outwards, so that the work is linear in the length of the text. */
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
    found.push({ start, end, edit: { start: introductionStart(tokens, start), end, text: '' } })
  }
  for (const { index, 0: whole } of text.matchAll(SPELLED_MAIL)) {
    found.push({
      start: index,
      end: index + whole.length,
      edit: { start: introductionStart(tokens, index), end: index + whole.length, text: '' },
    })
  }
  return inTextOrder(found)
}

/** Matches addresses spelled so that no program reads them: "achat (at) societe point com", "achat arobase societe.com". */
const SPELLED_MAIL =
  /(?<![\p{L}\p{N}._+-])[\p{L}\p{N}._+-]{1,64}[ ]?(?:[([{]at[)\]}]|arobase|[([{]arobase[)\]}])[ ]?[\p{L}\p{N}-]{1,60}(?:[ ]?(?:\.|point|dot|[([{](?:dot|point)[)\]}])[ ]?[\p{L}\p{N}-]{2,60}){1,3}/giu

/** Matches links with a scheme or “www.”, and lower-case domains with a common ending. */
const LINK =
  /(?<![\p{L}\p{N}@.-])(?:https?:\/\/[^\s<>"»]{1,300}|www\.[^\s<>"»]{1,300}|(?:[a-z0-9-]{1,40}\.){1,4}(?:fr|com|net|org|eu|biz|xyz|top|online|site|shop|link|app|io|ly|gl|gg|me|co|be|ch|re|cc|ru|info)(?:\/[^\s<>"»]{0,300}|(?![\p{L}\p{N}-]|\.\p{L})))/giu
/** Endings that are also words, after which a sentence may start without a space: “le site.me” is a link only with a path. */
const NEEDS_PATH = /\.(?:me|co|be|ch|re|cc|info|io|app|top|link|ru)$/i

/** Lists the links of a text that phones would make clickable, with their positions. */
export function* linksIn(text: string): Generator<{ readonly link: string; readonly start: number }> {
  for (const match of text.matchAll(LINK)) {
    const link = match[0].replace(/[.,;:!?)'’]+$/u, '')
    const explicit = /^(?:https?:\/\/|www\.)/i.test(link)
    if (!explicit && (NEEDS_PATH.test(link) || /[A-Z]/.test(link.slice(link.lastIndexOf('.'))))) continue
    if (link.replace(/^https?:\/\//i, '').length < 4) continue
    yield { link, start: match.index }
  }
}

/** Finds links; those of the State (.gouv.fr) are only warnings. */
export function findLinks({ text, tokens }: Reading): Finding[] {
  const found: Finding[] = []
  for (const { link, start } of linksIn(text)) {
    const end = start + link.length
    const official = /^(?:https?:\/\/)?(?:[a-z0-9-]+\.)*gouv\.fr(?:\/|$)/i.test(link)
    found.push({
      start,
      end,
      ...(official ? { severity: 'warn' as const } : {}),
      edit: { start: introductionStart(tokens, start), end, text: '' },
    })
  }
  return found
}
