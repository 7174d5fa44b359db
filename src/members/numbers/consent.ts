import type { FoundContact } from '../found.ts'
import { isMobile, type Phone } from '../rules.ts'

/**
 * Decides whether a contact receives SMS at a new number. A landline receives none; a mobile that replaces a landline does. An
 * opt-out stays in force, unless the holder of the old number said that it no longer belongs to the business: that opt-out
 * concerned the number, not the person. A number that opted out in the scheme stays opted out, whichever contact it is entered for.
 * @param optedOut the result of `listOptedOut` for the new number
 * @returns `optsIn`: the contact is to be opted in again, with proof, once the number is stored
 */
export function consentAtNumber(
  contact: Pick<FoundContact, 'mobile' | 'sms' | 'change'>,
  { e164, kind }: Phone,
  optedOut: ReadonlySet<string>,
): { readonly sms: boolean; readonly optsIn: boolean } {
  if (kind !== 'mobile' || optedOut.has(e164)) return { sms: false, optsIn: false }
  const hadMobile = contact.mobile !== null && isMobile(contact.mobile)
  const isOut = contact.change !== null && !contact.change.takes
  return { sms: !isOut && (contact.sms || !hadMobile), optsIn: isOut && contact.change?.how === 'link' }
}
