import { electronicFormatIBAN, isSEPACountry, isValidIBAN } from 'ibantools'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { writeMail } from '../../identity/mails.ts'
import { composeMail } from '../../message/mail.ts'
import { type Actor, authorizeOwn } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findEnrolmentScheme } from '../enrolment/store.ts'
import { publicAddress } from '../papers/actions.ts'
import type { ShopId } from '../portal/shop.ts'
import { requireLine } from '../rules.ts'
import type { OwnDues } from './contract.ts'
import type { SignMandate } from './debit-contract.ts'
import { takeOutRevoked } from './debit-files.ts'
import { lockDues } from './ledger.ts'
import { getOwnDues, mandateText, type OwnDuesDeps, offersDebit } from './own.ts'
import { creditorName } from './rules.ts'
import { findDuesSettings } from './store.ts'

type MandateDeps = OwnDuesDeps & Pick<Deps, 'newId' | 'jobs' | 'mailer'>

/**
 * The people of a shop sign a mandate: its dues are collected from that account from then on. It takes the place of the one
 * before, which is revoked: nothing more is collected by that one. What was signed is kept, and sent by mail where they have one.
 * @throws AppError `invalid_input` with everything wrong; `wrong_state` where the scheme collects nothing
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
    const scheme = await findEnrolmentScheme(tx, schemeId)
    const settings = await findDuesSettings(tx, schemeId)
    if (scheme === undefined || settings === undefined || !offersDebit(settings)) {
      throw new AppError('wrong_state')
    }
    if (iban === settings.creditor.iban) {
      throw new AppError('invalid_input', { problems: [{ code: 'mandate.own_iban', path: 'iban' }] })
    }
    await revoke(tx, deps, schemeId, memberId, shop.name)
    const id = deps.newId()
    const at = deps.now()
    const creditor = creditorName(settings, scheme)
    const text = mandateText({ name: creditor, sepaId: settings.creditor.sepaId })
    // Twelve digits of the id: unique here, and short enough to be read out.
    const reference = `${schemeId.slice(0, 10)}-${id.slice(-12)}`.toUpperCase()
    await tx
      .insertInto('duesMandates')
      .values({
        schemeId,
        id,
        memberId,
        reference,
        iban,
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
    await writeMail(tx, deps, {
      schemeId,
      to: contact?.mail ?? null,
      content: composeMail('fr', {
        key: 'mail.mandate',
        values: {
          scheme: scheme.name,
          chamber: scheme.chamber,
          reference,
          end: iban.slice(-4),
          holder,
          name,
        },
        link: publicAddress(deps.config, '/portail/cotisation'),
        annex: text,
      }),
    })
    await takeOutRevoked(tx, deps, schemeId, shop.name, { memberIds: [memberId] }, deps)
    // The record holds no account.
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
 * The people of a shop revoke its mandate. What the bank is being asked for still is; what it is not yet is not.
 * @throws AppError `not_found`
 */
export async function revokeOwnMandate(deps: MandateDeps, actor: Actor, of: ShopId): Promise<OwnDues> {
  const shop = authorizeOwn(actor, 'own.pay', of)
  await inScheme(deps.db, shop.schemeId, async (tx) => {
    await lockDues(tx, shop.schemeId)
    if (!(await revoke(tx, deps, shop.schemeId, shop.memberId, shop.name))) throw new AppError('not_found')
    await takeOutRevoked(tx, deps, shop.schemeId, shop.name, { memberIds: [shop.memberId] }, deps)
    await recordAudit(tx, shop.schemeId, deps.now(), {
      actor: shop.name,
      action: 'mandate.revoke',
      subject: `member:${shop.memberId}`,
    })
  })
  return getOwnDues(deps, actor, of)
}

/** What it was to collect is taken out by `takeOutRevoked`. @returns whether there was one */
export async function revoke(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  memberId: string,
  by: string,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('duesMandates')
    .set({ revokedAt: now(), revokedBy: by })
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('revokedAt', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
