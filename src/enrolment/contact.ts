import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem } from '../errors.ts'
import { type Checked, parseMail, parsePhone } from '../members/rules.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { type Changes, withChanges } from '../platform/http/bodies.ts'
import { SchemeContact } from '../schemes/contract.ts'
import { updateSettings } from '../schemes/store.ts'

/** Returns whom members and the public contact. @throws AppError `unknown_scheme` */
export async function getSchemeContact(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<SchemeContact> {
  authorize(actor, 'scheme.read', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readContact(tx, schemeId))
}

/**
 * Sets whom members and the public contact, on every page, in the privacy notice and in mails from then on. Values that are absent
 * are kept.
 * @throws AppError `unknown_scheme`; `invalid_input` with every number or address that is not valid
 */
export async function setSchemeContact(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  changes: Changes<SchemeContact>,
): Promise<SchemeContact> {
  authorize(actor, 'enrolment.settings', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const before = await readContact(tx, schemeId, { lock: true })
    const contact = checkContact(withChanges<SchemeContact>(before, changes))
    await updateSettings(tx, schemeId, { contact })
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'scheme.contact',
      subject: `scheme:${schemeId}`,
      details: { before, after: contact },
    })
    return contact
  })
}

/** Reads the contact of a scheme in its transaction. @throws AppError `unknown_scheme` */
export async function readContact(tx: Tx, schemeId: string, { lock = false } = {}): Promise<SchemeContact> {
  let query = tx.selectFrom('schemes').select('contact').where('id', '=', schemeId)
  if (lock) query = query.forUpdate()
  const scheme = await query.executeTakeFirst()
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  return SchemeContact.parse(scheme.contact)
}

function checkContact({ chamber, dpo }: SchemeContact): SchemeContact {
  const problems: Problem[] = []
  const take = (checked: Checked<string>, path: string) => {
    if ('value' in checked) return checked.value
    problems.push({ code: checked.problem, path })
    return ''
  }
  const contact = {
    chamber: {
      ...chamber,
      phone: take(checkPhone(chamber.phone), 'chamber.phone'),
      mail: take(checkMail(chamber.mail), 'chamber.mail'),
    },
    dpo: {
      ...dpo,
      phone: take(checkPhone(dpo.phone), 'dpo.phone'),
      mail: take(checkMail(dpo.mail), 'dpo.mail'),
    },
  }
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  return contact
}

/** Short numbers of companies (3XXX), and those free of charge for the caller or at the price of a call (0800 to 0809). */
const PUBLIC_NUMBER = /^(?:3\d{3}|080\d{7})$/

/** @returns E.164, or a French number that only France calls, in digits */
function checkPhone(typed: string): Checked<string> {
  const digits = typed.replace(/[\s.\u00a0\u202f-]/g, '')
  if (digits === '' || PUBLIC_NUMBER.test(digits)) return { value: digits }
  const phone = parsePhone(typed)
  return 'value' in phone ? { value: phone.value.e164 } : phone
}

function checkMail(typed: string): Checked<string> {
  return typed === '' ? { value: '' } : parseMail(typed)
}
