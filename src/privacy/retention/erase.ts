import { sql } from 'kysely'
import { deleteBroadcastsWhole, forgetSolicitations } from '../../alerts/forget.ts'
import { forgetReasons } from '../../audit/forget.ts'
import {
  forgetChangedContacts,
  forgetChangeNotes,
  forgetChanges,
  forgetMemberNotices,
} from '../../changes/forget.ts'
import { forgetFormerNumbers, listEndedBroadcastsTo } from '../../deliveries/forget.ts'
import type { Deps } from '../../deps.ts'
import { removeRevokedDebits } from '../../dues/collect/debit-files.ts'
import { forgetDues, forgetLinesNaming } from '../../dues/forget.ts'
import { lockDues } from '../../dues/ledger/ledger.ts'
import { forgetEnrolments } from '../../enrolment/forget.ts'
import { type ErasedMember, type ErasedPeople, FORGOTTEN } from '../../identity/erased.ts'
import { dropRowsAbout, forgetFileNames } from '../../imports/uploads/forget.ts'
import { listSearchesFindingOnly } from '../../members/filters.ts'
import {
  deleteContactsById,
  deleteContactsOf,
  deleteViews,
  emptyErasedMembers,
  forgetCorrectionsAndNumbers,
  forgetGroupMembers,
  listUnshared,
  markErasedMembersLeft,
} from '../../members/forget.ts'
import { forgetNotes, forgetNotesNaming } from '../../members/notes/store.ts'
import { lockMemberList, lockMemberWrites } from '../../members/store.ts'
import { forgetTagsNaming } from '../../members/tags/store.ts'
import { forgetMessagesAbout, forgetReceivers } from '../../messages/forget.ts'
import { forgetOutbox } from '../../outbox/forget.ts'
import { rowKeysSql, type SchemeRow } from '../../platform/database/pairs.ts'
import type { Tx } from '../../platform/db.ts'
import { forgetSignIns } from '../../portal/forget.ts'
import { forgetDrillCallers, keepCallers, keepContactCallers } from '../../reports/forget.ts'
import { findOthers } from './others.ts'
import { createNameMatcher, createWholeNameMatcher } from './words.ts'

/**
 * Removes what identifies members from every table, across schemes: each room clears its own tables. Members that are still in the
 * scheme leave it. Deliveries planned for their numbers are withdrawn as for any departure, and so are debits not yet sent to the
 * bank. The law requires to keep the books and what they refer to, mandates after their last debit, opt-outs from SMS, the
 * recipients of alerts until these are pruned, and what the forces hold of an offence: reports with their caller and place, and
 * notes of calls, until their own retention period ends.
 * @param leftAt when they leave; undefined: they have left already, and members that joined again since are skipped
 * @returns the members that were emptied
 */
export async function eraseMembers(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  toErase: readonly SchemeRow[],
  leftAt: Date | undefined,
): Promise<readonly SchemeRow[]> {
  // A running import or undo of a change is serialised entirely before or after the erasure.
  for (const schemeId of [...new Set(toErase.map((row) => row.schemeId))].sort()) {
    await lockMemberList(tx, schemeId)
    await lockDues(tx, schemeId)
    await lockMemberWrites(tx, schemeId)
  }
  const { rows: emptied } = await sql<SchemeRow>`
    select scheme_id, id from members where (scheme_id, id) in ${rowKeysSql(toErase)}
      and (${leftAt !== undefined} or status = 'left') and erased_at is null
    for update`.execute(tx)
  if (emptied.length === 0) return []
  // Includes members merged into them: these rows are pointers that keep their former names.
  const { rows: members } = await sql<ErasedMember>`
    select m.scheme_id, m.id, m.name, m.siret, m.search_name, m.address,
      coalesce(c.postal_codes, '{}') || array[m.commune_code, coalesce(c.search_name, '')] as commune
    from members m left join communes c on c.code = m.commune_code
    where (m.scheme_id, m.id) in ${rowKeysSql(emptied)} or (m.scheme_id, m.merged_into) in ${rowKeysSql(emptied)}
    for update of m`.execute(tx)
  const views = await listViews(tx, members)
  await keepCallers(tx, members)
  const people: ErasedPeople = { members, ...(await deleteContactsOf(tx, members)) }
  await forgetFormerNumbers(tx, people)
  if (leftAt !== undefined) await markErasedMembersLeft(tx, members, leftAt)
  await forgetDrillCallers(tx, people)
  // Members erased at the end of their retention period left before: an undecided application means that one wants to join again.
  await forgetEnrolments(tx, people, leftAt === undefined)
  await forgetChanges(tx, people)
  await forgetDues(tx, people)
  await forgetSignIns(tx, people)
  await emptyErasedMembers(tx, people)
  const ended = await listEndedBroadcastsTo(tx, members)
  await forgetOutbox(tx, people)
  await forgetMemberNotices(tx, people)
  await forgetCorrectionsAndNumbers(tx, people)
  await forgetNotes(tx, people)
  await forgetGroupMembers(tx, people)
  await forgetReceivers(tx, people)
  await forgetSolicitations(tx, people)
  await deleteBroadcastsWhole(tx, ended)
  for (const [schemeId, of] of Map.groupBy(members, (member) => member.schemeId)) {
    const unshared = people.unshared.filter((contact) => contact.schemeId === schemeId)
    const numbers = {
      phones: unshared.flatMap(({ mobile }) => mobile ?? []),
      mails: unshared.flatMap(({ mail }) => mail ?? []),
    }
    const named = {
      ...numbers,
      shops: of.map((member) => member.searchName),
      people: people.contacts.flatMap((contact) => (contact.schemeId === schemeId ? [contact.person] : [])),
      sirets: of.flatMap(({ siret }) => siret ?? []),
      addresses: of.flatMap(({ address }) => address ?? []),
    }
    const others = await findOthers(tx, schemeId, named)
    const isNamed = createNameMatcher(named, others)
    // Texts that are proof, or about someone else, are not removed because of a single word.
    const isNamedWholly = createWholeNameMatcher(named, others.names)
    // Texts that name them are removed whichever member they are about.
    await forgetChangeNotes(tx, schemeId, { members: of }, isNamed)
    await forgetFileNames(tx, schemeId, isNamed)
    const theirs = views.filter(
      ({ name, q, isTheirs, ...view }) =>
        view.schemeId === schemeId && (isTheirs || isNamed(name) || isNamed(q)),
    )
    await deleteViews(
      tx,
      schemeId,
      theirs.map(({ id }) => id),
    )
    await forgetTextsNaming(tx, deps, schemeId, { members: of, isNamedWholly })
    await dropRowsAbout(tx, schemeId, { ...numbers, members: of })
    const memberIds = of.map(({ id }) => id)
    await removeRevokedDebits(tx, deps, schemeId, { by: 'system:erasure', of: { memberIds } })
  }
  return emptied
}

/** People to erase while the members of which they are contacts stay, and what finds them. */
export interface PeopleToErase {
  readonly schemeId: string
  readonly contactIds: readonly string[]
  /** E.164. */
  readonly phones: readonly string[]
  /** Lower case. */
  readonly mails: readonly string[]
}

/**
 * Removes what identifies people from every table: contacts of members that stay, and what a number or an address finds that no
 * other contact of the scheme has. Texts that others wrote are removed when they hold one of these, or the whole name of a contact
 * that nobody else has. The law requires to keep what `eraseMembers` keeps; so are the approved request to join and the charter
 * signed for a member that stays, as proof of its commitment.
 */
export async function erasePeople(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { schemeId, contactIds, phones, mails }: PeopleToErase,
): Promise<void> {
  await lockMemberList(tx, schemeId)
  await lockDues(tx, schemeId)
  await lockMemberWrites(tx, schemeId)
  const { rows: of } = await sql<SchemeRow>`
    select distinct c.scheme_id, m.id from contacts c
    join members m on m.scheme_id = c.scheme_id and (m.id = c.member_id or m.merged_into = c.member_id)
    where c.scheme_id = ${schemeId} and c.id = any (${contactIds}::uuid[])`.execute(tx)
  await keepContactCallers(tx, schemeId, contactIds)
  const contacts = await deleteContactsById(tx, schemeId, contactIds)
  const unshared = await listUnshared(tx, [
    ...contacts,
    ...phones.map((mobile) => ({ schemeId, mobile, mail: null })),
    ...mails.map((mail) => ({ schemeId, mobile: null, mail })),
  ])
  const people: ErasedPeople = { members: [], contacts, unshared }
  await forgetFormerNumbers(tx, people)
  await forgetDrillCallers(tx, people)
  await forgetEnrolments(tx, people, false)
  await forgetChangedContacts(tx, of)
  await forgetSignIns(tx, people)
  await forgetOutbox(tx, people)
  await forgetMemberNotices(tx, people)
  await forgetCorrectionsAndNumbers(tx, people)
  await forgetReceivers(tx, people)
  await forgetSolicitations(tx, people)
  const numbers = {
    phones: unshared.flatMap(({ mobile }) => mobile ?? []),
    mails: unshared.flatMap(({ mail }) => mail ?? []),
  }
  const named = {
    ...numbers,
    ...{ shops: [], sirets: [], addresses: [] },
    people: contacts.map(({ person }) => person),
  }
  const isNamedWholly = createWholeNameMatcher(named, (await findOthers(tx, schemeId, named)).names)
  await forgetChangeNotes(tx, schemeId, { members: [] }, isNamedWholly)
  await forgetFileNames(tx, schemeId, isNamedWholly)
  const views = await listViewWords(tx, [schemeId])
  const naming = views.filter(({ name, q }) => isNamedWholly(name) || isNamedWholly(q))
  await deleteViews(
    tx,
    schemeId,
    naming.map(({ id }) => id),
  )
  await forgetTextsNaming(tx, deps, schemeId, { members: [], isNamedWholly })
  await dropRowsAbout(tx, schemeId, { ...numbers, members: [] })
}

/** Removes texts that others wrote and that name erased people. */
async function forgetTextsNaming(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    members,
    isNamedWholly,
  }: { readonly members: readonly SchemeRow[]; readonly isNamedWholly: (text: string) => boolean },
): Promise<void> {
  await forgetReasons(tx, schemeId, isNamedWholly)
  await forgetLinesNaming(tx, schemeId, isNamedWholly)
  await forgetNotesNaming(tx, schemeId, isNamedWholly)
  await forgetTagsNaming(tx, schemeId, isNamedWholly)
  await forgetRequests(tx, schemeId, members, isNamedWholly)
  await forgetMessagesAbout(tx, deps, schemeId, isNamedWholly)
}

/** A saved filter, as searched for erased members. */
interface SavedView extends SchemeRow {
  readonly name: string
  readonly q: string
  /** Whether its words find erased members only: the start of a name, a number, a SIRET. */
  readonly isTheirs: boolean
}

/** Lists the saved filters of their schemes, before the members are emptied and can no longer be found. */
async function listViews(tx: Tx, gone: readonly SchemeRow[]): Promise<readonly SavedView[]> {
  const views = await listViewWords(tx, [...new Set(gone.map(({ schemeId }) => schemeId))])
  const theirs = new Set(await listSearchesFindingOnly(tx, views, rowKeysSql(gone)))
  return views.map((view) => ({ ...view, isTheirs: theirs.has(view) }))
}

/** Lists the names of saved filters and the words that they search. */
async function listViewWords(tx: Tx, schemeIds: readonly string[]): Promise<Omit<SavedView, 'isTheirs'>[]> {
  const saved = await tx
    .selectFrom('memberViews')
    .select(['schemeId', 'id', 'name', 'filter'])
    .where('schemeId', 'in', schemeIds)
    .execute()
  return saved.map(({ filter, ...view }) => ({ ...view, q: filter.q ?? '' }))
}

/** Empties answered requests of these members or that name them. The row is kept as proof of the answer. */
async function forgetRequests(
  tx: Tx,
  schemeId: string,
  members: readonly SchemeRow[],
  isNamed: (text: string) => boolean,
): Promise<void> {
  const { rows } = await sql<{ id: string; person: string; answer: string }>`
    select id, person, answer from data_requests where scheme_id = ${schemeId} and state <> 'open'`.execute(
    tx,
  )
  const named = rows.filter(({ person, answer }) => isNamed(person) || isNamed(answer)).map(({ id }) => id)
  await sql`
    update data_requests r set person = '', answer = case when r.state = 'refused' then ${FORGOTTEN} else '' end
    where r.scheme_id = ${schemeId}
      and ((r.scheme_id, r.member_id) in ${rowKeysSql(members)} or r.id = any (${named}::uuid[]))`.execute(tx)
}
