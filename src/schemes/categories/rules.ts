import type { Problem } from '../../errors.ts'
import { linksIn } from '../../guard/contacts.ts'
import type { SettingPart } from '../../settings/rules.ts'
import type { DoctrineSettings } from '../doctrine.ts'
import { templateRefusals } from '../texts/templates.ts'
import { type CategoryFields, type CategoryItem, MAX_CATEGORIES } from './contract.ts'

/** The parts of a category that decide what messages say and who must approve alerts. Messages say its French name. */
const GOVERNED = [
  'labelFr',
  'severity',
  'level',
  'template',
] as const satisfies readonly (keyof CategoryFields)[]
/** The parts that only help the operator. */
const DIRECT = ['labelEn', 'area'] as const satisfies readonly (keyof CategoryFields)[]

/** Returns the problems of what the chamber wrote of a category. */
export function categoryProblems({
  template,
  labelFr,
  labelEn,
}: Pick<CategoryFields, 'template' | 'labelFr' | 'labelEn'>): Problem[] {
  return [...labelProblems({ labelFr, labelEn }), ...templateRefusals(template, 'template')]
}

/** Returns the problems of the names of a category: members read them in messages, where nobody may be called or a link opened. */
export function labelProblems({ labelFr, labelEn }: Pick<CategoryFields, 'labelFr' | 'labelEn'>): Problem[] {
  return Object.entries({ labelFr, labelEn })
    .filter(([, label]) => hasContact(label))
    .map(([path]): Problem => ({ code: 'category.contact', path }))
}

/** The shortest numbers whose owner charges for calls and SMS have this many digits. */
const NUMBER_DIGITS = 4

/** Returns whether a name holds a link, a mail address or what may be a phone number. */
function hasContact(label: string): boolean {
  const digits = label.replace(/\D/g, '').length
  return digits >= NUMBER_DIGITS || label.includes('@') || !linksIn(label).next().done
}

/** Returns the problem of one more category in use. */
export function countProblems(known: readonly Pick<CategoryItem, 'active'>[]): Problem[] {
  return known.filter(({ active }) => active).length < MAX_CATEGORIES
    ? []
    : [{ code: 'input.too_many', values: { maximum: MAX_CATEGORIES } }]
}

/** Returns why a category cannot be taken out of use: it is the last one, a rule of the doctrine names it, or calls of it are open. */
export function removalProblems(
  code: string,
  known: readonly Pick<CategoryItem, 'code' | 'active'>[],
  { approval, openCalls }: Pick<DoctrineSettings, 'approval'> & { readonly openCalls: number },
): Problem[] {
  const problems: Problem[] = []
  if (known.every((one) => one.code === code || !one.active)) problems.push({ code: 'category.last' })
  if (approval.some(({ categories }) => categories !== 'all' && categories.includes(code)))
    problems.push({ code: 'category.in_rule' })
  if (openCalls > 0) problems.push({ code: 'category.open_calls', values: { count: openCalls } })
  return problems
}

/** Returns the settings in which a category differs: what is governed and what is not are separate parts. */
export function changedCategory(before: CategoryItem, after: CategoryFields): SettingPart[] {
  return [
    partOf('categories.change', GOVERNED, before, after),
    partOf('categories.label', DIRECT, before, after),
  ].filter((part) => part !== undefined)
}

function partOf(
  setting: 'categories.change' | 'categories.label',
  names: readonly (keyof CategoryFields)[],
  before: CategoryItem,
  after: CategoryFields,
): SettingPart | undefined {
  const changed = names.filter((name) => before[name] !== after[name])
  if (changed.length === 0) return undefined
  const valuesOf = (fields: CategoryFields) =>
    Object.fromEntries([['code', before.code], ...changed.map((name) => [name, fields[name]])])
  return { setting, before: valuesOf(before), after: valuesOf(after) }
}
