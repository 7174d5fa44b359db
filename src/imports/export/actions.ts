import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { recordMemberAccess } from '../../members/accesses.ts'
import { memberScopeOf } from '../../members/actions.ts'
import type { MemberFilter } from '../../members/contract.ts'
import { type MemberScope, memberFilters, memberFilterTables } from '../../members/filters.ts'
import { postalCodeOf } from '../../members/store.ts'
import { requireUsableList } from '../../members/views/actions.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { BYTE_ORDER_MARK, csvRow } from '../../platform/csv.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { listOwnTrades } from '../../schemes/store.ts'
import { readAloneLine } from '../../settings/alone.ts'
import { writeXlsx } from '../import/file/xlsx.ts'
import { type ExportedMember, exportHeader, exportRow } from './rows.ts'

/** Maximum number of contacts per row: as many as the import reads. */
const MAX_CONTACTS = 9
const PAGE = 1000

/**
 * Exports the members that match the filters, with full numbers, in the format that the import reads: importing the file
 * unchanged changes nothing. The export is audited. A trade chamber gets only members of its trades.
 * @returns rows of text as they are read from the database, the header first
 * @throws AppError `not_found` for a group that the actor may not use
 */
async function exportRows(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  filter: MemberFilter,
  format: 'csv' | 'xlsx',
): Promise<AsyncIterable<string[]>> {
  const only = memberScopeOf(authorize(actor, 'member.export', schemeId))
  const { members, contacts, ownTrades } = await inScheme(deps.db, schemeId, async (tx) => {
    await requireUsableList(tx, actor, schemeId, filter)
    const figures = await countRowsAndContacts(tx, schemeId, filter, only)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'member.export',
      subject: `scheme:${schemeId}`,
      details: { format, members: figures.members, filtered: Object.keys(filter).sort() },
    })
    return { ...figures, ownTrades: await listOwnTrades(tx, schemeId) }
  })
  return (async function* rows() {
    yield exportHeader(contacts)
    let after: PageRow | undefined
    for (let read = 0; read < members || read === 0; ) {
      // Each page is a transaction of its own, so that a slow reader blocks no one.
      const page = await inScheme(deps.db, schemeId, async (tx) => {
        const found = await listPage(tx, schemeId, filter, only, after)
        const ids = found.map(({ id }) => id)
        await recordMemberAccess(tx, actor, schemeId, { what: 'export', memberIds: ids, now: deps.now() })
        return found
      })
      for (const member of page) yield exportRow(member, contacts, ownTrades)
      after = page.at(-1)
      read += page.length
      if (page.length < PAGE) return
    }
  })()
}

/** Streams the list as CSV with semicolons, in UTF-8. */
export async function exportCsv(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  filter: MemberFilter,
): Promise<AsyncIterable<string>> {
  const rows = await exportRows(deps, actor, schemeId, filter, 'csv')
  return (async function* pieces() {
    yield BYTE_ORDER_MARK
    for await (const row of rows) yield csvRow(row)
  })()
}

/** Returns the list as a workbook. */
export async function exportXlsx(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  filter: MemberFilter,
): Promise<Uint8Array> {
  const rows: string[][] = []
  for await (const row of await exportRows(deps, actor, schemeId, filter, 'xlsx')) rows.push(row)
  const alone = await inScheme(deps.db, schemeId, (tx) => readAloneLine(tx, schemeId, 'fr'))
  return writeXlsx('Adhérents', rows, alone)
}

type PageRow = ExportedMember & { readonly id: string; readonly searchName: string }

async function countRowsAndContacts(
  tx: Tx,
  schemeId: string,
  filter: MemberFilter,
  only: MemberScope,
): Promise<{ members: number; contacts: number }> {
  const { rows } = await sql<{ members: number; contacts: number }>`
    select count(*)::int as members, least(${MAX_CONTACTS}, greatest(1, max(c.n)))::int as contacts
    from ${memberFilterTables(filter)},
      lateral (select count(*) as n from contacts where scheme_id = m.scheme_id and member_id = m.id) c
    where ${memberFilters(schemeId, filter, only)}`.execute(tx)
  return rows[0] ?? { members: 0, contacts: 1 }
}

async function listPage(
  tx: Tx,
  schemeId: string,
  filter: MemberFilter,
  only: MemberScope,
  after: PageRow | undefined,
): Promise<PageRow[]> {
  const { rows } = await sql<PageRow>`
    with page as (
      select m.* from ${memberFilterTables(filter)}
      where ${memberFilters(schemeId, filter, only)}
        ${after === undefined ? sql`` : sql`and (m.search_name, m.id) > (${after.searchName}, ${after.id}::uuid)`}
      order by m.search_name, m.id limit ${PAGE}
    )
    select page.id, page.search_name, page.name, page.siret, page.naf, page.naf2025, page.trade, page.commune_code,
      k.name as commune_name, page.address, ${postalCodeOf('page.postal_code', 'k')} as postal_code, page.joined_on, page.latitude, page.longitude, page.status, page.charter_on,
      array(select t.name from member_tags t where t.scheme_id = page.scheme_id and t.id = any (page.tags) and t.removed_at is null
        order by lower(t.name)) as tag_names,
      array(select n.text from member_notes n where n.scheme_id = page.scheme_id and n.member_id = page.id and n.removed_at is null
        order by n.written_at, n.id) as notes,
      coalesce(c.contacts, '[]') as contacts
    from page join communes k on k.code = page.commune_code,
      lateral (select jsonb_agg(jsonb_build_object('person', person, 'mobile', mobile, 'mail', mail) order by position, id) as contacts
        from contacts where scheme_id = ${schemeId} and member_id = page.id) c
    order by page.search_name, page.id`.execute(tx)
  return rows
}
