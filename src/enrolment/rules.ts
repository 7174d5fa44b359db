import type { Problem } from '../errors.ts'
import { type Checked, cleanLine, parseMail, parseMobile, parseSiret, requireLine } from '../members/rules.ts'
import type { BusinessStep, ContactStep } from './contract.ts'

/** Days without activity after which a draft is deleted. */
export const DRAFT_DAYS = 2
/** Days that a refused request is kept, so that the applicant can ask for the reason. */
export const REFUSED_DAYS = 90

/** Returns a function that gives the parsed value of a field, or adds its problem. */
function createFieldTaker(problems: Problem[]) {
  return <T>(path: string, checked: Checked<T>): T | null => {
    if ('value' in checked) return checked.value
    problems.push({ code: checked.problem, path })
    return null
  }
}

export interface Business {
  readonly siret: string | null
  readonly name: string
  readonly trade: string
  readonly communeCode: string
  readonly address: string | null
}

/** Checks the first step, except the commune and the register's data. */
export function checkBusiness(
  step: BusinessStep,
  admittedTrades: readonly string[],
): { readonly business: Business; readonly problems: Problem[] } {
  const problems: Problem[] = []
  const take = createFieldTaker(problems)
  const siret = cleanLine(step.siret) === '' ? null : take('siret', parseSiret(step.siret))
  const name = requireLine('name', step.name, problems)
  if (step.trade === '') problems.push({ code: 'input.required', path: 'trade' })
  else if (!admittedTrades.includes(step.trade))
    problems.push({ code: 'unknown_trade', path: 'trade', values: { code: step.trade } })
  if (step.commune === '') problems.push({ code: 'input.required', path: 'commune' })
  return {
    business: {
      siret,
      name,
      trade: step.trade,
      communeCode: step.commune,
      address: cleanLine(step.address) || null,
    },
    problems,
  }
}

export interface Contact {
  readonly person: string
  readonly mobile: string
  readonly mail: string | null
}

/** Checks the second step. A landline is recognised by its digits, so the problem reveals nothing. */
export function checkContact(step: ContactStep): { readonly contact: Contact; readonly problems: Problem[] } {
  const problems: Problem[] = []
  const take = createFieldTaker(problems)
  const person = requireLine('person', step.person, problems)
  const mobile = take('phone', parseMobile(cleanLine(step.phone))) ?? ''
  const mail = cleanLine(step.mail) === '' ? null : take('mail', parseMail(step.mail))
  return { contact: { person, mobile, mail }, problems }
}

/** Checks the name typed under the charter. */
export function checkSignature(step: { readonly name: string; readonly accepted: boolean }): {
  readonly name: string
  readonly problems: Problem[]
} {
  const problems: Problem[] = []
  const name = requireLine('name', step.name, problems)
  if (!step.accepted) problems.push({ code: 'enrolment.not_accepted', path: 'accepted' })
  return { name, problems }
}
