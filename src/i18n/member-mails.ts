import type { Lang } from './format.ts'

/** Longest subject and body that a scheme may write, in characters. */
export const MAIL_SUBJECT_LENGTH = 150
export const MAIL_BODY_LENGTH = 2000

/** The rules for the text of a mail: its allowed and its required variables. */
export interface MailRules {
  /** The message of the standard text: `KEY.subject`, `KEY.body`, and `KEY.action` for the label of its link. */
  readonly key: `mail.${string}`
  /** The value of the message that fills each variable. */
  readonly variables: Readonly<Record<string, string>>
  /** Never left out of the body. */
  readonly required: readonly string[]
  /** Whether it may ask to pay; its sum is a variable, and the account is on the page that its link opens. */
  readonly isAboutMoney?: boolean
}

const NAMES = {
  dispositif: 'scheme',
  chambre: 'chamber',
  telephone: 'chamberPhone',
  commerce: 'name',
} as const
const DUES = { ...NAMES, annee: 'year', montant: 'amount', echeance: 'day' } as const
const SIMPLE = { variables: NAMES, required: ['commerce'] } as const

/**
 * The mails to members that a scheme may word in place of the standard text. Fixed are codes, mandates and debits, the confirmation
 * of an opt-out, and what says that alerts end or what is owed after an error.
 */
export const MEMBER_MAILS = {
  // It must name the sender and the purpose (GDPR, article 14); a link to the page of rights always follows the text.
  welcomeMail: { key: 'mail.change.welcome', variables: NAMES, required: ['dispositif', 'chambre'] },
  // It confirms a signature: of which charter, when and by whom. The charter follows the text.
  requestMail: {
    key: 'mail.enrolment.submitted',
    variables: { ...NAMES, version: 'version', jour: 'day', personne: 'person' },
    required: ['commerce', 'version', 'jour', 'personne'],
  },
  approvedMail: {
    key: 'mail.enrolment.approved',
    variables: { ...NAMES, expediteur: 'sender' },
    required: ['commerce', 'expediteur'],
  },
  // Most often what remains to be settled is the fee.
  joinedMail: { key: 'mail.enrolment.joined', ...SIMPLE, isAboutMoney: true },
  refusedMail: {
    key: 'mail.enrolment.refused',
    variables: { ...NAMES, motif: 'reason', precision: 'note' },
    required: ['commerce', 'motif', 'precision'],
  },
  correctedMail: { key: 'mail.correction.accepted', ...SIMPLE },
  // A request to rectify is declined with the reason (GDPR, article 12).
  declinedMail: {
    key: 'mail.correction.declined',
    variables: { ...NAMES, motif: 'reason' },
    required: ['commerce', 'motif'],
  },
  uncorrectedMail: { key: 'mail.correction.undone', ...SIMPLE },
  deadNumberMail: {
    key: 'mail.number_dead',
    variables: { ...NAMES, fin: 'end' },
    required: ['commerce', 'fin'],
  },
  resumedMail: { key: 'mail.change.resume', ...SIMPLE },
  duesCallMail: {
    key: 'mail.dues.call',
    variables: DUES,
    required: ['commerce', 'annee', 'montant', 'echeance'],
    isAboutMoney: true,
  },
  duesReminderMail: {
    key: 'mail.dues.reminder',
    variables: DUES,
    required: ['commerce', 'annee', 'montant', 'echeance'],
    isAboutMoney: true,
  },
  duesRestoredMail: {
    key: 'mail.dues.restored',
    variables: { ...NAMES, annee: 'year' },
    required: ['commerce'],
    isAboutMoney: true,
  },
} as const satisfies Readonly<Record<string, MailRules>>
export type MemberMail = keyof typeof MEMBER_MAILS
export const MEMBER_MAIL_NAMES = Object.keys(MEMBER_MAILS) as MemberMail[]

/** The words of a mail; an empty one is the standard text. */
export interface MailWords {
  readonly subject: string
  readonly body: string
}

/** The mails that a scheme words, by language; other keys are of other texts of the scheme. */
export type OwnMails = Readonly<Partial<Record<MemberMail, Readonly<Record<Lang, MailWords>>>>>
