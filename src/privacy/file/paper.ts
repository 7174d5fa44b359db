import { formatMessage, type Lang } from '../../i18n/format.ts'
import { LOCALES } from '../../members/papers/pdf.ts'
import { formatEuros } from '../../message/money.ts'
import { readablePhone } from '../../message/phone.ts'
import { readableSiret } from '../../message/written.ts'
import { findTrade, type Trade } from '../../schemes/trades/trades.ts'
import type { Block, PaperDocument } from '../documents/document.ts'
import { contactLine } from '../documents/words.ts'
import type { PrivacyFacts } from '../retention/contract.ts'
import type { Format, Row, Section } from './section.ts'
import { sectionsFor } from './sections.ts'
import type { Subject } from './subject.ts'

/** The file of a person who asked for access to their data (GDPR article 15). */
export interface PersonFile {
  readonly takenAt: Date
  readonly timeZone: string
  /** Trades of the scheme beside the built-in ones. */
  readonly ownTrades: readonly Trade[]
  readonly facts: PrivacyFacts
  /** Null: a member asked its trade chamber. */
  readonly request: { readonly person: string; readonly receivedOn: string; readonly dueOn: string } | null
  readonly subject: Subject
  readonly data: Readonly<Record<string, readonly Row[]>>
  /** The line of a scheme whose settings one person decided alone. */
  readonly alone: string | undefined
}

/** Writes the file of a person for reading, and the sentences of its beginning. */
export function writeFile(
  file: PersonFile,
  lang: Lang,
): { readonly document: PaperDocument; readonly intro: readonly string[] } {
  const { facts, request, subject, takenAt, alone } = file
  const t = (key: string, values?: Readonly<Record<string, string | number>>) =>
    formatMessage(lang, key, values)
  const forces =
    facts.forces.length === 0
      ? t('file.forces')
      : new Intl.ListFormat(LOCALES[lang], { type: 'conjunction' }).format(facts.forces)
  const chamber = contactLine(facts.chamber, facts.contact.chamber)
  const dpo = contactLine(facts.contact.dpo.name, facts.contact.dpo)
  const intro = [
    t('file.what', { chamber: facts.chamber, scheme: facts.name }),
    ...(subject.memberIds.length === 0
      ? [
          t('file.stranger', {
            keys: [...subject.phones.map(readablePhone), ...subject.mails].join(', ') || '–',
          }),
        ]
      : subject.isWhole
        ? []
        : [t('file.one', { people: subject.people.join(', ') })]),
    ...(subject.isOfTrades ? [t('file.trades', { chamber: facts.chamber })] : []),
    t('file.rights', { chamber, dpo: dpo || 'none' }),
    t('file.forces.what', { forces }),
  ]
  const given = sectionsFor(subject)
  const shown = given.filter(({ name }) => (file.data[name] ?? []).length > 0)
  const empty = given.filter(({ name }) => (file.data[name] ?? []).length === 0)
  const blocks: Block[] = [
    ...intro.map((text): Block => ({ kind: 'paragraph', text })),
    ...shown.flatMap((section): Block[] => [
      { kind: 'heading', level: 2, text: t(`file.section.${section.name}`) },
      toTable(section, file, lang),
    ]),
    { kind: 'heading', level: 2, text: t('file.nothing') },
    { kind: 'list', items: empty.map(({ name }) => t(`file.section.${name}`)) },
  ]
  const title = t('file.title')
  return {
    intro,
    document: {
      title,
      scheme: facts.name,
      chamber: facts.chamber,
      subtitle: [
        ...(request === null || request.person === '' ? [] : [request.person]),
        request === null
          ? t('file.given')
          : t('file.asked', {
              day: formatDay(request.receivedOn, lang),
              due: formatDay(request.dueOn, lang),
            }),
      ].join(' · '),
      footer: t('file.footer', { scheme: facts.name, day: formatMoment(takenAt, file.timeZone, lang) }),
      lang,
      at: takenAt,
      blocks,
      alone,
    },
  }
}

function toTable({ name, columns }: Section, file: PersonFile, lang: Lang): Block {
  const entries = Object.entries(columns)
  return {
    kind: 'table',
    columns: entries.map(([column, [width]]) => [formatMessage(lang, `file.column.${column}`), width]),
    rows: (file.data[name] ?? []).map((row) =>
      entries.map(([column, [, format]]) => writeValue(row, column, { format, lang, file })),
    ),
  }
}

function writeValue(
  row: Row,
  column: string,
  { format, lang, file }: { readonly format: Format; readonly lang: Lang; readonly file: PersonFile },
): string {
  if (format === 'label') return String(lang === 'fr' ? row.labelFr : row.labelEn)
  const value = row[column]
  if (value === null || value === undefined || value === '') return '–'
  if (typeof format === 'object') return formatMessage(lang, `${format.words}.${String(value)}`)
  switch (format) {
    case 'phone':
      return readablePhone(String(value))
    case 'siret':
      return readableSiret(String(value))
    case 'day':
      return value instanceof Date
        ? formatMoment(value, file.timeZone, lang, false)
        : formatDay(String(value), lang)
    case 'moment':
      return value instanceof Date ? formatMoment(value, file.timeZone, lang) : String(value)
    case 'euros':
      return formatEuros(Number(value), lang)
    case 'yes':
      return formatMessage(lang, value === true ? 'file.yes' : 'file.no')
    case 'trade': {
      const trade = findTrade(String(value), file.ownTrades)
      return trade === undefined ? String(value) : lang === 'fr' ? trade.nameFr : trade.nameEn
    }
    case 'text':
      return String(value)
  }
}

/** Formats a calendar day: 12/03/2026 for 2026-03-12. */
function formatDay(day: string, lang: Lang): string {
  return new Intl.DateTimeFormat(LOCALES[lang], { dateStyle: 'short', timeZone: 'UTC' }).format(
    new Date(`${day}T00:00:00Z`),
  )
}

function formatMoment(at: Date, timeZone: string, lang: Lang, withTime = true): string {
  return new Intl.DateTimeFormat(LOCALES[lang], {
    dateStyle: 'short',
    ...(withTime && { timeStyle: 'short' }),
    timeZone,
  }).format(at)
}
