import { sql } from 'kysely'
import { readSealedJson } from '../../cipher/marked.ts'
import { type ErasedMember, FORGOTTEN } from '../../identity/erased.ts'
import { holdsMail } from '../../members/rules.ts'
import type { Tx } from '../../platform/db.ts'
import { searchName } from '../../territory/places/spelling.ts'
import type { Upload } from './store.ts'

/** Number of rows read per batch. */
const PAGE = 5000

/** Identifiers of erased people in the rows of a list. */
export interface Named {
  readonly members: readonly Omit<ErasedMember, 'schemeId' | 'id'>[]
  /** E.164. */
  readonly phones: readonly string[]
  /** Lower case. */
  readonly mails: readonly string[]
}

/**
 * Replaces the names of files, and removes those of their other sheets, that name an erased person. Runs across schemes.
 * @param isNamed returns whether a text names the person
 */
export async function forgetFileNames(
  tx: Tx,
  schemeId: string,
  isNamed: (text: string) => boolean,
): Promise<void> {
  const { rows } = await sql<{ id: string; fileName: string; otherSheets: Upload['otherSheets'] }>`
    select id, file_name, other_sheets from member_imports where scheme_id = ${schemeId}`.execute(tx)
  const named = rows.filter(({ fileName }) => isNamed(fileName)).map(({ id }) => id)
  await sql`update member_imports set file_name = ${FORGOTTEN} where scheme_id = ${schemeId} and id = any (${named}::uuid[])`.execute(
    tx,
  )
  const inSheets = rows.filter(
    ({ otherSheets }) => otherSheets !== null && [otherSheets.sheet, ...otherSheets.names].some(isNamed),
  )
  await sql`
    update member_imports set other_sheets = null
    where scheme_id = ${schemeId} and id = any (${inSheets.map(({ id }) => id)}::uuid[])`.execute(tx)
}

/**
 * Deletes rows that name erased people from open uploads, which must then be checked again: importing them would create the
 * erased members anew. Also deletes remarks of checks that name them, the decisions about those, and the rows of running imports, which
 * are then reverted. Runs across schemes.
 */
export async function dropRowsAbout(tx: Tx, schemeId: string, named: Named): Promise<void> {
  const imports = await tx
    .selectFrom('memberImports')
    .select(['id', 'headers', 'headerLine'])
    .where('schemeId', '=', schemeId)
    .orderBy('id')
    .forUpdate()
    .execute()
  const isAbout = rowsAbout(named)
  await sql`delete from member_import_job_rows where scheme_id = ${schemeId}`.execute(tx)
  for (const { id, headers, headerLine } of imports) {
    const lines: number[] = []
    for (let after = 0; ; ) {
      const rows = await tx
        .selectFrom('memberImportRows')
        .select(['line', 'cells'])
        .where('schemeId', '=', schemeId)
        .where('importId', '=', id)
        .where('line', '>', after)
        .orderBy('line')
        .limit(PAGE)
        .execute()
      for (const { line, cells } of rows) if (isAbout(readSealedJson(cells))) lines.push(line)
      const last = rows.at(-1)
      if (rows.length < PAGE || last === undefined) break
      after = last.line
    }
    // In a list without a header, the first row is a business.
    const isInTitles = isAbout(headers) || lines.includes(headerLine)
    const names = named.members.map(({ name }) => name)
    const { numAffectedRows: asked = 0n } = await sql`
      update member_import_rows r set problems = null, decision = null
      where scheme_id = ${schemeId} and import_id = ${id}::uuid and (problems is not null or decision is not null) and (${isInTitles} or exists (
        select from jsonb_path_query(jsonb_build_array(r.problems, r.decision), '$.** ? (@.type() == "string")') said,
          unnest(${names}::text[]) n
        where strpos(said #>> '{}', n) > 0))`.execute(tx)
    const gone = lines.filter((line) => line > headerLine).length
    // An import or check that read the upload before writes nothing afterwards.
    await sql`
      with gone as (
        delete from member_import_rows
        where scheme_id = ${schemeId} and import_id = ${id}::uuid and line = any (${lines}::integer[]) returning 1
      )
      update member_imports set rows = rows - ${gone}, erased = erased + ${gone}, state_no = state_no + 1,
        headers = case when ${isInTitles} then ${headers.map(() => '')}::text[] else headers end,
        report = case when ${lines.length > 0 || asked > 0n} then null else jsonb_set(report, '{warnings}', '[]') end
      where scheme_id = ${schemeId} and id = ${id}::uuid`.execute(tx)
  }
}

/** Returns a predicate: the cells of a row name one of these people, by SIRET, number or mail, or by name and commune. */
export function rowsAbout({
  members,
  phones,
  mails,
  sirets: known = members.flatMap(({ siret }) => siret ?? []),
}: Named & { readonly sirets?: readonly string[] }): (cells: readonly string[]) => boolean {
  const sirets = new Set(known)
  // Numbers come in any format: 06 12…, 33612…, two in one cell.
  const numbers = phones.map((phone) => phone.slice(-9))
  const byName = Map.groupBy(members, (member) => member.searchName)
  return (cells) => {
    const folded = cells.map(searchName)
    return cells.some((cell, n) => {
      const digits = cell.replace(/\D/g, '')
      if (digits.length === 14 && sirets.has(digits)) return true
      if (digits.length >= 9 && numbers.some((number) => digits.includes(number))) return true
      if (cell.includes('@') && mails.some((mail) => holdsMail(cell.toLowerCase(), mail))) return true
      return (byName.get(folded[n] ?? '') ?? []).some(
        ({ commune, address }) =>
          folded.some((other) => other !== '' && commune.includes(other)) ||
          (address !== null && folded.includes(searchName(address))),
      )
    })
  }
}
