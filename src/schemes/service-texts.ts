import type { Problem } from '../errors.ts'
import { linksIn } from '../guard/contacts.ts'
import { segmentMessage } from '../message/segment.ts'
import { variablesOf } from './compose.ts'

/** The variables of the welcome text: scheme, chamber, shop of the member, phone of the chamber. */
export const WELCOME_VARIABLES = ['dispositif', 'chambre', 'commerce', 'telephone'] as const
export type WelcomeValues = Readonly<Record<(typeof WELCOME_VARIABLES)[number], string>>

/** Who writes, and whom to call for no more alerts and for one's rights (GDPR, article 14): never left out. */
const REQUIRED: readonly string[] = ['dispositif', 'telephone']
export const WELCOME_PARTS = 3

/** Maximum length of a business's name in an SMS; the rest of a standard message then fits one part. */
export const NAME_IN_SMS = 36

/** Has the length of a French number, where the chamber has given none yet. */
export const NO_PHONE = '00 00 00 00 00'

/** Words that ask for money: the public page promises that no SMS does. */
export const ASKS_FOR_MONEY =
  /\b(?:pay(?:er|ez)|r[ée]gl(?:er|ez)|vers(?:er|ez)|virement|reste à|impayée?s?|pay|unpaid|owe|transfer money|overdue)\b/iu
/** Words that ask for a password or a code, likewise. */
export const ASKS_FOR_SECRET =
  /mot de passe|password|identifiant|\b(?:donnez|envoyez|répondez|send|reply with)\b.*\bcode/iu

/** Who writes, and for what: the page of their rights is always linked below the text. */
const REQUIRED_IN_MAIL: readonly string[] = ['dispositif', 'chambre']

/** Fills the welcome text of a scheme. */
export function fillWelcome(template: string, values: WelcomeValues): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name as keyof WelcomeValues] ?? whole)
}

/**
 * Returns every reason for which a welcome text cannot be sent: a variable that nothing fills or that is missing, a link, a word
 * that asks for money or a secret, or too many parts with the longest name of a shop. An empty one is the standard text.
 */
export function welcomeRefusals(
  template: string,
  values: Omit<WelcomeValues, 'commerce'>,
  path: string,
): Problem[] {
  if (template === '') return []
  const text = fillWelcome(template, { ...values, commerce: 'A'.repeat(NAME_IN_SMS) })
  const { parts } = segmentMessage(text, { fold: true })
  return [
    ...wordingRefusals(template, REQUIRED, path),
    ...(parts.length > WELCOME_PARTS
      ? [{ code: 'service_text.long' as const, path, values: { parts: parts.length, max: WELCOME_PARTS } }]
      : []),
  ]
}

/** Returns every reason for which the text of the welcome mail cannot be sent. An empty one is the standard text. */
export function welcomeMailRefusals(template: string, path: string): Problem[] {
  return template === '' ? [] : wordingRefusals(template, REQUIRED_IN_MAIL, path)
}

function wordingRefusals(template: string, required: readonly string[], path: string): Problem[] {
  const variables = variablesOf(template)
  const known: readonly string[] = WELCOME_VARIABLES
  return [
    ...variables
      .filter((name) => !known.includes(name))
      .map((name): Problem => ({ code: 'service_text.unknown_variable', path, values: { name } })),
    ...required
      .filter((name) => !variables.includes(name))
      .map((name): Problem => ({ code: 'service_text.missing', path, values: { name } })),
    ...(/[{}]/.test(template.replace(/\{[^{}]*\}/g, '')) ? [{ code: 'template.braces' as const, path }] : []),
    ...[...linksIn(template)].map(
      ({ link }): Problem => ({ code: 'service_text.link', path, values: { link } }),
    ),
    ...[ASKS_FOR_MONEY, ASKS_FOR_SECRET].flatMap((asks): Problem[] => {
      const [words] = asks.exec(template) ?? []
      return words === undefined ? [] : [{ code: 'service_text.asks', path, values: { words } }]
    }),
  ]
}
