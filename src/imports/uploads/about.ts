import { sql } from 'kysely'
import { readSealedJson } from '../../cipher/marked.ts'
import type { ErasedMember } from '../../identity/erased.ts'
import type { Tx } from '../../platform/db.ts'
import { rowsAbout } from './forget.ts'

/** A row of a list that was uploaded, and names the person. */
export interface RowAbout {
  readonly fileName: string
  readonly createdAt: Date
  readonly line: number
  readonly cells: readonly string[]
}

const PAGE = 5000

/** Lists the rows of uploads that name members or have these numbers or addresses (E.164; lower case). */
export async function listRowsAbout(
  tx: Tx,
  schemeId: string,
  of: {
    readonly memberIds: readonly string[]
    readonly phones: readonly string[]
    readonly mails: readonly string[]
    /** Whether members are found by their SIRET only: a name may be a namesake's. */
    readonly isBySiret?: boolean
  },
): Promise<RowAbout[]> {
  const { rows: members } = await sql<ErasedMember>`
    select m.scheme_id, m.id, m.name, m.siret, m.search_name, m.address,
      coalesce(c.postal_codes, '{}') || array[m.commune_code, coalesce(c.search_name, '')] as commune
    from members m left join communes c on c.code = m.commune_code
    where m.scheme_id = ${schemeId} and m.id = any (${of.memberIds}::uuid[])`.execute(tx)
  const named = { members: of.isBySiret ? [] : members, phones: of.phones, mails: of.mails }
  const isAbout = rowsAbout({ ...named, sirets: members.flatMap(({ siret }) => siret ?? []) })
  const found: RowAbout[] = []
  for (let after = { importId: '00000000-0000-0000-0000-000000000000', line: 0 }; ; ) {
    const { rows } = await sql<{
      importId: string
      fileName: string
      createdAt: Date
      line: number
      cells: string[] | string
    }>`
      select r.import_id, i.file_name, i.created_at, r.line, r.cells from member_import_rows r
      join member_imports i on i.scheme_id = r.scheme_id and i.id = r.import_id
      where r.scheme_id = ${schemeId} and (r.import_id, r.line) > (${after.importId}::uuid, ${after.line})
      order by r.import_id, r.line limit ${PAGE}`.execute(tx)
    for (const { importId: _, cells, ...row } of rows) {
      const read = readSealedJson(cells)
      if (isAbout(read)) found.push({ ...row, cells: read })
    }
    const last = rows.at(-1)
    if (rows.length < PAGE || last === undefined) return found
    after = last
  }
}
