import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import { inNamedArea } from '../store.ts'
import type { CategoryFields, CategoryItem, CategoryList } from './contract.ts'

/** Lists the categories of a scheme: those in use by position, then the others by name. */
export function listAllCategories(tx: Tx, schemeId: string): Promise<CategoryItem[]> {
  return tx
    .selectFrom('categories')
    .select([
      'code',
      'labelFr',
      'labelEn',
      'severity',
      'template',
      'level',
      'area',
      'position',
      'active',
      'version',
    ])
    .where('schemeId', '=', schemeId)
    .orderBy('active', 'desc')
    .orderBy('position')
    .orderBy('code')
    .execute()
}

/** Reads the categories of a scheme, with a commune for examples. */
export async function readCategoryList(tx: Tx, schemeId: string): Promise<CategoryList> {
  const scheme = await tx
    .selectFrom('schemes')
    .select('territory')
    .where('id', '=', schemeId)
    .executeTakeFirst()
  const commune =
    scheme === undefined
      ? undefined
      : await tx
          .selectFrom('communes')
          .select('name')
          .where(inNamedArea(scheme.territory))
          .orderBy('population', 'desc')
          .orderBy('code')
          .limit(1)
          .executeTakeFirst()
  return { categories: await listAllCategories(tx, schemeId), example: commune?.name ?? '' }
}

export async function insertCategory(
  tx: Tx,
  schemeId: string,
  { code, position, ...fields }: CategoryFields & Pick<CategoryItem, 'code' | 'position'>,
): Promise<void> {
  // Loading a ready-made scheme with a category of this code leaves it as the chamber wrote it.
  await tx
    .insertInto('categories')
    .values({ schemeId, code, position, ...fields, version: 2 })
    .execute()
}

export async function updateCategory(
  tx: Tx,
  schemeId: string,
  code: string,
  fields: Partial<CategoryFields> & { readonly active?: boolean },
): Promise<void> {
  await tx
    .updateTable('categories')
    .set((eb) => ({ ...fields, version: eb('version', '+', 1) }))
    .where('schemeId', '=', schemeId)
    .where('code', '=', code)
    .execute()
}

/** Numbers the categories in use from 1 in the given order; the others follow them. */
export async function writePositions(tx: Tx, schemeId: string, codes: readonly string[]): Promise<void> {
  await sql`
    update categories c set position = ordered.position
    from (
      select code, row_number() over (order by array_position(${codes}::text[], code), position, code) as position
      from categories where scheme_id = ${schemeId}) as ordered
    where c.scheme_id = ${schemeId} and c.code = ordered.code and c.position <> ordered.position`.execute(tx)
}

/** Counts the calls of a category that wait, or have an alert that nobody has decided yet. */
export async function countOpenCalls(tx: Tx, schemeId: string, code: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (
      select id from reports where scheme_id = ${schemeId} and category_code = ${code} and state = 'waiting'
      union
      select report_id from alerts where scheme_id = ${schemeId} and category_code = ${code}
        and state in ('draft', 'submitted', 'returned', 'approved')
    ) as open`.execute(tx)
  return rows[0]?.count ?? 0
}

/** Blocks other changes of the categories and of the doctrine until the transaction ends. @returns false for an unknown scheme */
export async function lockScheme(tx: Tx, schemeId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('schemes')
    .select('id')
    .where('id', '=', schemeId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  return row !== undefined
}
