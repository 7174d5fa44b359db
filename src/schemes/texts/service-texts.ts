import type { Problem } from '../../errors.ts'
import { fillText } from '../../i18n/fill.ts'
import { type MailRules, type MailWords, MEMBER_MAILS, type MemberMail } from '../../i18n/member-mails.ts'
import { listRareCharacters } from '../../message/fold.ts'
import { segmentMessage } from '../../message/segment.ts'
import { variablesOf } from './compose.ts'

/** The variables of the welcome text: scheme, chamber, shop of the member, phone of the chamber. */
export const WELCOME_VARIABLES = ['dispositif', 'chambre', 'commerce', 'telephone'] as const
export type WelcomeValues = Readonly<Record<(typeof WELCOME_VARIABLES)[number], string>>

export const WELCOME_PARTS = 3

/** The rules for a service text: its allowed and its required variables, and its length. */
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
  // It must name the sender, and the number to call to opt out or exercise one's rights (GDPR, article 14).
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

/** A link of the length of that in the yearly question, to count the parts of a text with it. */
export const LONG_LINK = `https://${'a'.repeat(60)}`

/** Maximum length of a business's name in an SMS; the rest of a standard message then fits one part. */
export const NAME_IN_SMS = 36

/** Has the length of a French number, where the chamber has given none yet. */
export const NO_PHONE = '00 00 00 00 00'

/** Whole words, whatever letters surround them: `\b` knows no letter with an accent. */
const words = (pattern: string) => new RegExp(`(?<!\\p{L})(?:${pattern})(?!\\p{L})`, 'isu')

/** Words without accents that ask for money: the public page promises that no SMS does. */
const MONEY = words(
  [
    'pay(?:er|ez|ons|e|es|ee|ees|ent|able|ables|ment|ments|ing|pal)?|pai(?:e|es|ent|ement|ements)',
    // But "conforme au règlement (UE)".
    'regl(?:er|ez|ons)|reglements?(?!\\s+(?:general|europeen|interieur|\\())',
    'vers(?:er|ez|ons|ements?)|acquitt(?:er|ez|ons|ements?)|virements?|cheques?(?!\\s+(?:ou\\s+cartes?\\s+)?vole)|iban|rib|carte bancaire',
    'coordonnees bancaires|impaye(?:e|s|es)?',
    // But "reste à votre disposition", and "une panne due à l'orage".
    'restes?\\s+a(?!\\s+(?:votre|vos|disposition|jour|l))|(?:dû|dues?)(?!\\s+(?:a|au|aux|to)\\s)|(?:cotisation|somme)s?\\s+dues?',
    '(?:devez|doit|doivent|devoir)\\s+(?:(?:encore|toujours)\\s+)?(?:\\d+|[a-z]+\\s+(?:cotisation|somme))',
    'unpaid|owe[sd]?|overdue|transfer\\s+money|bank\\s+transfer',
  ].join('|'),
)
/** Words without accents that ask for a secret: the public page promises that no SMS does. */
const SECRETS: readonly RegExp[] = [
  words('mots?\\s+de\\s+passe|passwords?|identifiants?'),
  words('(?:donnez|envoyez|repondez|communiquez|send|reply\\s+with)(?!\\p{L}).*code'),
]
/** A sum, which the texts of the program alone may give, or a number of an account. */
const SUM =
  /(?:\d[\d\s.,]{0,12})?(?:€|(?<!\p{L})(?:euros?|eur)(?!\p{L}))|(?<!\p{L})[a-z]{2}\d{2}(?:\s?\d{4}){3}/iu
/** Numbers in 08, most of which cost the caller. */
const PREMIUM = /(?<!\d)(?:0|(?:\+|00)33\s?(?:\(0\))?)[\s.-]?8(?:[\s.-]?\d){8}(?!\d)/u
const MAIL = /[\p{L}\p{N}._+-]+@[\p{L}\p{N}.-]+/gu
/**
 * Text that a phone may turn into a link: anything joined to a dot and two letters, any scheme, an IP address. `linksIn` lets "le
 * site.me" and "fin.Début" pass, as an operator in a hurry writes an alert; a service text is written once.
 */
const LINK =
  /\p{L}[\p{L}\d+.-]*:\/\/\S*|www\.\S+|(?<![\p{L}\p{N}-])(?:[\p{L}\p{N}-]+\.)+(?:xn--[a-z\d-]+|\p{L}{2,})(?![\p{L}\p{N}])(?:\/\S*)?|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}[/:]\S+/giu

/** Returns a text with plain letters for full-width ones and without invisible characters, as phones show it. */
const plainly = (text: string): string => text.normalize('NFKC').replace(/\p{Cf}/gu, '')

/** Returns a text as it is sent: in GSM-7 if it can be. */
const asSent = (text: string): string => segmentMessage(plainly(text), { fold: true }).parts.join('')

/** Returns a text without its accents, of the same length; "dû" keeps its own, since "du" asks for nothing. */
const withoutAccents = (text: string): string =>
  text.replace(/[\u00c0-\u024f\u1e00-\u1eff]/g, (letter, at: number) =>
    /û/i.test(letter) && /d/i.test(text[at - 1] ?? '') ? letter : (letter.normalize('NFD')[0] ?? letter),
  )

/** Lists the words of a text that ask for money or a secret. */
export function demandsIn(text: string, patterns: readonly RegExp[] = [MONEY, ...SECRETS]): string[] {
  const written = text.normalize('NFC')
  return patterns.flatMap((pattern) => {
    const match = pattern.exec(withoutAccents(written))
    return match === null ? [] : [written.slice(match.index, match.index + match[0].length)]
  })
}

function linksOf(text: string): string[] {
  const links = Array.from(text.replace(MAIL, ' ').matchAll(LINK), ([link]) =>
    link.replace(/[.,;:!?)'’]+$/u, ''),
  )
  return [...new Set(links)]
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
    ...variableRefusals(template, rules, path),
    ...promiseRefusals(template, path),
    ...(says !== undefined && !asSent(template).toLowerCase().replace(/\s+/g, ' ').includes(says)
      ? [{ code: 'service_text.says' as const, path, values: { words: says } }]
      : []),
    ...(encoding === 'UCS-2'
      ? [
          {
            code: 'service_text.rare' as const,
            path,
            values: { characters: listRareCharacters(text).join(' ') },
          },
        ]
      : []),
    ...(parts.length > max
      ? [{ code: 'service_text.long' as const, path, values: { parts: parts.length, max } }]
      : []),
  ]
}

/**
 * Returns every reason for which the words of a mail cannot be sent: a variable that nothing fills or that is missing, a link beside
 * that of the mail, a number in 08, a sum that is written out, or a word that asks for a secret, or for money in a mail about
 * something else. An empty part is the standard text.
 */
export function mailRefusals(mail: MemberMail, words: MailWords, path: string): Problem[] {
  const rules: MailRules = MEMBER_MAILS[mail]
  const variables = Object.keys(rules.variables)
  // Lists of mails show the subject alone: it says whom the mail is from.
  const required = { subject: ['dispositif'], body: rules.required }
  return (['subject', 'body'] as const)
    .filter((part) => words[part] !== '')
    .flatMap((part) => [
      ...variableRefusals(words[part], { variables, required: required[part] }, `${path}.${part}`),
      ...mailPromiseRefusals(words[part], rules.isAboutMoney === true, `${path}.${part}`),
    ])
}

function variableRefusals(
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
    ...(variables.includes('lien') && !hasWholeLink(template)
      ? [{ code: 'service_text.link_broken' as const, path, values: { name: '{lien}' } }]
      : []),
    ...(/[{}]/.test(template.replace(/\{[^{}]*\}/g, '')) ? [{ code: 'template.braces' as const, path }] : []),
  ]
}

/** Returns whether the link is there once, with nothing glued to it that would change where it leads. */
function hasWholeLink(template: string): boolean {
  const sent = asSent(template)
  return sent.split('{lien}').length === 2 && /(?<!\S)\{lien\}(?!\S)/.test(sent)
}

/** Returns what is found in a text as written, else in it as sent with names and without its link. */
function findIn(template: string, find: (text: string) => string[]): string[] {
  const readings = [
    plainly(template),
    asSent(template.replace(/\{(\w+)\}/g, (_, name) => (name === 'lien' ? '' : 'A'))),
  ]
  return readings.map(find).find((words) => words.length > 0) ?? []
}

const matchOf = (pattern: RegExp) => (text: string) => pattern.exec(text)?.slice(0, 1) ?? []

function premiumRefusals(template: string, path: string): Problem[] {
  return findIn(template, matchOf(PREMIUM)).map((number) => ({
    code: 'service_text.premium',
    path,
    values: { number },
  }))
}

/** Checks what the public page promises of SMS. */
function promiseRefusals(template: string, path: string): Problem[] {
  return [
    ...findIn(template, linksOf).map(
      (link): Problem => ({ code: 'service_text.link', path, values: { link } }),
    ),
    ...premiumRefusals(template, path),
    ...findIn(template, (text) => [...demandsIn(text), ...matchOf(SUM)(text)]).map(
      (words): Problem => ({ code: 'service_text.asks', path, values: { words: words.trim() } }),
    ),
  ]
}

/**
 * Checks that a mail leads nowhere but where its own link does, and gives neither a sum nor an account: an account for dues changes
 * under other rules than a text.
 */
function mailPromiseRefusals(template: string, isAboutMoney: boolean, path: string): Problem[] {
  const demands = isAboutMoney ? SECRETS : [MONEY, ...SECRETS]
  return [
    ...findIn(template, linksOf).map((link): Problem => ({ code: 'mail_text.link', path, values: { link } })),
    ...premiumRefusals(template, path),
    ...findIn(template, matchOf(SUM)).map(
      (words): Problem => ({ code: 'mail_text.sum', path, values: { words: words.trim() } }),
    ),
    ...findIn(template, (text) => demandsIn(text, demands)).map(
      (words): Problem => ({ code: 'mail_text.asks', path, values: { words: words.trim() } }),
    ),
  ]
}
