import type { Problem } from '../errors.ts'
import { linksIn } from '../guard/contacts.ts'
import { segmentMessage } from '../message/segment.ts'
import { variablesOf } from './compose.ts'

/** The variables of the welcome text: scheme, chamber, shop of the member, phone of the chamber. */
export const WELCOME_VARIABLES = ['dispositif', 'chambre', 'commerce', 'telephone'] as const
export type WelcomeValues = Readonly<Record<(typeof WELCOME_VARIABLES)[number], string>>

export const WELCOME_PARTS = 3

/** What a text of service may contain, and must. */
interface TextRules {
  readonly variables: readonly string[]
  /** Never left out. */
  readonly required: readonly string[]
  /** Maximum number of SMS, with the longest name of a shop. */
  readonly parts: number
  /** Words that the public page quotes. */
  readonly says?: string
}

const DUES: TextRules = {
  variables: ['dispositif', 'chambre', 'commerce', 'annee'],
  required: ['dispositif', 'commerce'],
  parts: 3,
}

/** The SMS of service that a scheme may word, with the variables of each. Codes and answers to STOP stay those of the program. */
export const SERVICE_SMS = {
  // Who writes, and whom to call for no more alerts and for one's rights (GDPR, article 14).
  welcome: { variables: WELCOME_VARIABLES, required: ['dispositif', 'telephone'], parts: WELCOME_PARTS },
  duesCall: DUES,
  duesReminder: DUES,
  // The only SMS with a link, as the public page says. It does not name the business: the number may be a stranger's by now.
  yearlyQuestion: {
    variables: ['dispositif', 'lien'],
    required: ['dispositif', 'lien'],
    parts: 2,
    says: 'toujours ce numéro',
  },
  left: { variables: ['dispositif', 'commerce'], required: ['dispositif', 'commerce'], parts: 2 },
} as const satisfies Record<string, TextRules>
export type ServiceSms = keyof typeof SERVICE_SMS

/** As long as the link of the yearly question, to count the parts of a text with it. */
export const LONG_LINK = `https://${'a'.repeat(60)}`

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

/** Fills a text of service of a scheme. */
export function fillText(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
}

/**
 * Returns every reason for which a text cannot be sent: a variable that nothing fills or that is missing, a link, a word that asks
 * for money or a secret, characters that no letter of GSM-7 stands for, or too many parts with the longest name of a shop. An empty
 * one is the standard text.
 */
export function serviceSmsRefusals(
  kind: ServiceSms,
  template: string,
  values: Readonly<Record<string, string>>,
  path: string,
): Problem[] {
  if (template === '') return []
  const rules: TextRules = SERVICE_SMS[kind]
  const text = fillText(template, {
    annee: '2000',
    lien: LONG_LINK,
    ...values,
    commerce: 'A'.repeat(NAME_IN_SMS),
  })
  const { parts, encoding } = segmentMessage(text, { fold: true })
  const { says, parts: max } = rules
  return [
    ...wordingRefusals(template, rules, path),
    ...(says !== undefined && !template.toLowerCase().includes(says)
      ? [{ code: 'service_text.says' as const, path, values: { words: says } }]
      : []),
    ...(encoding === 'UCS-2' ? [{ code: 'service_text.rare' as const, path }] : []),
    ...(parts.length > max
      ? [{ code: 'service_text.long' as const, path, values: { parts: parts.length, max } }]
      : []),
  ]
}

/** Returns every reason for which the text of the welcome mail cannot be sent. An empty one is the standard text. */
export function welcomeMailRefusals(template: string, path: string): Problem[] {
  return template === ''
    ? []
    : wordingRefusals(template, { variables: WELCOME_VARIABLES, required: REQUIRED_IN_MAIL }, path)
}

function wordingRefusals(
  template: string,
  { variables: known, required }: Pick<TextRules, 'variables' | 'required'>,
  path: string,
): Problem[] {
  const variables = variablesOf(template)
  return [
    ...variables
      .filter((name) => !known.includes(name))
      .map(
        (name): Problem => ({
          code: 'service_text.unknown_variable',
          path,
          values: { name, known: known.join(', ') },
        }),
      ),
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
