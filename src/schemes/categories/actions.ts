import { z } from 'zod'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { SettingWriter } from '../../settings/actions.ts'
import { markRows } from '../../settings/alone.ts'
import {
  auditBy,
  type ChangedBy,
  findRepeatedProposal,
  type ProposeDeps,
  proposeOrApply,
} from '../../settings/propose.ts'
import { isSame, type SettingName, type SettingPart } from '../../settings/rules.ts'
import { listWaitingValues } from '../../settings/store.ts'
import { codeFromName } from '../codes.ts'
import { listUnnamed } from '../rules.ts'
import { getDoctrine, markEdited } from '../store.ts'
import {
  type CategoriesSaved,
  type CategoryChange,
  CategoryFields,
  type CategoryItem,
  type CategoryList,
  type NewCategory,
} from './contract.ts'
import { categoryProblems, changedCategory, countProblems, removalProblems } from './rules.ts'
import {
  countOpenCalls,
  insertCategory,
  listAllCategories,
  lockScheme,
  readCategoryList,
  updateCategory,
  writePositions,
} from './store.ts'

type CategoryDeps = ProposeDeps & Pick<Deps, 'db' | 'live'>

/** Lists the categories of a scheme, also those taken out of use. */
export async function listCategories(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<CategoryList> {
  authorize(actor, 'doctrine.read', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readCategoryList(tx, schemeId))
}

/**
 * Proposes a category, which another account puts in force. The same request with the same id again adds and proposes nothing.
 * @throws AppError with every problem at once: of the template, too many categories; `id_taken`; as `proposeOrApply`
 */
export function addCategory(
  deps: CategoryDeps,
  actor: Actor,
  schemeId: string,
  { id, reason, ...given }: NewCategory,
): Promise<CategoriesSaved> {
  const fields = fieldsOf(given)
  const isAsked = (after: unknown) => {
    const { data } = CategoryFields.safeParse(after)
    return data !== undefined && isSame(fieldsOf(data), fields)
  }
  return propose(deps, actor, schemeId, { id, reason, isSame: isAsked }, async (tx, known) => {
    const problems = [
      ...categoryProblems(fields),
      ...(await namingProblems(tx, schemeId, given)),
      ...countProblems(known),
    ]
    if (problems.length > 0) throw refusalOf(problems)
    const waiting = await listWaitingValues(tx, schemeId, { subject: 'categories', now: deps.now() })
    const taken = [...known, ...waiting].flatMap((one) => StoredCode.safeParse(one).data?.code ?? [])
    const code = codeFromName(fields.labelFr, { empty: 'categorie', isTaken: (one) => taken.includes(one) })
    return [{ setting: 'categories.add', before: null, after: { code, ...fields } }]
  })
}

/**
 * Changes a category. Its English name and initial area are changed at once; its French name, severity, level and text, taking it
 * out of use and putting it back are proposed, and put in force by another account. Its alerts keep it in any case.
 * @throws AppError `not_found`; `settings_changed` for another version; with every problem at once: of names and text, `category.last`,
 * `category.in_rule`, `category.open_calls`, too many categories; as `proposeOrApply`
 */
export function changeCategory(
  deps: CategoryDeps,
  actor: Actor,
  schemeId: string,
  code: string,
  { active, version, reason, ...changes }: CategoryChange,
): Promise<CategoriesSaved> {
  return propose(deps, actor, schemeId, { reason }, async (tx, known) => {
    const before = known.find((one) => one.code === code)
    if (before === undefined) throw new AppError('not_found')
    if (version !== undefined && version !== before.version) throw new AppError('settings_changed')
    const after = fieldsOf({ ...before, ...withoutUndefined(changes) })
    const isUse = active !== undefined && active !== before.active
    const problems = [
      ...categoryProblems(after),
      ...(await namingProblems(tx, schemeId, changes)),
      ...(isUse ? await listUseProblems(tx, schemeId, code, active, known) : []),
    ]
    if (problems.length > 0) throw refusalOf(problems)
    const parts = changedCategory(before, after)
    if (!isUse) return parts
    const { labelFr, severity, level, template } = after
    const shown = { code, labelFr, severity, level, template }
    const use: SettingPart = active
      ? { setting: 'categories.restore', before: null, after: shown }
      : { setting: 'categories.remove', before: shown, after: null }
    return [...parts, use]
  })
}

/**
 * Orders the categories in use.
 * @throws AppError `settings_changed` when the codes are not those in use
 */
export async function orderCategories(
  deps: Pick<Deps, 'db' | 'now' | 'live'>,
  actor: Actor,
  schemeId: string,
  codes: readonly string[],
): Promise<CategoryList> {
  authorize(actor, 'doctrine.set', schemeId)
  const list = await inScheme(deps.db, schemeId, async (tx) => {
    const before = (await lockCategories(tx, schemeId)).filter(({ active }) => active).map(({ code }) => code)
    if (before.toSorted().join(' ') !== codes.toSorted().join(' ')) throw new AppError('settings_changed')
    if (before.join(' ') !== codes.join(' ')) {
      await writePositions(tx, schemeId, codes)
      await markEdited(tx, schemeId, ['category_order'])
      await recordAudit(tx, schemeId, deps.now(), {
        actor: actorName(actor),
        action: 'category.order',
        subject: `scheme:${schemeId}`,
        details: { before, after: [...codes] },
      })
    }
    return readCategoryList(tx, schemeId)
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return list
}

/** Puts proposed changes of categories in force. */
export const categorySettingWriter: SettingWriter = {
  async write(tx, deps, { schemeId, parts, by }) {
    const known = await lockCategories(tx, schemeId)
    const problems: Problem[] = []
    for (const part of parts) {
      const { setting, before, after } = part
      const { code } = StoredCode.parse(after ?? before)
      const stored = known.find((one) => one.code === code)
      if (!isAsBefore(part, stored, parts)) throw new AppError('settings_changed')
      if (setting === 'categories.add') problems.push(...countProblems(known))
      if (setting === 'categories.restore' || setting === 'categories.remove')
        problems.push(...(await listUseProblems(tx, schemeId, code, setting === 'categories.restore', known)))
      if (setting === 'categories.add' || setting === 'categories.change') {
        const { data } = CategoryFields.safeParse({ ...stored, ...PartialFields.parse(after) })
        if (data !== undefined) problems.push(...categoryProblems(data))
      }
    }
    if (problems.length > 0) throw refusalOf(problems)
    await writeParts(tx, deps, schemeId, { parts, by, known })
  },
}

const StoredCode = z.object({ code: z.string() })
const PartialFields = CategoryFields.partial()

/** Proposes what `partsOf` returns, and writes what needs nobody else. An earlier request with the same id is answered again. */
async function propose(
  deps: CategoryDeps,
  actor: Actor,
  schemeId: string,
  of: {
    readonly reason: string | undefined
    readonly id?: string | undefined
    /** Tells whether a value that a change would set is that of this request. */
    readonly isSame?: (after: unknown) => boolean
  },
  partsOf: (tx: Tx, known: readonly CategoryItem[]) => Promise<readonly SettingPart[]>,
): Promise<CategoriesSaved> {
  authorize(actor, 'doctrine.set', schemeId)
  const saved = await inScheme(deps.db, schemeId, async (tx) => {
    const known = await lockCategories(tx, schemeId)
    const { id, reason, isSame = () => false } = of
    const repeated = await findRepeatedProposal(tx, schemeId, { id, actor, subject: 'categories', isSame })
    if (repeated !== undefined) return { ...(await readCategoryList(tx, schemeId)), ...repeated }
    const parts = await partsOf(tx, known)
    const { now, by, proposed } = await proposeOrApply(tx, deps, actor, {
      schemeId,
      subject: 'categories',
      parts,
      reason,
      id,
    })
    await writeParts(tx, deps, schemeId, { parts: now, by, known })
    return { ...(await readCategoryList(tx, schemeId)), proposed }
  })
  deps.live.publish({ type: 'scheme', schemeId })
  return saved
}

/** @throws AppError `unknown_scheme` */
async function lockCategories(tx: Tx, schemeId: string): Promise<CategoryItem[]> {
  if (!(await lockScheme(tx, schemeId)))
    throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return listAllCategories(tx, schemeId)
}

/** Returns the problem of an English name that is left empty, in a scheme that writes its names in English too. */
async function namingProblems(
  tx: Tx,
  schemeId: string,
  { labelEn }: { readonly labelEn?: string | undefined },
): Promise<Problem[]> {
  if (labelEn !== '') return []
  const { languages } = await tx
    .selectFrom('schemes')
    .select('languages')
    .where('id', '=', schemeId)
    .executeTakeFirstOrThrow()
  return listUnnamed(languages, [{}]).map(() => ({ code: 'input.required', path: 'labelEn' }))
}

async function listUseProblems(
  tx: Tx,
  schemeId: string,
  code: string,
  active: boolean,
  known: readonly CategoryItem[],
): Promise<Problem[]> {
  if (active) return countProblems(known)
  const { approval } = await getDoctrine(tx, schemeId)
  return removalProblems(code, known, { approval, openCalls: await countOpenCalls(tx, schemeId, code) })
}

/**
 * Returns whether a category still has the values that a part replaces. One that comes back has those that its part shows, with
 * what other parts of the same change give it.
 */
function isAsBefore(
  { setting, before, after }: SettingPart,
  stored: CategoryItem | undefined,
  parts: readonly SettingPart[],
): boolean {
  if (setting === 'categories.add') return stored === undefined
  if (stored === undefined) return false
  if (setting === 'categories.restore') {
    const changes = parts.filter(
      (one) => one.setting === 'categories.change' && StoredCode.parse(one.after).code === stored.code,
    )
    const will = Object.assign({}, stored, ...changes.map((one) => PartialFields.parse(one.after)))
    return !stored.active && holds(will, after)
  }
  if (setting === 'categories.remove') return stored.active
  return holds(stored, before)
}

/** Returns whether a category has the values of a part. */
function holds(category: CategoryFields, values: unknown): boolean {
  return Object.entries(PartialFields.parse(values)).every(
    ([name, value]) => category[name as keyof CategoryFields] === value,
  )
}

function fieldsOf({ labelFr, labelEn, severity, template, level, area }: CategoryFields): CategoryFields {
  return { labelFr, labelEn: labelEn || labelFr, severity, template, level, area }
}

function withoutUndefined(changes: Partial<Record<keyof CategoryFields, unknown>>): Partial<CategoryFields> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}

const ACTIONS = {
  'categories.add': 'category.add',
  'categories.change': 'category.change',
  'categories.label': 'category.change',
  'categories.remove': 'category.remove',
  'categories.restore': 'category.restore',
} as const satisfies Partial<Record<SettingName, string>>

/** Adds the English name to a change of the French one that it repeats: what nobody translated follows. */
function withEnglishCopy(part: SettingPart, known: readonly CategoryItem[]): SettingPart {
  if (part.setting !== 'categories.change') return part
  const { code, ...after } = PartialFields.extend(StoredCode.shape).parse(part.after)
  const stored = known.find((one) => one.code === code)
  if (after.labelFr === undefined || stored === undefined || stored.labelEn !== stored.labelFr) return part
  return {
    ...part,
    before: { ...Object(part.before), labelEn: stored.labelEn },
    after: { ...Object(part.after), labelEn: after.labelFr },
  }
}

/** Writes parts that were checked, each with its audit entry. */
async function writeParts(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  of: {
    readonly parts: readonly SettingPart[]
    readonly by: ChangedBy
    readonly known: readonly CategoryItem[]
  },
): Promise<void> {
  const { by, known } = of
  if (of.parts.length === 0) return
  const parts = of.parts.map((part) => withEnglishCopy(part, known))
  const codes = parts.map(({ before, after }) => StoredCode.parse(after ?? before).code)
  for (const [i, { setting, after }] of parts.entries()) {
    const code = codes[i] ?? ''
    if (setting === 'categories.add')
      await insertCategory(tx, schemeId, { code, position: known.length + 1, ...CategoryFields.parse(after) })
    else if (setting === 'categories.remove') await updateCategory(tx, schemeId, code, { active: false })
    else if (setting === 'categories.restore') await updateCategory(tx, schemeId, code, { active: true })
    else await updateCategory(tx, schemeId, code, withoutUndefined(PartialFields.parse(after)))
  }
  const inUse = (await listAllCategories(tx, schemeId)).filter(({ active }) => active)
  // One that comes back, or is new, goes to the end.
  const isLate = (code: string) => !known.some((one) => one.code === code && one.active)
  const order = inUse.map(({ code }) => code).toSorted((a, b) => Number(isLate(a)) - Number(isLate(b)))
  await writePositions(tx, schemeId, order)
  await markRows(tx, schemeId, { subject: 'categories', ids: [...new Set(codes)], by, at: deps.now() })
  for (const [i, { setting, before, after }] of parts.entries()) {
    const entry = auditBy(by, {
      action: ACTIONS[setting as keyof typeof ACTIONS],
      subject: `category:${codes[i]}`,
      details: { before, after },
    })
    await recordAudit(tx, schemeId, deps.now(), entry)
  }
}
