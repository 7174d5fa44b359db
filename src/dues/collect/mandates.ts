import { electronicFormatIBAN, isSEPACountry, isValidIBAN } from 'ibantools'
import { sql } from 'kysely'
import { recordAudit, recordAudits } from '../../audit/record.ts'
import { markForSealing } from '../../cipher/marked.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { requireLine } from '../../members/rules.ts'
import { writeMail } from '../../outbox/actions.ts'
import type { ShopId } from '../../permissions.ts'
import { type Actor, authorizeOwn } from '../../permissions.ts'
import { publicAddress } from '../../platform/address.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import type { OwnDues } from '../contract.ts'
import { lockDues } from '../ledger/ledger.ts'
import { getOwnDues, mandateText, type OwnDuesDeps, offersDebit } from '../own.ts'
import type { NotifyDeps } from '../reminders/notify.ts'
import { creditorName } from '../rules.ts'
import { findDuesSettings } from '../store.ts'
import type { SignMandate } from './debit-contract.ts'
import { removeRevokedDebits } from './debit-files.ts'

type MandateDeps = OwnDuesDeps & Pick<Deps, 'newId' | 'jobs' | 'mailer'>

/**
 * Signs a mandate for a shop: its dues are collected from that account from then on. It replaces the previous mandate, which
 * is revoked. The signed text is stored, and sent to the shop's mail address if it has one.
 * @throws AppError `invalid_input` with every problem; `wrong_state` if the scheme offers no direct debit
 */
export async function signMandate(
  deps: MandateDeps,
  actor: Actor,
  of: ShopId,
  input: SignMandate,
): Promise<OwnDues> {
  const shop = authorizeOwn(actor, 'own.pay', of)
  const { schemeId, memberId } = shop
  const problems: Problem[] = []
  const iban = electronicFormatIBAN(input.iban) ?? ''
  if (iban === '') problems.push({ code: 'input.required', path: 'iban' })
  else if (!isValidIBAN(iban) || !isSEPACountry(iban.slice(0, 2)))
    problems.push({ code: 'dues.iban', path: 'iban' })
  const holder = requireLine('holder', input.holder, problems)
  const name = requireLine('name', input.name, problems)
  if (!input.accepted) problems.push({ code: 'mandate.not_accepted', path: 'accepted' })
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const scheme = await findSchemeWithChamber(tx, schemeId)
    const settings = await findDuesSettings(tx, schemeId)
    if (scheme === undefined || settings === undefined || !offersDebit(settings)) {
      throw new AppError('wrong_state')
    }
    if (iban === settings.creditor.iban) {
      throw new AppError('invalid_input', { problems: [{ code: 'mandate.own_iban', path: 'iban' }] })
    }
    await revokeMandates(tx, schemeId, [memberId], { by: shop.name, at: deps.now() })
    const id = deps.newId()
    const at = deps.now()
    const creditor = creditorName(settings, scheme)
    const text = mandateText({ name: creditor, sepaId: settings.creditor.sepaId })
    // Twelve digits of the id: unique here, and short enough to be read aloud.
    const reference = `${schemeId.slice(0, 10)}-${id.slice(-12)}`.toUpperCase()
    await tx
      .insertInto('duesMandates')
      .values({
        schemeId,
        id,
        memberId,
        reference,
        iban: markForSealing(schemeId, 'iban', iban),
        ibanEnd: iban.slice(-4),
        holder,
        text,
        signedName: name,
        signedBy: shop.name,
        signedAt: at,
        usedAt: null,
        revokedAt: null,
        revokedBy: null,
      })
      .execute()
    const contact = await tx
      .selectFrom('contacts')
      .select('mail')
      .where('schemeId', '=', schemeId)
      .where('id', '=', shop.contactId)
      .executeTakeFirst()
    await writeMail(tx, deps, schemeId, {
      to: contact?.mail ?? null,
      template: 'mail.mandate',
      values: { scheme: scheme.name, chamber: scheme.chamber, reference, end: iban.slice(-4), holder, name },
      link: publicAddress(deps.config, '/portail/cotisation'),
      annex: text,
    })
    await removeRevokedDebits(tx, deps, schemeId, {
      by: shop.name,
      of: { memberIds: [memberId] },
      notify: deps,
    })
    // The audit record holds no account number.
    await recordAudit(tx, schemeId, at, {
      actor: shop.name,
      action: 'mandate.sign',
      subject: `member:${memberId}`,
      details: { mandate: id, reference },
    })
  })
  return getOwnDues(deps, actor, of)
}

/**
 * Revokes the shop's mandate. Debits that the bank has are still collected; others are not.
 * @throws AppError `not_found`
 */
export async function revokeOwnMandate(deps: MandateDeps, actor: Actor, of: ShopId): Promise<OwnDues> {
  const shop = authorizeOwn(actor, 'own.pay', of)
  await inScheme(deps.db, shop.schemeId, async (tx) => {
    await lockDues(tx, shop.schemeId)
    const by = { by: shop.name, at: deps.now() }
    const revoked = await revokeMandates(tx, shop.schemeId, [shop.memberId], by)
    if (revoked.length === 0) throw new AppError('not_found')
    await removeRevokedDebits(tx, deps, shop.schemeId, {
      by: shop.name,
      of: { memberIds: [shop.memberId] },
      notify: deps,
    })
    await recordAudit(tx, shop.schemeId, deps.now(), {
      actor: shop.name,
      action: 'mandate.revoke',
      subject: `member:${shop.memberId}`,
    })
  })
  return getOwnDues(deps, actor, of)
}

/**
 * Revokes the mandates of members who leave, and removes their debits from files that the bank does not have. The caller
 * holds `lockDues`, taken before `lockMemberWrites`, and calls this near the end of its transaction, since it writes audit
 * entries.
 * @param at when they leave: `restoreMandates` finds the mandates again by it
 * @param notify notifies them that nothing will be collected; absent: they only receive the notice of leaving
 */
export async function revokeMandatesOfLeaving(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    by,
    notify,
    memberIds,
    at,
  }: {
    readonly by: string
    readonly notify?: NotifyDeps | undefined
    readonly memberIds: readonly string[]
    readonly at: Date
  },
): Promise<void> {
  const revoked = await revokeMandates(tx, schemeId, memberIds, { by, at })
  if (revoked.length === 0) return
  await removeRevokedDebits(tx, deps, schemeId, { by, of: { memberIds: revoked }, notify })
  await recordAudits(
    tx,
    schemeId,
    revoked.map((id) => ({ actor: by, action: 'mandate.revoke', subject: `member:${id}`, at })),
  )
}

/** Restores the mandates of members whose leaving is undone, except of members who signed another mandate since. */
export async function restoreMandates(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
  leftAt: Date,
): Promise<void> {
  await sql`
    update dues_mandates d set revoked_at = null, revoked_by = null
    where d.scheme_id = ${schemeId} and d.member_id = any (${memberIds}::uuid[]) and d.revoked_at = ${leftAt}
      and not exists (select from dues_mandates o
        where o.scheme_id = d.scheme_id and o.member_id = d.member_id and o.revoked_at is null)`.execute(tx)
}

/** Revokes the mandates of members; `removeRevokedDebits` then takes out their debits. @returns the members that had a mandate */
export async function revokeMandates(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<string[]> {
  const { rows } = await sql<{ memberId: string }>`
    update dues_mandates set revoked_at = ${at}, revoked_by = ${by}
    where scheme_id = ${schemeId} and member_id = any (${memberIds}::uuid[]) and revoked_at is null
    returning member_id`.execute(tx)
  return rows.map(({ memberId }) => memberId)
}
