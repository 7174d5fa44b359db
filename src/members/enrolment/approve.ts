import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { writeDirectMessage } from '../../identity/direct-messages.ts'
import { say } from '../../messages/say.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { EnrolmentSettings } from '../../schemes/contract.ts'
import {
  type ContactRow,
  findStoredMember,
  insertContacts,
  insertMembers,
  lockMemberList,
  type MemberFields,
  updateContacts,
  updateMembers,
} from '../store.ts'
import type {
  ApproveEnrolment,
  EnrolmentPage,
  EnrolmentQuery,
  EnrolmentView,
  RefuseEnrolment,
} from './contract.ts'
import { mailApproved, mailRefused } from './mails.ts'
import { nameInSms } from './rules.ts'
import {
  countEnrolments,
  type EnrolmentRow,
  type EnrolmentScheme,
  findEnrolment,
  findEnrolmentScheme,
  findSignature,
  listDuplicates,
  listEnrolmentRows,
  summaryOf,
} from './store.ts'

/** A confirmation that comes a day later says nothing any more. */
const TOLD_WITHIN_MS = 24 * 3_600_000

type DecideDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'config' | 'mailer'>

/** The trades of whoever is of a trade chamber; undefined: all. */
function tradesOf(reach: ReturnType<typeof authorize>): readonly string[] | undefined {
  return reach.scope === 'trades' ? reach.trades : undefined
}

/** Requests to join: those waiting, the longest first, or those decided. A trade chamber sees those of its trades. */
export async function listEnrolments(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  query: EnrolmentQuery,
): Promise<EnrolmentPage> {
  const trades = tradesOf(authorize(actor, 'enrolment.read', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => ({
    enrolments: (await listEnrolmentRows(tx, schemeId, query, trades)).map(summaryOf),
    counts: await countEnrolments(tx, schemeId, trades),
  }))
}

/** @throws AppError `not_found`; also for one of another trade, and for what was not handed in */
export async function getEnrolment(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<EnrolmentView> {
  const trades = tradesOf(authorize(actor, 'enrolment.read', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => viewOf(tx, await getRow(tx, schemeId, id, trades)))
}

async function getRow(
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

async function viewOf(tx: Tx, row: EnrolmentRow): Promise<EnrolmentView> {
  const signature = await findSignature(tx, row.schemeId, row.id)
  if (signature === undefined) throw new AppError('internal')
  return {
    ...summaryOf(row),
    siret: row.siret,
    naf: row.naf,
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
    duplicates: row.state === 'submitted' ? await listDuplicates(tx, row.schemeId, row) : [],
    reason: row.reason,
    note: row.note,
    memberId: row.memberId,
  }
}

/**
 * Approves a request: the business is an active member from then on, a new one or one that is there already, with what
 * was entered over what was known. The person is told by SMS.
 * @throws AppError `enrolment_decided`, `invalid_input` when its SIRET is that of a member that is not named, or the
 * member named does not exist; `not_found`
 */
export async function approveEnrolment(
  deps: DecideDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { memberId }: ApproveEnrolment,
): Promise<EnrolmentView> {
  const trades = tradesOf(authorize(actor, 'enrolment.decide', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => {
    // Before its row, as the import does before members.
    await lockMemberList(tx, schemeId)
    const row = await getRow(tx, schemeId, id, trades, { lock: true })
    if (row.state !== 'submitted') throw new AppError('enrolment_decided')
    const sameSiret = (await listDuplicates(tx, schemeId, row)).find(
      ({ kind, by }) => kind === 'member' && by.includes('siret'),
    )
    if (sameSiret !== undefined && memberId !== sameSiret.id) {
      throw new AppError('invalid_input', {
        problems: [{ code: 'enrolment.siret_known', path: 'memberId', values: { name: sameSiret.name } }],
      })
    }
    await admit(tx, deps, row, { actor, memberId, trades })
    return viewOf(tx, await getRow(tx, schemeId, id, trades))
  })
}

/** Approves what was just handed in, where the rule of the scheme says so and nothing looks like it. */
export async function approveByRule(
  tx: Tx,
  deps: DecideDeps,
  scheme: EnrolmentScheme,
  id: string,
): Promise<void> {
  if (EnrolmentSettings.parse(scheme.enrolment).autoApprove !== 'verified') return
  await lockMemberList(tx, scheme.id)
  const row = await getRow(tx, scheme.id, id, undefined, { lock: true })
  if (!row.verified || (await listDuplicates(tx, scheme.id, row)).length > 0) return
  await admit(tx, deps, row, {
    actor: { kind: 'system', name: 'enrolment' },
    memberId: null,
    trades: undefined,
  })
}

async function admit(
  tx: Tx,
  deps: DecideDeps,
  row: EnrolmentRow,
  decision: {
    readonly actor: Actor
    readonly memberId: string | null
    readonly trades: readonly string[] | undefined
  },
): Promise<void> {
  const { schemeId, id, mobile } = row
  const now = deps.now()
  const member = await writeMember(tx, deps, row, decision)
  await decide(tx, row, { state: 'approved', memberId: member.id }, decision.actor, now)
  await tx
    .updateTable('charterSignatures')
    .set({ memberId: member.id })
    .where('schemeId', '=', schemeId)
    .where('enrolmentId', '=', id)
    .execute()
  const scheme = await findEnrolmentScheme(tx, schemeId)
  await writeDirectMessage(tx, deps, {
    schemeId,
    phone: mobile ?? '',
    text: say('fr', 'enrolment.sms.approved', {
      scheme: scheme?.name ?? '',
      name: nameInSms(row.name),
      sender: scheme?.sender ?? '',
    }),
    codeId: null,
    memberId: member.id,
    validUntil: new Date(now.getTime() + TOLD_WITHIN_MS),
    createdBy: actorName(decision.actor),
  })
  if (scheme !== undefined) await mailApproved(tx, deps, scheme, row, member.id)
  await recordAudit(tx, schemeId, now, {
    actor: actorName(decision.actor),
    action: 'enrolment.approve',
    subject: `enrolment:${id}`,
    details: { member: member.id, created: member.isNew },
  })
}

/** Through the store of the import: a new member, or what was entered over the one that is there. */
async function writeMember(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  row: EnrolmentRow,
  decision: { readonly memberId: string | null; readonly trades: readonly string[] | undefined },
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const { schemeId } = row
  const now = deps.now()
  const known =
    decision.memberId === null ? undefined : await findStoredMember(tx, schemeId, decision.memberId)
  if (
    decision.memberId !== null &&
    (known === undefined || decision.trades?.includes(known.trade) === false)
  ) {
    throw new AppError('invalid_input', { problems: [{ code: 'input.invalid', path: 'memberId' }] })
  }
  const fields: MemberFields = {
    id: known?.id ?? deps.newId(),
    name: row.name,
    searchName: row.searchName,
    siret: row.siret ?? known?.siret ?? null,
    naf: row.naf ?? known?.naf ?? null,
    trade: row.trade,
    communeCode: row.communeCode,
    address: row.address ?? known?.address ?? null,
    latitude: row.latitude ?? (known?.communeCode === row.communeCode ? known.latitude : null),
    longitude: row.longitude ?? (known?.communeCode === row.communeCode ? known.longitude : null),
    status: 'active',
  }
  const old = known?.contacts.find(({ mobile }) => mobile === row.mobile)
  const contact: ContactRow = {
    id: old?.id ?? deps.newId(),
    memberId: fields.id,
    person: row.person ?? '',
    mobile: row.mobile,
    mail: row.mail ?? old?.mail ?? null,
    // Whoever had said no before has just confirmed this number and signed.
    sms: true,
    position: old?.position ?? Math.max(-1, ...(known?.contacts ?? []).map(({ position }) => position)) + 1,
  }
  if (known === undefined) await insertMembers(tx, schemeId, [fields], now)
  else await updateMembers(tx, schemeId, [fields], now)
  if (old === undefined) await insertContacts(tx, schemeId, [contact])
  else await updateContacts(tx, schemeId, [contact])
  return { id: fields.id, isNew: known === undefined }
}

/**
 * Refuses a request; the reason is told by SMS.
 * @throws AppError `enrolment_decided`, `invalid_input` without a note where the reason says nothing, `not_found`
 */
export async function refuseEnrolment(
  deps: DecideDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { reason, note }: RefuseEnrolment,
): Promise<EnrolmentView> {
  const trades = tradesOf(authorize(actor, 'enrolment.decide', schemeId))
  if (reason === 'other' && note === '') {
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'note' }] })
  }
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const row = await getRow(tx, schemeId, id, trades, { lock: true })
    if (row.state !== 'submitted') throw new AppError('enrolment_decided')
    await decide(tx, row, { state: 'refused', reason, note: note || null }, actor, now)
    const scheme = await findEnrolmentScheme(tx, schemeId)
    await writeDirectMessage(tx, deps, {
      schemeId,
      phone: row.mobile ?? '',
      text: say('fr', 'enrolment.sms.refused', {
        scheme: scheme?.name ?? '',
        name: nameInSms(row.name),
        reason: say('fr', `enrolment.reason.${reason}`),
      }),
      codeId: null,
      memberId: null,
      validUntil: new Date(now.getTime() + TOLD_WITHIN_MS),
      createdBy: actorName(actor),
    })
    if (scheme !== undefined) await mailRefused(tx, deps, scheme, row, { reason, note })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'enrolment.refuse',
      subject: `enrolment:${id}`,
      details: { reason },
    })
    return viewOf(tx, await getRow(tx, schemeId, id, trades))
  })
}

async function decide(
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
