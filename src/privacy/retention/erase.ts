import { type RawBuilder, sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { takeOutRevoked } from '../../dues/collect/debit-files.ts'
import { lockDues } from '../../dues/ledger/ledger.ts'
import { dropRowsAbout } from '../../imports/uploads/erased.ts'
import { listSearchesFindingOnly, lockMemberList, lockMemberWrites } from '../../members/store.ts'
import { FORGOTTEN, forgetMessagesAbout } from '../../messages/erased.ts'
import type { Tx } from '../../platform/db.ts'
import { searchName } from '../../territory/rules.ts'
import { pairs } from './pairs.ts'
import { ERASED_NAME } from './rules.ts'
import { type Named, namesOne, namesWholly, type Others, personKey, tellingWords } from './words.ts'

/** A member to be emptied. */
export interface ToErase {
  readonly schemeId: string
  readonly id: string
}

/** What told who somebody was: of whom nobody else in the scheme has the number or the address any more. */
interface Told {
  readonly schemeId: string
  readonly mobile: string | null
  readonly mail: string | null
}

/**
 * Empties members of what tells who they were, as the owner, in every table; they leave by it, where they had not. What is
 * planned for their numbers is withdrawn like that of anybody who leaves, and what their banks were to be asked for and are not yet.
 * What the law keeps stays: the books and what they stand on, mandates after their last debit, that a number wants no SMS, and
 * who was sent an alert until that is pruned.
 * @param leftAt when they leave; undefined: they have, and who came back meanwhile is left alone
 * @returns those that were emptied
 */
export async function eraseMembers(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  members: readonly ToErase[],
  leftAt: Date | undefined,
): Promise<readonly ToErase[]> {
  // A list that is being imported, or a change that is being taken back, comes wholly before or wholly after.
  for (const schemeId of [...new Set(members.map((row) => row.schemeId))].sort()) {
    await lockMemberList(tx, schemeId)
    await lockDues(tx, schemeId)
    await lockMemberWrites(tx, schemeId)
  }
  const named = pairs(members)
  const { rows: emptied } = await sql<ToErase>`
    select scheme_id, id from members where (scheme_id, id) in ${named}
      and (${leftAt !== undefined} or status = 'left') and erased_at is null
    for update`.execute(tx)
  if (emptied.length === 0) return []
  // With those that were merged into them: they are pointers, under the names they had.
  const { rows } = await sql<
    ToErase & {
      name: string
      siret: string | null
      searchName: string
      address: string | null
      commune: string[]
    }
  >`
    select m.scheme_id, m.id, m.name, m.siret, m.search_name, m.address,
      coalesce(c.postal_codes, '{}') || array[m.commune_code, coalesce(c.search_name, '')] as commune
    from members m left join communes c on c.code = m.commune_code
    where (m.scheme_id, m.id) in ${pairs(emptied)} or (m.scheme_id, m.merged_into) in ${pairs(emptied)}
    for update of m`.execute(tx)
  const these = pairs(rows)
  const views = await listViews(tx, rows)
  await keepPendingCallers(tx, these)
  const { rows: people } = await sql<Told & { id: string; person: string }>`
    delete from contacts where (scheme_id, member_id) in ${these}
    returning scheme_id, id, person, mobile, lower(mail) as mail`.execute(tx)
  const ids = sql`${people.map(({ id }) => id)}::uuid[]`
  const phones = sql`${people.flatMap(({ mobile }) => mobile ?? [])}::text[]`
  const mails = sql`${people.flatMap(({ mail }) => mail ?? [])}::text[]`
  const { rows: alone } = await sql<Told>`
    select p.scheme_id,
      case when not exists (select from contacts c where c.scheme_id = p.scheme_id and c.mobile = p.mobile) then p.mobile end as mobile,
      case when not exists (select from contacts c where c.scheme_id = p.scheme_id and lower(c.mail) = p.mail) then p.mail end as mail
    from unnest(${people.map(({ schemeId }) => schemeId)}::text[], ${people.map(({ mobile }) => mobile)}::text[],
      ${people.map(({ mail }) => mail)}::text[]) as p (scheme_id, mobile, mail)`.execute(tx)
  if (leftAt !== undefined)
    await sql`update members set status = 'left', updated_at = ${leftAt} where (scheme_id, id) in ${these}`.execute(
      tx,
    )
  const statements: readonly RawBuilder<unknown>[] = [
    // From the portal it is signed with the name, and its place is the shop where nothing else was said.
    sql`update reports r set caller_member_id = null, caller_contact_id = null, caller_name = null, caller_phone = null,
        created_by = case when caller_contact_id is null then created_by else ${ERASED_NAME} end,
        place = case when caller_contact_id is null and not exists (
          select from unnest(${rows.flatMap(({ name, address }) => (address === null ? [name] : [name, address]))}::text[]) told
          where told <> '' and strpos(lower(r.place), lower(told)) > 0) then place end
      where (scheme_id, caller_member_id) in ${these} and state <> 'waiting'`,
    // How many were left in peace stays; the contact, who is gone, in place of the number. Nothing is to be told any more.
    sql`update held_back set phone = contact_id::text, told_at = coalesce(told_at, statement_timestamp())
      where (scheme_id, member_id) in ${these}`,
    sql`update reports set caller_name = null, caller_phone = null
      where caller_member_id is null and state <> 'waiting' and (scheme_id, caller_phone) in ${toldPairs(alone, 'mobile')}`,
    // With applications under the same SIRET, number or mail; one that waits to be decided is of somebody who comes back.
    sql`delete from enrolments e where (e.scheme_id, e.id) in (
        select scheme_id, enrolment_id from charter_signatures where (scheme_id, member_id) in ${these})
      or (e.scheme_id, e.member_id) in ${these}
      or (((e.scheme_id, e.siret) in (select scheme_id, siret from members where (scheme_id, id) in ${these})
          or e.member_id is null and ((e.scheme_id, e.mobile) in ${toldPairs(alone, 'mobile')}
            or (e.scheme_id, lower(e.mail)) in ${toldPairs(alone, 'mail')}))
        and (${leftAt !== undefined} or e.state in ('approved', 'refused')))`,
    sql`delete from charter_signatures where (scheme_id, member_id) in ${these}`,
    sql`delete from member_aliases a using member_merges g
      where g.scheme_id = a.scheme_id and g.id = a.merge_id
        and ((g.scheme_id, g.kept_member_id) in ${these} or (g.scheme_id, g.merged_member_id) in ${these})`,
    sql`update member_merges set undo = null
      where undo is not null and ((scheme_id, kept_member_id) in ${these} or (scheme_id, merged_member_id) in ${these})`,
    // Taken back, such a change leaves out those whom it has nothing of any more.
    sql`update member_change_rows set before = null, print = null where (scheme_id, member_id) in ${these}`,
    // Why something was done to one member alone may name it.
    sql`update member_changes c set note = null
      where c.created + c.updated = 1 and c.kind not in ('import', 'trade') and exists (
        select from member_change_rows r where r.scheme_id = c.scheme_id and r.change_id = c.id
          and (r.scheme_id, r.member_id) in ${these})`,
    sql`update opt_outs set reason = null where reason is not null and (scheme_id, member_id) in ${these}`,
    sql`update dues_notices set note = '' where note <> '' and (scheme_id, member_id) in ${these}`,
    // A mandate is a proof, kept after its last debit; nothing is drawn on it any more.
    sql`update dues_mandates set revoked_at = statement_timestamp(), revoked_by = 'system:erasure'
      where (scheme_id, member_id) in ${these} and revoked_at is null`,
    // Of whoever is no contact of another member as well.
    sql`delete from contact_passkeys p where p.contact_ids && ${ids}
      and not exists (select from contacts c where c.id = any (p.contact_ids))`,
    sql`delete from contact_sessions s where (s.phone = any (${phones}) or s.mail = any (${mails}))
      and not exists (select from contacts c where c.mobile = s.phone or lower(c.mail) = s.mail)`,
    sql`update members set name = ${ERASED_NAME}, search_name = 'adherent efface', siret = null, naf = null, address = null,
        latitude = null, longitude = null, quiet_from = null, quiet_to = null, erased_at = statement_timestamp()
      where (scheme_id, id) in ${these}`,
  ]
  for (const statement of statements) await statement.execute(tx)
  await forgetMessages(tx, these, alone)
  for (const [schemeId, of] of Map.groupBy(rows, (row) => row.schemeId)) {
    const numbers = {
      phones: alone.flatMap((one) => (one.schemeId === schemeId && one.mobile !== null ? [one.mobile] : [])),
      mails: alone.flatMap((one) => (one.schemeId === schemeId && one.mail !== null ? [one.mail] : [])),
    }
    const named = {
      ...numbers,
      shops: of.map((row) => row.searchName),
      people: people.flatMap((one) => (one.schemeId === schemeId ? [one.person] : [])),
      sirets: of.flatMap(({ siret }) => siret ?? []),
      addresses: of.flatMap(({ address }) => address ?? []),
    }
    const others = await findOthers(tx, schemeId, named)
    const isNamedWholly = namesWholly(named, others.names)
    await forgetWords(tx, schemeId, these, {
      isNamed: namesOne(named, others),
      isNamedWholly,
      views: views.filter((view) => view.schemeId === schemeId),
    })
    await dropRowsAbout(tx, schemeId, { ...numbers, members: of })
    await forgetMessagesAbout(tx, deps, schemeId, isNamedWholly)
    const memberIds = of.map(({ id }) => id)
    await takeOutRevoked(tx, deps, schemeId, 'system:erasure', { memberIds })
  }
  return emptied
}

/**
 * Writes the name, the shop and the number of a caller on the reports that wait, in place of the member and the contact that are about to
 * be emptied. A call to 17 that nobody has judged yet is the record of the forces, under their own law (directive 2016/680): the operator
 * must be able to call back. The chamber reads no report.
 */
async function keepPendingCallers(tx: Tx, these: RawBuilder<unknown>): Promise<void> {
  await sql`
    update reports r set caller_member_id = null, caller_contact_id = null,
      caller_name = left(concat_ws(', ', coalesce(r.caller_name, c.person), c.shop), 120),
      caller_phone = coalesce(r.caller_phone, c.mobile)
    from (
      select w.scheme_id, w.id, m.name as shop, k.person, k.mobile from reports w
      join members m on m.scheme_id = w.scheme_id and m.id = w.caller_member_id
      left join lateral (
        select person, mobile from contacts where scheme_id = m.scheme_id and member_id = m.id
        order by id = w.caller_contact_id desc, position, id limit 1) k on true
      where w.state = 'waiting' and (m.scheme_id, m.id) in ${these}) c
    where r.scheme_id = c.scheme_id and r.id = c.id`.execute(tx)
}

/** What waits for them, what is known of their numbers, and messages of service to them alone, which name them. */
async function forgetMessages(tx: Tx, these: RawBuilder<unknown>, alone: readonly Told[]): Promise<void> {
  const numbers = toldPairs(alone, 'mobile')
  const addresses = toldPairs(alone, 'mail')
  // Those that ended: what is on its way is withdrawn, and leaves with its record.
  const { rows: ended } = await sql<ToErase>`
    select b.scheme_id, b.id from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where b.kind in ('service', 'code') and b.state = 'done'
    group by b.scheme_id, b.id having bool_and((d.scheme_id, d.member_id) in ${these})`.execute(tx)
  const statements: readonly RawBuilder<unknown>[] = [
    sql`delete from direct_messages where (scheme_id, member_id) in ${these} or (scheme_id, phone) in ${numbers}`,
    sql`delete from member_notices where (scheme_id, member_id) in ${these}`,
    sql`delete from service_message_receivers where (scheme_id, member_id) in ${these}`,
    sql`delete from mails where (scheme_id, lower(address)) in ${addresses}`,
    sql`delete from service_message_mails where (scheme_id, lower(address)) in ${addresses}`,
    sql`delete from number_health where (scheme_id, phone) in ${numbers}`,
    sql`delete from solicitations where (scheme_id, phone) in ${numbers}`,
    // A number however it is written: by its last nine digits.
    sql`delete from call_notes n where exists (
        select from ${numbers} p (scheme_id, told) where p.scheme_id = n.scheme_id
          and strpos(regexp_replace(n.content::text, '[^0-9]', '', 'g'), right(p.told, 9)) > 0)
      or exists (select from ${these} m (scheme_id, id) where m.scheme_id = n.scheme_id and strpos(n.content::text, m.id::text) > 0)`,
    ...['delivery_tallies', 'solicited_broadcasts', 'delivery_attempts', 'deliveries', 'delivery_chunks'].map(
      (table) => sql`delete from ${sql.table(table)} where (scheme_id, broadcast_id) in ${pairs(ended)}`,
    ),
    sql`delete from broadcasts where (scheme_id, id) in ${pairs(ended)}`,
  ]
  for (const statement of statements) await statement.execute(tx)
}

/** Filters that somebody saved, as they are looked through for who is erased. */
interface SavedView extends ToErase {
  readonly name: string
  readonly q: string
  /** Its words find some of them and nobody else: a name as it begins, a number, a SIRET. */
  readonly isTheirs: boolean
}

/** All of their schemes, while they can be found still. */
async function listViews(tx: Tx, gone: readonly ToErase[]): Promise<readonly SavedView[]> {
  const saved = await tx
    .selectFrom('memberViews')
    .select(['schemeId', 'id', 'name', 'filter'])
    .where('schemeId', 'in', [...new Set(gone.map(({ schemeId }) => schemeId))])
    .execute()
  const views = saved.map(({ filter, ...view }) => ({ ...view, q: filter.q ?? '' }))
  const theirs = new Set(await listSearchesFindingOnly(tx, views, pairs(gone)))
  return views.map((view) => ({ ...view, isTheirs: theirs.has(view) }))
}

/** What others in the scheme are called too: members, their people, their communes. */
async function findOthers(tx: Tx, schemeId: string, named: Named): Promise<Others> {
  const { rows: words } = await sql<{ word: string }>`
    select distinct w.word from (
      select search_name as name from members where scheme_id = ${schemeId} and erased_at is null
      union all
      select search_name from communes where code in (select commune_code from members where scheme_id = ${schemeId})) n,
      regexp_split_to_table(n.name, ' ') w (word)
    where w.word = any (${tellingWords(named)}::text[])`.execute(tx)
  const { rows: shops } = await sql<{ name: string }>`
    select search_name as name from members
    where scheme_id = ${schemeId} and erased_at is null and search_name = any (${named.shops}::text[])
    union
    select address from members where scheme_id = ${schemeId} and erased_at is null
      and lower(address) = any (${named.addresses.map((address) => address.toLowerCase())}::text[])`.execute(
    tx,
  )
  const people = await tx
    .selectFrom('contacts')
    .select('person')
    .distinct()
    .where('schemeId', '=', schemeId)
    .execute()
  return {
    words: new Set([
      ...words.map(({ word }) => word),
      ...people.flatMap(({ person }) => searchName(person).split(' ')),
    ]),
    names: new Set([
      ...shops.map(({ name }) => searchName(name)),
      ...people.map(({ person }) => personKey(person)),
    ]),
  }
}

/**
 * What people wrote that names them: why many members were changed and from which file, files that wait to be imported, names
 * of saved filters, reasons and names beside the audit record, requests that were answered, whoever they were entered for.
 */
async function forgetWords(
  tx: Tx,
  schemeId: string,
  these: RawBuilder<unknown>,
  {
    isNamed,
    isNamedWholly,
    views,
  }: {
    readonly isNamed: (text: string, closely?: boolean) => boolean
    /** Of what is a proof, or about somebody else: nothing of it goes for a word. */
    readonly isNamedWholly: (text: string) => boolean
    readonly views: readonly SavedView[]
  },
): Promise<void> {
  const { rows: changes } = await sql<{ id: string; note: string; theirs: boolean }>`
    select c.id, c.note, exists (
      select from member_change_rows r where r.scheme_id = c.scheme_id and r.change_id = c.id
        and (r.scheme_id, r.member_id) in ${these}) as theirs
    from member_changes c where c.scheme_id = ${schemeId} and c.note is not null and c.kind <> 'trade'`.execute(
    tx,
  )
  const { rows: imports } = await sql<{ id: string; fileName: string }>`
    select id, file_name from member_imports where scheme_id = ${schemeId}`.execute(tx)
  const { rows: requests } = await sql<{ id: string; person: string; answer: string }>`
    select id, person, answer from data_requests where scheme_id = ${schemeId} and state <> 'open'`.execute(
    tx,
  )
  const { rows: reasons } = await sql<{ seq: number; words: string[] }>`
    select seq, array_prepend(reason, array(
      select said #>> '{}' from jsonb_path_query(named, '$.** ? (@.type() == "string")') said)) as words
    from audit_reasons where scheme_id = ${schemeId}`.execute(tx)
  const noted = changes.filter(({ note, theirs }) => isNamed(note, theirs))
  const called = imports.filter(({ fileName }) => isNamed(fileName))
  const saved = views.filter(({ name, q, isTheirs }) => isTheirs || isNamed(name) || isNamed(q))
  const answered = requests.filter(({ person, answer }) => isNamedWholly(person) || isNamedWholly(answer))
  const said = reasons.filter(({ words }) => words.some(isNamedWholly))
  const ids = (rows: readonly { readonly id: string }[]) => sql`${rows.map(({ id }) => id)}::uuid[]`
  const statements: readonly RawBuilder<unknown>[] = [
    sql`update member_changes set note = null where scheme_id = ${schemeId} and id = any (${ids(noted)})`,
    sql`update member_imports set file_name = ${FORGOTTEN} where scheme_id = ${schemeId} and id = any (${ids(called)})`,
    sql`delete from member_views where scheme_id = ${schemeId} and id = any (${ids(saved)})`,
    sql`delete from audit_reasons where scheme_id = ${schemeId} and seq = any (${said.map(({ seq }) => seq)}::bigint[])`,
    // That they asked stays, as the proof of its answer; who they were and what was written, not.
    sql`update data_requests r set person = '', answer = case when r.state = 'refused' then ${FORGOTTEN} else '' end
      where r.scheme_id = ${schemeId} and ((r.scheme_id, r.member_id) in ${these} or r.id = any (${ids(answered)}))`,
  ]
  for (const statement of statements) await statement.execute(tx)
}

function toldPairs(alone: readonly Told[], told: 'mobile' | 'mail'): RawBuilder<unknown> {
  const known = alone.filter((one) => one[told] !== null)
  return sql`(select * from unnest(${known.map(({ schemeId }) => schemeId)}::text[], ${known.map((one) => one[told])}::text[]))`
}
