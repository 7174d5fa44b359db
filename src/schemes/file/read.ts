import type { z } from 'zod'
import { AppError, type Problem } from '../../errors.ts'
import { MEMBER_MAIL_NAMES } from '../../i18n/member-mails.ts'
import { makeStrict } from '../../platform/http/bodies.ts'
import { describeIssue } from '../../platform/http/issues.ts'
import { labelProblems } from '../categories/rules.ts'
import {
  doctrineProblems,
  languageRefusals,
  listUnnamed,
  schemeRefusals,
  timeZoneRefusals,
} from '../rules.ts'
import {
  mailRefusals,
  NO_PHONE,
  SERVICE_SMS,
  type ServiceSms,
  serviceSmsRefusals,
  type WelcomeValues,
} from '../texts/service-texts.ts'
import { SchemeFile } from './contract.ts'
import { toDefinition } from './definition.ts'

type Key = keyof SchemeFile
const shape = makeStrict(SchemeFile).shape
const KEYS = Object.keys(shape) as Key[]

/** Placeholders for the parts of a file that cannot be read, so that the others are checked all the same. */
const NEUTRAL: SchemeFile = {
  ...SchemeFile.parse({
    id: 'none',
    name: '-',
    territory: { kind: 'region', code: '84' },
    referencePrefix: '0',
    sender: 'NEUTRAL0',
    closingAdvice: '-',
    trades: ['general-shops'],
    categories: [{ code: 'none', labelFr: '-', labelEn: '-', severity: 'notice', template: '-' }],
  }),
}

/** The parts of a file that could be read, and every problem of the file. */
interface SchemeFileReading {
  readonly file: SchemeFile
  readonly problems: readonly Problem[]
  /** Parts of the file that could not be read: theirs in `file` stand in for them. */
  readonly unread: ReadonlySet<string>
}

/** Reads the bytes of a file of a scheme. @throws AppError `invalid_input` for what is not a JSON object */
export function parseJsonFile(bytes: Uint8Array): Record<string, unknown> {
  const text = new TextDecoder().decode(bytes).replace(/^\uFEFF/, '')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    const problems = [{ code: 'scheme_file.json', values: { line: lineOf(text, cause) } } as const]
    throw new AppError('invalid_input', { problems, cause })
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json))
    return json as Record<string, unknown>
  throw new AppError('invalid_input', { problems: [{ code: 'scheme_file.object' }] })
}

/** Returns the line at which JSON.parse stopped, counted from 1. */
function lineOf(text: string, error: unknown): number {
  const position = /position (\d+)/.exec(String(error))?.[1]
  return text.slice(0, position === undefined ? text.length : Number(position)).split('\n').length
}

/** Reads a scheme from JSON. @throws AppError `invalid_input` with every problem that shows without the data of the territory */
export function readSchemeFile(json: object): SchemeFile {
  const { file, problems } = checkSchemeFile(json)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return file
}

/** Reads a scheme from JSON part by part, so that a problem of one does not hide those of another. */
export function checkSchemeFile(json: object): SchemeFileReading {
  const unknown = Object.keys(json).filter((key) => !KEYS.includes(key as Key))
  const problems: Problem[] =
    unknown.length === 0 ? [] : [{ code: 'input.unknown_field', values: { keys: unknown.join(', ') } }]
  const unread = new Set<string>()
  const read: Partial<Record<Key, unknown>> = {}
  for (const key of KEYS) {
    const parsed = shape[key].safeParse((json as Readonly<Record<string, unknown>>)[key])
    if (parsed.success) read[key] = parsed.data
    else {
      unread.add(key)
      problems.push(...parsed.error.issues.map((issue) => problemOf(key, issue)))
    }
  }
  const file = { ...NEUTRAL, ...read } as SchemeFile
  const codes = file.categories.map(({ code }) => code)
  const rules = [
    ...schemeRefusals(toDefinition(file)),
    ...timeZoneRefusals(file.timeZone),
    ...languageProblems(file),
    ...file.categories.flatMap(({ labelFr, labelEn = labelFr }, index) =>
      labelProblems({ labelFr, labelEn }).map((problem) => ({
        ...problem,
        path: `categories.${index}.${problem.path}`,
      })),
    ),
    ...(unread.has('trades') ? [] : feeProblems(file)),
    ...(Object.keys(SERVICE_SMS) as ServiceSms[]).flatMap((kind) =>
      serviceSmsRefusals(kind, file.texts[kind], valuesOf(file), `texts.${kind}`),
    ),
    ...MEMBER_MAIL_NAMES.flatMap((mail) =>
      (['fr', 'en'] as const).flatMap((lang) =>
        mailRefusals(mail, file.texts[mail][lang], `texts.${mail}.${lang}`),
      ),
    ),
    ...(unread.has('categories') ? [] : doctrineProblems(file.doctrine, codes)).map((problem) => ({
      ...problem,
      path: `doctrine.${problem.path}`,
    })),
    ...(unread.has('agencies') ? [] : organisationProblems(file)),
  ]
  problems.push(...rules.filter(({ path = '' }) => !unread.has(path.split('.')[0] ?? '')))
  return { file, problems, unread }
}

/** Fields of which the form is explained when a value does not have it. */
const FORMATS = new Set([
  'id',
  'referencePrefix',
  'code',
  'naf',
  'naf2025',
  'trades',
  'territory',
  'zone',
  'area',
  'phone',
  'mail',
  'siret',
])

function problemOf(key: Key, { code, path, message, ...params }: z.core.$ZodIssue): Problem {
  const at = [key, ...path.map(String)].join('.')
  const problem = describeIssue({ code, message, params: { ...params } }, at)
  const field = at.split('.').findLast((name) => !/^\d+$/.test(name)) ?? ''
  if (problem.code !== 'input.invalid' || !FORMATS.has(field)) return { ...problem, path: at }
  return { code: `scheme_file.format.${field}`, path: at }
}

function valuesOf({ name, agencies, contact }: SchemeFile): Omit<WelcomeValues, 'commerce'> {
  const chamber = agencies.find(({ kind }) => kind === 'chamber')
  return { dispositif: name, chambre: chamber?.name ?? name, telephone: contact.chamber.phone || NO_PHONE }
}

function languageProblems({ languages, categories }: SchemeFile): Problem[] {
  return [
    ...languageRefusals(languages),
    ...listUnnamed(languages, categories).map((category): Problem => {
      return { code: 'input.required', path: `categories.${categories.indexOf(category)}.labelEn` }
    }),
  ]
}

function organisationProblems({ access, agencies }: SchemeFile): Problem[] {
  return access.organisations.flatMap(({ agency }, index): Problem[] =>
    agencies.some(({ code }) => code === agency)
      ? []
      : [{ code: 'access.agency', path: `access.organisations.${index}.agency`, values: { agency } }],
  )
}

function feeProblems({ dues, trades }: SchemeFile): Problem[] {
  const codes = trades.map((trade) => (typeof trade === 'string' ? trade : trade.code))
  return Object.keys(dues.fees?.tradeFees ?? {})
    .filter((code) => !codes.includes(code))
    .map((code) => ({ code: 'unknown_trade', path: `dues.fees.tradeFees.${code}`, values: { code } }))
}
