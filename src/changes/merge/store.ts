import { sql } from 'kysely'
import { moveReadings, returnReadings } from '../../alerts/move.ts'
import { moveMandates, returnMandates } from '../../dues/collect/move.ts'
import { moveEnrolments, returnEnrolments } from '../../enrolment/move.ts'
import type { MemberScope } from '../../members/filters.ts'
import { deleteMergeAliases } from '../../members/forget.ts'
import { insertMergeAliases, moveOptOuts, returnOptOuts } from '../../members/move.ts'
import type { Tx } from '../../platform/db.ts'
import { moveCalls, returnCalls } from '../../reports/move.ts'
import type { MemberStatus } from '../../schema.ts'
import type { DoubleReason } from './contract.ts'
import type { MergeContact, MergeFields, MergePlan, MergeSide } from './rules.ts'

/** A number that more members share belongs to a chain or an accountant: it is no sign that two of them are duplicates. */
const SHARED_MAX = 4

export interface DoubleRow {
  /** The older member. */
  readonly firstId: string
  readonly secondId: string
  readonly by: DoubleReason[]
  /** Number of pairs in total. */
  readonly total: number
}

/**
 * Lists pairs of members that are probably duplicates, most certain first, without members who left and pairs that the
 * chamber marked as different. Two SIRETs of two companies count as two businesses, unless two of the criteria match.
 */
export async function listDoubles(
  tx: Tx,
  schemeId: string,
  { limit, offset, only }: { readonly limit: number; readonly offset: number; readonly only: MemberScope },
): Promise<DoubleRow[]> {
  const seen = only.trades === undefined ? sql`true` : sql`trade = any (${only.trades}::text[])`
  const { rows } = await sql<DoubleRow>`
    with living as materialized (
      select id, siret, search_name, commune_code, created_at from members
      where scheme_id = ${schemeId} and status <> 'left' and ${seen}
    ), phones as (
      select array_agg(distinct c.member_id) as ids
      from contacts c join living l on l.id = c.member_id
      where c.scheme_id = ${schemeId} and c.mobile is not null and not is_landline(c.mobile)
      group by c.mobile having count(distinct c.member_id) between 2 and ${SHARED_MAX}
    ), alike (a, b, reason) as (
      select x, y, 'phone' from phones, unnest(ids) x, unnest(ids) y where x < y
      union
      select l.id, r.id, 'place' from living l join living r
        on r.search_name = l.search_name and r.commune_code = l.commune_code and l.id < r.id
      where l.search_name <> ''
      union
      select l.id, r.id, 'company' from living l join living r
        on left(r.siret, 9) = left(l.siret, 9) and r.commune_code = l.commune_code and l.id < r.id
    ), pairs as (
      select a, b, array_agg(reason order by reason) as by from alike group by a, b
    )
    select case when r.created_at < l.created_at then p.b else p.a end as first_id,
      case when r.created_at < l.created_at then p.a else p.b end as second_id, p.by, (count(*) over ())::int as total
    from pairs p join living l on l.id = p.a join living r on r.id = p.b
    where not exists (
        select from members_apart s
        where s.scheme_id = ${schemeId} and s.member_id = p.a and s.other_id = p.b)
      and (l.siret is null or r.siret is null or cardinality(p.by) > 1 or 'company' = any (p.by))
    order by cardinality(p.by) desc, p.by, l.search_name, p.a, p.b
    limit ${limit} offset ${offset}`.execute(tx)
  return rows
}

/** Loads a member with its contacts; undefined if unknown or merged. */
export async function findMergeSide(tx: Tx, schemeId: string, id: string): Promise<MergeSide | undefined> {
  const member = await tx
    .selectFrom('members')
    .select(['id', 'name', 'searchName', 'siret', 'naf', 'naf2025', 'trade', 'communeCode', 'address'])
    .select([
      'postalCode',
      'joinedOn',
      'charterOn',
      'latitude',
      'longitude',
      'status',
      'quietFrom',
      'quietTo',
      'tags',
    ])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('mergedInto', 'is', null)
    .executeTakeFirst()
  if (member === undefined) return undefined
  const contacts = await tx
    .selectFrom('contacts')
    .select(['id', 'memberId', 'person', 'mobile', 'mail', 'sms', 'position', 'mergedFrom', 'lang'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', id)
    .orderBy('position')
    .orderBy('id')
    .execute()
  return { ...member, contacts }
}

/** A contact before the merge, with the time since when its number was its own. */
interface ContactBefore extends MergeContact {
  readonly mobileAt: string
}

/** A fee that both were billed for, waived for one of them; `entryNo` is its ledger entry. */
export interface WaivedTwice {
  /** Absent for the merged member. */
  readonly memberId?: string
  readonly cents: number
  readonly entryNo: number
}

/** The changes of a merge, recorded so that it can be undone without losing later changes. */
export interface MergeUndo {
  /** Fields of the kept member, before and after. */
  readonly before: MergeFields
  readonly after: MergeFields
  readonly mergedStatus: MemberStatus
  /** Contacts of the other, before. */
  readonly contacts: readonly ContactBefore[]
  /** Contacts of the kept member that absorbed a number: before and after, with the contact that it came from. */
  readonly joined: readonly {
    readonly before: MergeContact
    readonly after: MergeContact
    readonly other: string
  }[]
  /** All contacts, past and present, of the merged member that records refer to. */
  readonly contactIds: readonly string[]
  readonly reports: readonly string[]
  readonly signatures: readonly string[]
  readonly enrolments: readonly string[]
  readonly mandates: readonly string[]
  readonly waived: readonly WaivedTwice[]
}

/**
 * Writes a merge: contacts, fields, the owner of all records, and the aliases by which lists may still name the two.
 * @returns the data needed to undo it
 */
export async function writeMerge(
  tx: Tx,
  schemeId: string,
  {
    kept,
    merged,
    plan,
    id,
    at,
    by,
    waived,
  }: {
    readonly kept: MergeSide
    readonly merged: MergeSide
    readonly plan: MergePlan

    readonly id: string
    readonly at: Date
    readonly by: string
    readonly waived: readonly WaivedTwice[]
  },
): Promise<void> {
  const contacts = await tx
    .selectFrom('contacts')
    .select(['id', 'mobileAt'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', merged.id)
    .execute()
  const datedAt = new Map(contacts.map((contact) => [contact.id, contact.mobileAt.toISOString()]))
  // Numbers first, so that each belongs to a contact that receives SMS when its old contact ends (see departures).
  await writeContacts(tx, schemeId, [
    ...plan.joined.map(({ after }) => after),
    ...merged.contacts
      .filter(({ id: contact }) => plan.left.includes(contact))
      .map((contact) => ({ ...contact, mobile: null, sms: false })),
    ...plan.moved,
  ])
  await tx
    .updateTable('members')
    .set({ status: 'left', mergedInto: kept.id, updatedAt: at })
    .where('schemeId', '=', schemeId)
    .where((where) => where.or([where('id', '=', merged.id), where('mergedInto', '=', merged.id)]))
    .execute()
  await writeFields(tx, schemeId, plan.fields, at)
  const undo: MergeUndo = {
    before: fieldsOf(kept),
    after: plan.fields,
    mergedStatus: merged.status,
    contacts: merged.contacts.map((contact) => ({
      ...contact,
      mobileAt: datedAt.get(contact.id) ?? at.toISOString(),
    })),
    joined: plan.joined.map(({ id: contact, other, after }) => ({
      before: kept.contacts.find((one) => one.id === contact)!,
      after,
      other,
    })),
    ...(await moveRecords(tx, schemeId, merged, kept.id)),
    waived,
  }
  await tx
    .insertInto('memberMerges')
    .values({
      schemeId,
      id,
      keptMemberId: kept.id,
      mergedMemberId: merged.id,
      mergedAt: at,
      mergedBy: by,
      undo: JSON.stringify(undo),
    })
    .execute()
  await insertMergeAliases(
    tx,
    schemeId,
    [kept, merged].map(({ siret, searchName, communeCode }, n) => ({
      mergeId: id,
      ofKept: n === 0,
      memberId: merged.id,
      siret,
      searchName,
      communeCode,
    })),
  )
}

function fieldsOf({ contacts: _, ...fields }: MergeSide): MergeFields {
  return fields
}

async function writeFields(
  tx: Tx,
  schemeId: string,
  { id, tags, ...fields }: MergeFields,
  at: Date,
): Promise<void> {
  await tx
    .updateTable('members')
    .set({ ...fields, tags: [...tags], updatedAt: at })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Uses one statement, so that a member never has two contacts with the same number in between. */
async function writeContacts(
  tx: Tx,
  schemeId: string,
  contacts: readonly (MergeContact & { readonly mobileAt?: string })[],
): Promise<void> {
  if (contacts.length === 0) return
  await sql`
    update contacts c set member_id = d.member_id, person = d.person, mobile = d.mobile, mail = d.mail, sms = d.sms,
      position = d.position, merged_from = d.merged_from, lang = d.lang,
      -- A contact without a number shares none; triggers count the others.
      shared = c.shared and d.mobile is not null, mobile_at = coalesce(d.mobile_at, c.mobile_at)
    from unnest(
      ${contacts.map((c) => c.id)}::uuid[], ${contacts.map((c) => c.memberId)}::uuid[],
      ${contacts.map((c) => c.person)}::text[], ${contacts.map((c) => c.mobile)}::text[],
      ${contacts.map((c) => c.mail)}::text[], ${contacts.map((c) => c.sms)}::boolean[],
      ${contacts.map((c) => c.position)}::smallint[], ${contacts.map((c) => c.mergedFrom)}::uuid[],
      ${contacts.map((c) => c.mobileAt ?? null)}::timestamptz[], ${contacts.map((c) => c.lang)}::text[]
    ) as d (id, member_id, person, mobile, mail, sms, position, merged_from, mobile_at, lang)
    where c.scheme_id = ${schemeId} and c.id = d.id`.execute(tx)
}

/** Moves the merged member's records to the kept one. Its deliveries stay as they were sent (see message_receivers). */
async function moveRecords(
  tx: Tx,
  schemeId: string,
  merged: MergeSide,
  keptId: string,
): Promise<Pick<MergeUndo, 'contactIds' | 'reports' | 'signatures' | 'enrolments' | 'mandates'>> {
  const ways = { from: merged.id, to: keptId }
  const optedOut = await moveOptOuts(tx, schemeId, ways)
  const alerted = await moveReadings(tx, schemeId, ways)
  const calls = await moveCalls(tx, schemeId, ways)
  const mandates = await moveMandates(tx, schemeId, ways)
  const { signatures, enrolments } = await moveEnrolments(tx, schemeId, ways)
  const contactIds = [
    ...merged.contacts.map(({ id }) => id),
    ...optedOut,
    ...alerted,
    ...calls.flatMap(({ contactId }) => contactId ?? []),
  ]
  return {
    contactIds: [...new Set(contactIds)],
    reports: calls.map(({ id }) => id),
    signatures,
    enrolments,
    mandates,
  }
}

export interface MergeRow {
  readonly id: string
  readonly keptId: string
  readonly keptName: string
  readonly keptTrade: string
  readonly mergedId: string
  readonly mergedName: string
  readonly mergedTrade: string
  readonly mergedAt: Date
  /** Whether it is the latest merge of the kept member that is not undone. */
  readonly isLast: boolean
}

/** Lists merges that are not undone, latest first: one, or those since an instant. */
export async function listMerges(
  tx: Tx,
  schemeId: string,
  of: { readonly id: string } | { readonly since: Date; readonly only: MemberScope },
): Promise<MergeRow[]> {
  const which =
    'id' in of
      ? sql`g.id = ${of.id}::uuid`
      : sql`g.merged_at > ${of.since} and g.undo is not null ${
          of.only.trades === undefined
            ? sql``
            : sql`and k.trade = any (${of.only.trades}::text[]) and m.trade = any (${of.only.trades}::text[])`
        }`
  const { rows } = await sql<MergeRow>`
    select g.id, g.kept_member_id as kept_id, k.name as kept_name, k.trade as kept_trade, g.merged_member_id as merged_id, m.name as merged_name,
      m.trade as merged_trade, g.merged_at, g.undo is not null and not exists (
        select from member_merges n
        where n.scheme_id = g.scheme_id and n.undone_at is null and n.id <> g.id
          and (n.merged_member_id = g.kept_member_id or n.kept_member_id = g.kept_member_id and (n.merged_at, n.id) > (g.merged_at, g.id))) as is_last
    from member_merges g
    join members k on k.scheme_id = g.scheme_id and k.id = g.kept_member_id
    join members m on m.scheme_id = g.scheme_id and m.id = g.merged_member_id
    where g.scheme_id = ${schemeId} and g.undone_at is null and ${which}
    order by g.merged_at desc, g.id desc limit 50`.execute(tx)
  return rows
}

/** Finds a merge, also one that is undone. */
export async function findMerge(tx: Tx, schemeId: string, id: string) {
  return tx
    .selectFrom('memberMerges')
    .select(['keptMemberId', 'mergedMemberId', 'mergedBy', 'undoneAt'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Finds the undo data of a merge; null once it is too late. */
export async function findMergeUndo(tx: Tx, schemeId: string, id: string): Promise<MergeUndo | null> {
  const row = await tx
    .selectFrom('memberMerges')
    .select('undo')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.undo ?? null
}

/** Tells whether a debit is under way on one of these mandates. */
export async function isCollectedBy(tx: Tx, schemeId: string, mandates: readonly string[]): Promise<boolean> {
  const debit = await tx
    .selectFrom('duesDebits')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('mandateId', '=', sql<string>`any (${mandates}::uuid[])`)
    .where('state', '=', 'pending')
    .limit(1)
    .executeTakeFirst()
  return debit !== undefined
}

/** Tells whether another member has the SIRET by now. */
export async function isSiretTaken(
  tx: Tx,
  schemeId: string,
  siret: string,
  among: readonly string[],
): Promise<boolean> {
  const other = await tx
    .selectFrom('members')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('siret', '=', siret)
    .where('mergedInto', 'is', null)
    .where('id', 'not in', [...among])
    .executeTakeFirst()
  return other !== undefined
}

/**
 * Undoes a merge: what it changed is restored, unless it was modified since. A number that sent STOP meanwhile stays opted
 * out at both members, and a corrected one stays corrected at both.
 * @param kept its current state
 */
export async function undoStoredMerge(
  tx: Tx,
  schemeId: string,
  merge: Pick<MergeRow, 'id' | 'keptId' | 'mergedId'>,
  { undo, kept, at }: { readonly undo: MergeUndo; readonly kept: MergeSide; readonly at: Date },
): Promise<void> {
  const ids = { schemeId, ...merge }
  const names = Object.keys(undo.before) as (keyof MergeFields)[]
  const unchanged = names.filter((name) => name !== 'id' && kept[name] === undo.after[name])
  const fields: MergeFields = {
    ...fieldsOf(kept),
    ...Object.fromEntries(unchanged.map((name) => [name, undo.before[name]])),
    tags: withoutMerged(kept.tags, undo),
  }
  const { rows: current } = await sql<MergeContact & { memberId: string }>`
    select id, member_id, person, mobile, mail, sms, position, merged_from, lang from contacts
    where scheme_id = ${schemeId} and id = any (${undo.contacts.map(({ id }) => id)}::uuid[])
      and member_id in (${merge.keptId}, ${merge.mergedId})`.execute(tx)
  const now = new Map([...current, ...kept.contacts].map((contact) => [contact.id, contact]))
  const joinedTo = new Map(undo.joined.map((one) => [one.other, one]))

  // The other's contacts first: they leave the kept member before its own numbers are restored.
  await writeContacts(
    tx,
    schemeId,
    undo.contacts.flatMap((before) => {
      const contact = now.get(before.id)
      // The contact was removed since.
      if (contact === undefined) return []
      const own = {
        ...contact,
        memberId: merge.mergedId,
        mergedFrom: before.mergedFrom,
        position: before.position,
      }
      const joined = joinedTo.get(before.id)
      if (joined === undefined) return [own]
      const holder = now.get(joined.after.id)
      const mobile = holder === undefined ? null : holder.mobile
      return [
        {
          ...own,
          mobile,
          sms: before.sms && mobile !== null && holder?.sms === true,
          ...(mobile === before.mobile && { mobileAt: before.mobileAt }),
        },
      ]
    }),
  )
  await writeContacts(
    tx,
    schemeId,
    undo.joined.flatMap(({ before, after }) => {
      const contact = now.get(after.id)
      if (contact === undefined || contact.memberId !== merge.keptId) return []
      return [
        {
          ...contact,
          person: contact.person === after.person ? before.person : contact.person,
          mail: contact.mail === after.mail ? before.mail : contact.mail,
          // A merge of an earlier version did not record it.
          lang: before.lang !== undefined && contact.lang === after.lang ? before.lang : contact.lang,
          sms: contact.sms && before.sms,
        },
      ]
    }),
  )
  await writeFields(tx, schemeId, fields, at)
  await tx
    .updateTable('members')
    .set({ status: undo.mergedStatus, mergedInto: null, updatedAt: at })
    .where('schemeId', '=', schemeId)
    .where('id', '=', merge.mergedId)
    .execute()
  await returnRecords(tx, ids, undo, at)
}

/** Returns the tags without those that the merge added; ones added since stay. A merge of 0.4 and before recorded none. */
function withoutMerged(
  tags: readonly string[],
  { before, after }: { readonly before: Partial<MergeFields>; readonly after: Partial<MergeFields> },
): string[] {
  const added = (after.tags ?? []).filter((tag) => before.tags?.includes(tag) === false)
  return tags.filter((tag) => !added.includes(tag))
}

/** Returns the pointers to the merged member, its own records and those of its contacts. */
async function returnRecords(
  tx: Tx,
  ids: { readonly schemeId: string; readonly id: string; readonly keptId: string; readonly mergedId: string },
  undo: MergeUndo,
  at: Date,
): Promise<void> {
  const { schemeId, id, keptId, mergedId } = ids
  await sql`
    with recursive under as (
      select merged_member_id from member_merges where scheme_id = ${schemeId} and kept_member_id = ${mergedId} and undone_at is null
      union
      select g.merged_member_id from member_merges g join under u on g.kept_member_id = u.merged_member_id
      where g.scheme_id = ${schemeId} and g.undone_at is null
    )
    update members m set merged_into = ${mergedId} from under u
    where m.scheme_id = ${schemeId} and m.id = u.merged_member_id`.execute(tx)
  const ways = { from: keptId, to: mergedId }
  await returnOptOuts(tx, schemeId, ways, undo.contactIds)
  await returnReadings(tx, schemeId, ways, undo.contactIds)
  await returnCalls(tx, schemeId, ways, undo)
  await returnEnrolments(tx, schemeId, ways, undo)
  await returnMandates(tx, schemeId, ways, undo.mandates)
  await deleteMergeAliases(tx, [{ schemeId, id }])
  await tx
    .updateTable('memberMerges')
    .set({ undoneAt: at, undo: null })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/**
 * Deletes the undo data of merges that are too old to undo, since it contains phone numbers. Runs across schemes, for all
 * schemes.
 */
export async function deleteExpiredMergeUndo(tx: Tx, before: Date): Promise<void> {
  await tx
    .updateTable('memberMerges')
    .set({ undo: null })
    .where('undo', 'is not', null)
    .where('mergedAt', '<', before)
    .execute()
}
