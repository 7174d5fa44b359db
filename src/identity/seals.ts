import { sql } from 'kysely'
import { digestOf, millisecondsSql, type SealKind } from '../audit/seals.ts'

/**
 * The roles of each scheme, all at once, so that one added or removed shows as well; under '', those of the installation. They
 * change with an entry of the audit log about an account or the break-glass account, whose number is the note.
 */
export const grantSeals: SealKind = {
  kind: 'grants',
  facts: sql`
    select s.id as scheme_id, s.id as id, s.created_at as at,
      coalesce((select max(e.seq) from audit_entries e
        where e.scheme_id = s.id and (e.action like 'user.%' or e.action in ('break_glass.open', 'break_glass.close'))), 0)::text as note,
      (select ${digestOf(
        sql`coalesce(jsonb_agg(jsonb_build_array(g.user_id, g.role, g.agency_id, g.trades, ${millisecondsSql(sql`g.counts_from`)})
          order by g.user_id, g.role), '[]')`,
      )} from grants g where g.scheme_id = s.id) as digest
    from (select id, created_at from schemes union all select '', min(created_at) from schemes) s
    where s.created_at is not null`,
  keptDays: () => null,
}
