import { sql } from 'kysely'
import { digestOf, type SealKind } from '../audit/seals.ts'

/**
 * The roles of each scheme, all at once, so that one added or removed shows as well. They change with an entry of the audit log
 * about an account, whose number is the note.
 */
export const grantSeals: SealKind = {
  kind: 'grants',
  facts: sql`
    select s.id as scheme_id, s.id as id, s.created_at as at,
      coalesce((select max(e.seq) from audit_entries e
        where e.scheme_id = s.id and e.action like 'user.%'), 0)::text as note,
      (select ${digestOf(
        sql`coalesce(jsonb_agg(jsonb_build_array(g.user_id, g.role, g.agency_id, g.trades) order by g.user_id, g.role), '[]')`,
      )} from grants g where g.scheme_id = s.id) as digest
    from schemes s`,
  keptDays: () => null,
}
