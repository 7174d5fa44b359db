import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem } from '../errors.ts'
import { getMember } from '../members/actions.ts'
import { type FoundContact, type FoundMember, findMember } from '../members/found.ts'
import { optInAgain } from '../members/numbers/actions.ts'
import { consentAtNumber } from '../members/numbers/consent.ts'
import type { NumberConsequence, NumberCorrection } from '../members/numbers/contract.ts'
import { listOptedOut } from '../members/opt-out/opted-out.ts'
import { isForeign, isMobile, type Phone, parseContactPhone } from '../members/rules.ts'
import { lockMemberList, lockMemberWrites } from '../members/store.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import type { MemberSaved } from './contract.ts'
import { openChange } from './record.ts'
import { findMemberChange, toChangeView } from './store.ts'

/**
 * Corrects the number of a contact, as reported by its member. From then on SMS go to the new number, and messages planned
 * for the old one are withdrawn. `consentAtNumber` decides whether the new one receives any. It is a change that can be undone for a
 * day, after which SMS go to the number before, unless that one opted out since. The form shows the number only, so the user confirms
 * its consequences; `editMember` needs no confirmation.
 * @throws AppError `not_found`, also for a chamber of another trade; `invalid_input` if the number is not valid, is a mobile
 * of a country that is not accepted, or belongs to another contact of the member; `number_confirm` with all consequences of
 * the new number, if `confirm` lacks one of them; `import_running`, `undo_running`
 */
export async function correctNumber(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
  actor: Actor,
  schemeId: string,
  id: { readonly member: string; readonly contact: string },
  { phone, confirm }: NumberCorrection,
): Promise<MemberSaved> {
  const reach = authorize(actor, 'number.correct', schemeId)
  const parsed = phone === '' ? { problem: 'input.required' as const } : parseContactPhone(phone)
  if ('problem' in parsed) {
    throw new AppError('invalid_input', { problems: [{ code: parsed.problem, path: 'phone' }] })
  }
  const { e164, kind } = parsed.value
  const change = await inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberList(tx, schemeId)
    // No STOP of the new number can be stored between the statements below.
    await lockMemberWrites(tx, schemeId)
    const { member, contact } = await getContactInReach(tx, schemeId, id, reach)
    if (contact.mobile === e164) return null
    if (member.contacts.some((one) => one.mobile === e164)) {
      throw new AppError('invalid_input', { problems: [{ code: 'contact.phone_taken', path: 'phone' }] })
    }
    const entailed = await correctionConsequences(tx, schemeId, { member, contact, reach }, parsed.value)
    if (entailed.some(({ code }) => !confirm.includes(code))) {
      throw new AppError('number_confirm', { problems: entailed })
    }
    const { sms, optsIn } = consentAtNumber(contact, parsed.value, await listOptedOut(tx, schemeId, [e164]))
    const made = await openChange(tx, deps, schemeId, { kind: 'edit', actor, note: member.name })
    await made.before(tx, [id.member])
    const { numUpdatedRows } = await tx
      .updateTable('contacts')
      .set({ mobile: e164, sms })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id.contact)
      // Updates only if the number is still the one that was read: another user may have changed it meanwhile.
      .where('mobile', contact.mobile === null ? 'is' : '=', contact.mobile)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) throw new AppError('wrong_state')
    if (optsIn) await optInAgain(tx, deps, actor, schemeId, id)
    await made.after(tx, { touched: [id.member], created: [] })
    await made.finish(tx)
    // The audit record holds no phone number.
    await recordAudit(tx, schemeId, made.at, {
      actor: actorName(actor),
      action: 'contact.phone_corrected',
      subject: `contact:${id.contact}`,
      details: { change: made.id, member: id.member, kind, sms },
    })
    const row = await findMemberChange(tx, schemeId, made.id)
    return row === undefined ? null : toChangeView(row, made.at, undefined)
  })
  return { member: await getMember(deps, actor, schemeId, id.member), change }
}

/** @throws AppError `not_found`, also for a member of another trade than those of a chamber */
async function getContactInReach(
  tx: Tx,
  schemeId: string,
  id: { readonly member: string; readonly contact: string },
  reach: ReturnType<typeof authorize>,
): Promise<{ readonly member: FoundMember; readonly contact: FoundContact }> {
  const member = await findMember(tx, schemeId, id.member)
  const contact = member?.contacts.find((one) => one.id === id.contact)
  if (member === undefined || contact === undefined) throw new AppError('not_found')
  if (reach.scope === 'trades' && !reach.trades.includes(member.trade)) throw new AppError('not_found')
  return { member, contact }
}

/** Lists the consequences of a new number that the user must confirm before it is stored. */
async function correctionConsequences(
  tx: Tx,
  schemeId: string,
  {
    member,
    contact,
    reach,
  }: {
    readonly member: FoundMember
    readonly contact: FoundContact
    readonly reach: ReturnType<typeof authorize>
  },
  { e164, kind }: Phone,
): Promise<(Problem & { readonly code: NumberConsequence })[]> {
  const problems: (Problem & { readonly code: NumberConsequence })[] = []
  const add = (code: NumberConsequence, values?: Record<string, string>) =>
    problems.push({ code, path: 'phone', ...(values && { values }) })
  const isReached = ({ sms, mobile }: FoundContact) => sms && mobile !== null && isMobile(mobile)
  if (
    kind === 'landline' &&
    isReached(contact) &&
    !member.contacts.some((one) => one.id !== contact.id && isReached(one))
  ) {
    add('number.last_mobile')
  }
  const other = await tx
    .selectFrom('contacts as c')
    .innerJoin('members as m', (on) =>
      on.onRef('m.schemeId', '=', 'c.schemeId').onRef('m.id', '=', 'c.memberId'),
    )
    .select(['m.name', 'm.trade'])
    .where('c.schemeId', '=', schemeId)
    .where('c.mobile', '=', e164)
    .where('c.memberId', '<>', member.id)
    .where('m.status', '<>', 'left')
    .where('m.mergedInto', 'is', null)
    .orderBy('m.name')
    .limit(1)
    .executeTakeFirst()
  if (other !== undefined) {
    const isShown = reach.scope !== 'trades' || reach.trades.includes(other.trade)
    add('number.of_member', isShown ? { known: 'yes', name: other.name } : { known: 'no', name: '' })
  }
  if (isForeign(e164) && (contact.mobile === null || !isForeign(contact.mobile))) add('number.foreign')
  return problems
}
