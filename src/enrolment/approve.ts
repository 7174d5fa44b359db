import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { findBalances } from '../dues/ledger/ledger.ts'
import { AppError } from '../errors.ts'
import { formatMessage, inEachLang } from '../i18n/format.ts'
import { recordMemberAccess } from '../members/accesses.ts'
import { noteContactLang } from '../members/contacts.ts'
import { writeContactSms } from '../members/opt-out/opt-out.ts'
import { listOptedOut } from '../members/opt-out/opted-out.ts'
import { isMobile, maskPhone, NO_POINT, nameInSms, streetIn } from '../members/rules.ts'
import {
  type ContactRow,
  findStoredMember,
  insertContacts,
  insertMembers,
  listStoredMembers,
  lockMemberList,
  lockMemberWrites,
  type MemberFields,
  updateContacts,
  updateMembers,
} from '../members/store.ts'
import { writeMessages, writeSms } from '../outbox/actions.ts'
import type { SmsMessage } from '../outbox/contract.ts'
import { CONFIRMATION_VALID_MS } from '../outbox/validity.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { EnrolmentSettings } from '../schemes/contract.ts'
import { replaceNaf } from '../schemes/naf/naf.ts'
import { findSchemeWithChamber, type SchemeWithChamber } from '../schemes/store.ts'
import type {
  ApproveEnrolment,
  Duplicate,
  EnrolmentPage,
  EnrolmentQuery,
  EnrolmentView,
  KnownMember,
  RefuseEnrolment,
  ReplacedField,
} from './contract.ts'
import { mailApproved, mailRefused } from './mails.ts'
import {
  countEnrolments,
  duplicateKeysOf,
  type EnrolmentRow,
  findEnrolment,
  findSignature,
  listDuplicates,
  listEnrolmentRows,
  toEnrolmentSummary,
} from './store.ts'

/** A stored member with its contacts. */
type KnownRow = NonNullable<Awaited<ReturnType<typeof findStoredMember>>>

type DecideDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>

/** Returns the trades that a trade chamber is limited to; undefined for all trades. */
function reachableTrades(reach: ReturnType<typeof authorize>): readonly string[] | undefined {
  return reach.scope === 'trades' ? reach.trades : undefined
}

/** Lists requests to join: waiting ones, oldest first, or decided ones. A trade chamber sees those of its trades. */
export async function listEnrolments(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  query: EnrolmentQuery,
): Promise<EnrolmentPage> {
  const trades = reachableTrades(authorize(actor, 'enrolment.read', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => ({
    enrolments: (await listEnrolmentRows(tx, schemeId, query, trades)).map(toEnrolmentSummary),
    counts: await countEnrolments(tx, schemeId, trades),
  }))
}

/** Returns one request. @throws AppError `not_found`, also for a request of another trade or not yet submitted */
export async function getEnrolment(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<EnrolmentView> {
  const trades = reachableTrades(authorize(actor, 'enrolment.read', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => {
    const view = await toEnrolmentView(tx, await getSubmittedRow(tx, schemeId, id, trades), trades)
    const shown = view.duplicates.flatMap((one) => (one.known === null ? [] : one.id))
    await recordMemberAccess(tx, actor, schemeId, { what: 'file', memberIds: shown, now: deps.now() })
    return view
  })
}

async function getSubmittedRow(
  tx: Tx,
  schemeId: string,
  id: string,
  trades: readonly string[] | undefined,
  options: { readonly lock?: boolean } = {},
): Promise<EnrolmentRow> {
  const row = await findEnrolment(tx, schemeId, id, options)
  if (row === undefined || row.state === 'draft' || trades?.includes(row.trade) === false) {
    throw new AppError('not_found')
  }
  return row
}

async function toEnrolmentView(
  tx: Tx,
  row: EnrolmentRow,
  trades: readonly string[] | undefined,
): Promise<EnrolmentView> {
  const signature = await findSignature(tx, row.schemeId, row.id)
  if (signature === undefined) throw new AppError('internal')
  return {
    ...toEnrolmentSummary(row),
    siret: row.siret,
    naf: row.naf,
    naf2025: row.naf2025,
    address: row.address,
    phone: row.mobile ?? '',
    mail: row.mail,
    phoneConfirmedAt: (row.mobileConfirmedAt ?? row.createdAt).toISOString(),
    charter: {
      version: signature.version,
      sha256: signature.sha256,
      signedName: signature.signedName,
      signedAt: signature.signedAt.toISOString(),
    },
    duplicates: row.state === 'submitted' ? await compareDuplicates(tx, row, trades) : [],
    reason: row.reason,
    note: row.note,
    memberId: row.memberId,
  }
}

/** Lists possible duplicates of the request, each member with its current state. */
async function compareDuplicates(
  tx: Tx,
  row: EnrolmentRow,
  trades: readonly string[] | undefined,
): Promise<Duplicate[]> {
  const { schemeId } = row
  const duplicates = await listDuplicates(tx, schemeId, duplicateKeysOf(row))
  const ids = duplicates.flatMap(({ kind, id }) => (kind === 'member' ? id : []))
  const stored = await listStoredMembers(tx, schemeId, ids)
  const balances = await findBalances(tx, schemeId, ids)
  const known = new Map(
    stored
      .filter(({ trade }) => trades?.includes(trade) !== false)
      .map((member): [string, KnownMember] => [
        member.id,
        {
          siret: member.siret,
          address: member.address,
          trade: member.trade,
          contacts: member.contacts.map(({ id, person, mobile, sms }) => ({
            id,
            person,
            phone: mobile === null ? null : maskPhone(mobile),
            sms,
            same: mobile !== null && mobile === row.mobile,
          })),
          owesCents: balances.get(member.id) ?? 0,
          notified: phonesToNotify(member, row).length,
        },
      ]),
  )
  return duplicates.map((one) => ({ ...one, known: known.get(one.id) ?? null }))
}

/**
 * Lists the phones to notify that another person joined their business: contacts that receive SMS, except the applicant's own
 * number.
 */
function phonesToNotify({ contacts }: Pick<KnownRow, 'contacts'>, row: EnrolmentRow): string[] {
  return [
    ...new Set(
      contacts.flatMap(({ mobile, sms }) =>
        sms && mobile !== null && mobile !== row.mobile && isMobile(mobile) ? mobile : [],
      ),
    ),
  ]
}

/**
 * Approves a request, as a new member or into an existing one. The existing member keeps its status, its dues, its contacts'
 * choices and every field not named in `replace`; its contacts are notified by SMS. So is the applicant.
 * @throws AppError `enrolment_decided`; `invalid_input` if another member has the SIRET of a new one, if the member does not
 * exist, or if its status cannot be replaced; `not_found`
 */
export async function approveEnrolment(
  deps: DecideDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  choice: ApproveEnrolment,
): Promise<EnrolmentView> {
  const trades = reachableTrades(authorize(actor, 'enrolment.decide', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => {
    // Locked before the request's row, as imports lock the list before members.
    await lockMemberList(tx, schemeId)
    // A STOP that is being stored is read below.
    await lockMemberWrites(tx, schemeId)
    const row = await getSubmittedRow(tx, schemeId, id, trades, { lock: true })
    if (row.state !== 'submitted') throw new AppError('enrolment_decided')
    const sameSiret = (await listDuplicates(tx, schemeId, duplicateKeysOf(row))).find(
      ({ kind, by }) => kind === 'member' && by.includes('siret'),
    )
    if (sameSiret !== undefined && (choice.as === 'new' || choice.memberId !== sameSiret.id)) {
      throw new AppError('invalid_input', {
        problems: [
          {
            code: 'enrolment.siret_known',
            path: choice.as === 'new' ? 'as' : 'memberId',
            values: { name: sameSiret.name },
          },
        ],
      })
    }
    await admitApplicant(
      tx,
      deps,
      row,
      actor,
      choice.as === 'new' ? null : await findApprovalTarget(tx, row, choice, trades),
    )
    return toEnrolmentView(tx, await getSubmittedRow(tx, schemeId, id, trades), trades)
  })
}

/** The existing member that a request is approved into, and its fields that the request replaces. */
interface ApprovalTarget {
  readonly member: KnownRow
  readonly replace: ReadonlySet<ReplacedField>
}

/** Finds that member. @throws AppError `invalid_input` */
async function findApprovalTarget(
  tx: Tx,
  { schemeId }: EnrolmentRow,
  { memberId, replace }: Extract<ApproveEnrolment, { as: 'member' }>,
  trades: readonly string[] | undefined,
): Promise<ApprovalTarget> {
  const member = await findStoredMember(tx, schemeId, memberId)
  if (member === undefined || trades?.includes(member.trade) === false) {
    throw new AppError('invalid_input', { problems: [{ code: 'input.invalid', path: 'memberId' }] })
  }
  if (replace.includes('status') && member.status === 'suspended') {
    throw new AppError('invalid_input', {
      problems: [{ code: 'enrolment.suspended', path: 'replace', values: { name: member.name } }],
    })
  }
  return { member, replace: new Set(replace) }
}

/**
 * Approves a submitted request as a new member if the scheme's rule says so and it has no possible duplicate. While the list of
 * members is being changed in parts, a job tries again later.
 */
export async function approveByRule(
  tx: Tx,
  deps: DecideDeps,
  scheme: SchemeWithChamber,
  id: string,
): Promise<void> {
  try {
    await tryByRule(tx, deps, scheme, id)
  } catch (error) {
    if (!isListBusy(error)) throw error
    await deps.jobs.enqueue(tx, 'enrolment.approve', { schemeId: scheme.id, id })
  }
}

function isListBusy(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'import_running' || error.code === 'undo_running')
}

/**
 * Tries again, as `approveByRule`, unless the request was decided or deleted meanwhile.
 * @throws AppError `import_running`, `undo_running` while it must wait
 */
export async function approveLater(deps: DecideDeps, schemeId: string, id: string): Promise<void> {
  await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await findSchemeWithChamber(tx, schemeId)
    if (scheme !== undefined) await tryByRule(tx, deps, scheme, id)
  })
}

/** @throws AppError `import_running`, `undo_running` */
async function tryByRule(tx: Tx, deps: DecideDeps, scheme: SchemeWithChamber, id: string): Promise<void> {
  if (EnrolmentSettings.parse(scheme.enrolment).autoApprove !== 'verified') return
  await lockMemberList(tx, scheme.id)
  await lockMemberWrites(tx, scheme.id)
  const row = await findEnrolment(tx, scheme.id, id, { lock: true })
  if (row?.state !== 'submitted') return
  if (!row.verified || (await listDuplicates(tx, scheme.id, duplicateKeysOf(row))).length > 0) return
  await admitApplicant(tx, deps, row, { kind: 'system', name: 'enrolment' }, null)
}

/** Approves a request. @param onto null for a new member */
async function admitApplicant(
  tx: Tx,
  deps: DecideDeps,
  row: EnrolmentRow,
  actor: Actor,
  onto: ApprovalTarget | null,
): Promise<void> {
  const { schemeId, id, mobile } = row
  const now = deps.now()
  const { member, contact } =
    onto === null ? await insertMember(tx, deps, row, actor) : await joinExistingMember(tx, deps, row, onto)
  await storeDecision(tx, row, { state: 'approved', memberId: member.id }, actor, now)
  await noteContactLang(tx, { schemeId, memberId: member.id, contactId: contact.id }, row.lang)
  await tx
    .updateTable('charterSignatures')
    .set({ memberId: member.id })
    .where('schemeId', '=', schemeId)
    .where('enrolmentId', '=', id)
    .execute()
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const message = {
    memberId: member.id,
    validUntil: new Date(now.getTime() + CONFIRMATION_VALID_MS),
    createdBy: actorName(actor),
  }
  const getsAlerts = member.status === 'active' && contact.sms
  const sms: SmsMessage[] = [
    {
      ...message,
      to: mobile ?? '',
      lang: row.lang,
      template: getsAlerts ? 'enrolment.sms.approved' : 'enrolment.sms.joined',
      values: {
        scheme: scheme?.name ?? '',
        name: nameInSms(row.name),
        sender: scheme?.sender ?? '',
      },
    },
  ]
  const notified = onto === null ? [] : phonesToNotify(onto.member, row)
  if (onto !== null) {
    // Uses the stored name of the member: text typed by an applicant is never sent to other people's phones.
    const values = { scheme: scheme?.name ?? '', name: nameInSms(onto.member.name) }
    for (const to of notified) sms.push({ ...message, to, template: 'enrolment.sms.taken_over', values })
  }
  await writeMessages(tx, deps, schemeId, { sms })
  if (scheme !== undefined) await mailApproved(tx, deps, scheme, row, { ...member, getsAlerts })
  await recordAudit(tx, schemeId, now, {
    actor: actorName(actor),
    action: 'enrolment.approve',
    subject: `enrolment:${id}`,
    details: {
      member: member.id,
      created: onto === null,
      ...(onto !== null && { replaced: [...onto.replace].sort(), notified: notified.length }),
    },
  })
}

interface WrittenMember {
  readonly member: MemberFields
  readonly contact: ContactRow
}

async function insertMember(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  row: EnrolmentRow,
  actor: Actor,
): Promise<WrittenMember> {
  const { schemeId, mobile } = row
  const { name, searchName, siret, naf, naf2025, trade, communeCode, address, postalCode } = row
  const member: MemberFields = {
    ...{ id: deps.newId(), name, searchName, siret, naf, naf2025, trade, communeCode, address },
    ...{ postalCode, joinedOn: null, latitude: row.latitude, longitude: row.longitude },
    status: 'active',
  }
  // First, since it waits for other writers: a STOP that they stored is read below.
  await insertMembers(tx, schemeId, [member], deps.now())
  const isOut = (await listOptedOut(tx, schemeId, mobile === null ? [] : [mobile])).size > 0
  const contact = contactFrom(row, { id: deps.newId(), memberId: member.id, sms: !isOut, position: 0 })
  await insertContacts(tx, schemeId, [contact])
  // A request is a new consent, but not against a STOP that came after it.
  if (!isOut || (await hasOptedOutSince(tx, row))) return { member, contact }
  const reason = formatMessage('fr', 'enrolment.consent')
  const consent = { sms: true, how: 'chamber', by: actorName(actor), reason } as const
  await writeContactSms(tx, deps, schemeId, { member: member.id, contact: contact.id }, consent)
  return { member, contact: { ...contact, sms: true } }
}

/** Tells whether the number of a request opted out after the request was submitted. */
async function hasOptedOutSince(
  tx: Tx,
  { schemeId, mobile, submittedAt, createdAt }: EnrolmentRow,
): Promise<boolean> {
  const later = await tx
    .selectFrom('optOuts')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('phone', '=', mobile)
    .where('takes', '=', false)
    .where('at', '>', submittedAt ?? createdAt)
    .limit(1)
    .executeTakeFirst()
  return later !== undefined
}

function contactFrom(
  { person, mobile, mail }: EnrolmentRow,
  rest: Pick<ContactRow, 'id' | 'memberId' | 'sms' | 'position'>,
): ContactRow {
  return { ...rest, person: person ?? '', mobile, mail }
}

/** Writes the chosen fields of a request to an existing member, and adds its contact to the existing ones. */
async function joinExistingMember(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  row: EnrolmentRow,
  target: ApprovalTarget,
): Promise<WrittenMember> {
  const { schemeId, mobile } = row
  const { member: known, replace } = target
  const member = replaceFields(row, target)
  await updateMembers(tx, schemeId, [member], deps.now())
  const same = known.contacts.find((one) => one.mobile === mobile)
  if (same !== undefined) {
    if (!replace.has('contact')) return { member, contact: same }
    const contact = contactFrom({ ...row, mail: row.mail ?? same.mail }, same)
    await updateContacts(tx, schemeId, [contact])
    return { member, contact }
  }
  const isOut = (await listOptedOut(tx, schemeId, mobile === null ? [] : [mobile])).size > 0
  const position = Math.max(-1, ...known.contacts.map((one) => one.position)) + 1
  const contact = contactFrom(row, { id: deps.newId(), memberId: known.id, sms: !isOut, position })
  await insertContacts(tx, schemeId, [contact])
  return { member, contact }
}

/** Returns the fields of an existing member with the chosen ones of a request. */
function replaceFields(row: EnrolmentRow, { member: known, replace }: ApprovalTarget): MemberFields {
  return {
    id: known.id,
    ...(replace.has('name')
      ? { name: row.name, searchName: row.searchName }
      : { name: known.name, searchName: known.searchName }),
    siret: replace.has('siret') ? row.siret : known.siret,
    ...(replace.has('trade')
      ? { trade: row.trade, ...replaceNaf(known, row) }
      : { trade: known.trade, naf: known.naf, naf2025: known.naf2025 }),
    ...replacePlace(row, known, replace),
    joinedOn: known.joinedOn,
    status: replace.has('status') ? 'active' : known.status,
  }
}

type PlaceField = 'communeCode' | 'address' | 'postalCode' | 'latitude' | 'longitude'

/** Returns the place of a member: a postal code and a point belong to an address and do not stay when it changes. */
function replacePlace(
  row: EnrolmentRow,
  known: KnownRow,
  replace: ApprovalTarget['replace'],
): Pick<MemberFields, PlaceField> {
  const communeCode = replace.has('commune') ? row.communeCode : known.communeCode
  const isSamePlace = communeCode === known.communeCode && !replace.has('address')
  const point = isSamePlace ? known : row.communeCode === communeCode ? row : NO_POINT
  const ownCode = isSamePlace || row.communeCode !== communeCode ? null : row.postalCode
  return {
    communeCode,
    address: replace.has('address') ? row.address : streetIn(communeCode, known),
    postalCode: ownCode ?? (communeCode === known.communeCode ? known.postalCode : null),
    latitude: point.latitude,
    longitude: point.longitude,
  }
}

/**
 * Refuses a request and notifies the applicant of the reason by SMS.
 * @throws AppError `enrolment_decided`, `invalid_input` if the reason is `other` without a note, `not_found`
 */
export async function refuseEnrolment(
  deps: DecideDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { reason, note }: RefuseEnrolment,
): Promise<EnrolmentView> {
  const trades = reachableTrades(authorize(actor, 'enrolment.decide', schemeId))
  if (reason === 'other' && note === '') {
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'note' }] })
  }
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const row = await getSubmittedRow(tx, schemeId, id, trades, { lock: true })
    if (row.state !== 'submitted') throw new AppError('enrolment_decided')
    await storeDecision(tx, row, { state: 'refused', reason, note: note || null }, actor, now)
    const scheme = await findSchemeWithChamber(tx, schemeId)
    await writeSms(tx, deps, schemeId, {
      to: row.mobile ?? '',
      lang: row.lang,
      template: 'enrolment.sms.refused',
      values: {
        scheme: scheme?.name ?? '',
        name: nameInSms(row.name),
        reason: inEachLang((lang) => formatMessage(lang, `enrolment.reason.${reason}`)),
      },
      validUntil: new Date(now.getTime() + CONFIRMATION_VALID_MS),
      createdBy: actorName(actor),
    })
    if (scheme !== undefined) await mailRefused(tx, deps, scheme, row, { reason, note })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'enrolment.refuse',
      subject: `enrolment:${id}`,
      details: { reason },
    })
    return toEnrolmentView(tx, await getSubmittedRow(tx, schemeId, id, trades), trades)
  })
}

async function storeDecision(
  tx: Tx,
  row: EnrolmentRow,
  outcome: {
    readonly state: 'approved' | 'refused'
    readonly memberId?: string
    readonly reason?: RefuseEnrolment['reason']
    readonly note?: string | null
  },
  actor: Actor,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('enrolments')
    .set({ ...outcome, decidedAt: now, decidedBy: actor.kind === 'user' ? actor.name : actorName(actor) })
    .where('schemeId', '=', row.schemeId)
    .where('id', '=', row.id)
    .execute()
}
