import type { Permission, Role } from '../permissions.ts'

/** The permissions to propose a change of some settings and to put it in force. */
interface Subject {
  /** The permission that proposes. */
  readonly propose: Permission
  /** Roles that put it in force: another account than the one that proposed. */
  readonly inForceBy: readonly Role[]
}

/**
 * Settings under the two-person rule, by what they belong to. Chiefs and the chamber watch each other where a rule concerns both;
 * only the chamber handles money; a chief may not choose the magistrates, since chiefs record authorisations under their names. Roles
 * above operator have a subject each; who may propose which is in people/roles/rights.ts.
 */
export const SUBJECTS = {
  doctrine: { propose: 'doctrine.set', inForceBy: ['chamber', 'chief'] },
  categories: { propose: 'doctrine.set', inForceBy: ['chamber', 'chief'] },
  scheme: { propose: 'doctrine.set', inForceBy: ['chamber', 'chief'] },
  texts: { propose: 'doctrine.set', inForceBy: ['chamber', 'chief'] },
  observers: { propose: 'observer.manage', inForceBy: ['chamber', 'chief'] },
  magistrates: { propose: 'magistrate.manage', inForceBy: ['chamber', 'magistrate'] },
  dues: { propose: 'dues.settings', inForceBy: ['chamber'] },
  messages: { propose: 'message.settings', inForceBy: ['chamber', 'chief'] },
  enrolment: { propose: 'enrolment.settings', inForceBy: ['chamber', 'chief'] },
  access: { propose: 'access.set', inForceBy: ['chamber', 'chief'] },
  role_chief: { propose: 'people.manage', inForceBy: ['chamber', 'chief'] },
  role_chamber: { propose: 'people.manage', inForceBy: ['chamber', 'chief'] },
  role_magistrate: { propose: 'people.manage', inForceBy: ['chamber', 'magistrate'] },
} as const satisfies Record<string, Subject>

export type SettingSubject = keyof typeof SUBJECTS
export const SETTING_SUBJECTS = Object.keys(SUBJECTS) as SettingSubject[]

/** `second`: put in force by another account. `cooled`: also not before the cooling time has passed. `direct`: at once. */
export type SettingNeed = 'second' | 'cooled' | 'direct'

interface SettingRule {
  readonly needs: SettingNeed
  readonly why: string
}

/**
 * The requirement for changing each setting: a second person if it governs the two-person rule, money, the recipients and content
 * of texts, or access above an operator. A name covers the settings inside it. Settings that are no part of a subject here have
 * an operation in `DIRECT_OPERATIONS`.
 */
export const SETTINGS = {
  'doctrine.approval': { needs: 'second', why: 'Which alerts need a second person.' },
  'doctrine.unansweredMinutes': { needs: 'second', why: 'When an author may order without an answer.' },
  'doctrine.emergencyOverride': { needs: 'second', why: 'Whether a chief may order alone.' },
  'doctrine.descriptionLevel': { needs: 'second', why: 'What a text may say without the prosecutor.' },
  'doctrine.lateAfterMinutes': { needs: 'second', why: 'From when on a call needs a written reason.' },
  'doctrine.outsideZone': { needs: 'second', why: 'Whether an alert outside the zone needs a reason.' },
  'doctrine.leakTracing': { needs: 'second', why: 'Whether a leaked copy can be traced to its recipient.' },
  'doctrine.care': { needs: 'second', why: 'Which members an alert skips, and what callers are answered.' },
  'doctrine.nextCallSeconds': {
    needs: 'direct',
    why: 'Reaches the next person earlier or later; each still decides.',
  },
  'doctrine.closingMessage': { needs: 'direct', why: 'A fixed text to the recipients of the first message.' },
  'doctrine.cancelWindowSeconds': {
    needs: 'direct',
    why: 'Seconds to undo an order; nobody else is concerned.',
  },
  'categories.add': { needs: 'second', why: 'What alerts of a new kind say, and how urgent they are.' },
  'categories.change': {
    needs: 'second',
    why: 'What messages say, and by severity and level which alerts need a second person.',
  },
  'categories.label': {
    needs: 'direct',
    why: 'The English name, which no message says, and the area that is proposed; each order shows whom it reaches.',
  },
  'categories.remove': { needs: 'second', why: 'Which offences members can be warned of.' },
  'categories.restore': { needs: 'second', why: 'As a new category.' },
  'scheme.name': { needs: 'second', why: 'Who texts say that they are from.' },
  'scheme.sender': { needs: 'second', why: 'Who phones show that texts are from.' },
  'scheme.closingAdvice': { needs: 'second', why: 'The last sentence of every alert.' },
  'scheme.timeZone': { needs: 'second', why: 'The hours that alerts say, and when quiet hours are.' },
  'scheme.languages': {
    needs: 'direct',
    why: 'In which languages names are written; no message changes, and people keep the language of their screens.',
  },
  'scheme.referencePrefix': {
    needs: 'second',
    why: 'What references of alerts begin with, which people check.',
  },
  'scheme.chamber': { needs: 'second', why: 'Who members read that messages and dues are from.' },
  'scheme.territory': {
    needs: 'second',
    why: 'Where members are admitted, and which communes alerts are for.',
  },
  'scheme.alertLifetimeHours': { needs: 'direct', why: 'Each order shows when its alert expires.' },
  'scheme.smsPriceMillicents': { needs: 'direct', why: 'What figures of cost are computed from.' },
  'texts.welcome': {
    needs: 'second',
    why: 'The welcome SMS: why members get messages, and their rights.',
  },
  'texts.duesCall': {
    needs: 'second',
    why: 'The SMS of a payment request, which the promises of the public page bind.',
  },
  'texts.duesReminder': {
    needs: 'second',
    why: 'The SMS of a reminder of dues, as that of a payment request.',
  },
  'texts.yearlyQuestion': {
    needs: 'second',
    why: 'The SMS of the yearly question, the only one with a link.',
  },
  'texts.left': { needs: 'second', why: 'The SMS on leaving.' },
  'texts.welcomeMail': {
    needs: 'second',
    why: 'The welcome mail: why members get messages, and their rights.',
  },
  'texts.requestMail': { needs: 'second', why: 'What confirms a request and the charter that was signed.' },
  'texts.approvedMail': { needs: 'second', why: 'What a new member keeps: the sender of alerts.' },
  'texts.joinedMail': { needs: 'second', why: 'The answer to a request, before alerts.' },
  'texts.refusedMail': { needs: 'second', why: 'Why a request was refused.' },
  'texts.correctedMail': { needs: 'second', why: 'What answers a request to correct.' },
  'texts.declinedMail': { needs: 'second', why: 'Why a request to correct was declined.' },
  'texts.uncorrectedMail': { needs: 'second', why: 'What says that a correction was undone.' },
  'texts.deadNumberMail': { needs: 'second', why: 'What says that alerts do not arrive.' },
  'texts.resumedMail': { needs: 'second', why: 'What says that alerts arrive again.' },
  'texts.duesCallMail': { needs: 'second', why: 'What asks for money in the name of the chamber.' },
  'texts.duesReminderMail': { needs: 'second', why: 'As the email of a payment request.' },
  'texts.duesRestoredMail': { needs: 'second', why: 'As the email of a payment request.' },
  'observers.add': { needs: 'second', why: 'A new number gets every text.' },
  'observers.change': { needs: 'second', why: 'Decides who gets every text, and at which level.' },
  'observers.remove': { needs: 'direct', why: 'Fewer people get the texts.' },
  'magistrates.add': {
    needs: 'second',
    why: 'Whose authorisation may be recorded, and where they are asked.',
  },
  'magistrates.change': {
    needs: 'second',
    why: 'Whose authorisation may be recorded, and where they are asked.',
  },
  'dues.creditor.name': { needs: 'second', why: 'Who is paid.' },
  'dues.creditor.iban': { needs: 'cooled', why: 'The account that dues go to.' },
  'dues.creditor.bic': { needs: 'cooled', why: 'The bank that dues go to.' },
  'dues.creditor.sepaId': { needs: 'cooled', why: 'Who may collect from the accounts of members.' },
  'dues.creditor.chequeOrder': { needs: 'cooled', why: 'Who cashes the cheques.' },
  'dues.creditor.address': { needs: 'direct', why: 'Printed on receipts; no money goes there.' },
  'dues.creditor.siret': { needs: 'direct', why: 'Printed on receipts.' },
  'dues.creditor.receiptNote': { needs: 'direct', why: 'Printed on receipts.' },
  'dues.creditor.vat': { needs: 'direct', why: 'Printed on invoices.' },
  'dues.creditor.vatNumber': { needs: 'direct', why: 'Printed on invoices.' },
  'dues.creditor.vatReason': { needs: 'direct', why: 'Printed on invoices.' },
  'dues.rule': { needs: 'second', why: 'Whether members who owe stop getting alerts.' },
  'dues.ruleAfterDays': { needs: 'second', why: 'When members who owe stop getting alerts.' },
  'dues.remindAfterDays': { needs: 'direct', why: 'When members who owe are reminded.' },
  'dues.sms': { needs: 'direct', why: 'How members who owe are reminded.' },
  'dues.fees': {
    needs: 'direct',
    why: 'What the form of the next campaign starts with; members owe what it is opened with.',
  },
  'dues.accounts': { needs: 'direct', why: 'Numbers in the accounting export.' },
  'messages.aloneMax': { needs: 'second', why: 'How many members one person may write to alone.' },
  'enrolment.codeBudgets': {
    needs: 'direct',
    why: 'A daily limit that may have to be raised at once so that members sign in; an alarm warns of it.',
  },
  'enrolment.destinations': {
    needs: 'second',
    why: 'To which numbers anybody may have the scheme send SMS.',
  },
  'access.signIn': { needs: 'second', why: 'How agents prove who they are, and who is kept out.' },
  'access.organisations': {
    needs: 'second',
    why: 'Whose agents the identity provider may bring into the accounts of an agency.',
  },
  'role_chief.given': {
    needs: 'second',
    why: 'Who approves alerts and decides on settings: given to a new or an existing account, or for another agency.',
  },
  'role_chamber.given': { needs: 'second', why: 'Who handles money and members, and decides on settings.' },
  'role_magistrate.given': { needs: 'second', why: 'Who authorises and reviews alerts.' },
  'enrolment.autoApprove': { needs: 'second', why: 'Whether a business gets alerts that nobody admitted.' },
} as const satisfies Readonly<Record<`${SettingSubject}.${string}`, SettingRule>>

export type SettingName = keyof typeof SETTINGS
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]

const ROLE_SUBJECTS = [
  'role_chief',
  'role_chamber',
  'role_magistrate',
] as const satisfies readonly SettingSubject[]
type RoleSubject = (typeof ROLE_SUBJECTS)[number]

/** Returns the subject of a role that a second person puts in force; undefined for the others. */
export function subjectOfRole(role: Role): RoleSubject | undefined {
  return ROLE_SUBJECTS.find((subject) => subject === `role_${role}`)
}

/** Returns the setting of a role that a second person puts in force. */
export function settingOfRole(subject: RoleSubject): SettingName {
  return `${subject}.given`
}

/** Returns whether a change gives a role above operator. */
export function isRoleSubject(subject: SettingSubject): subject is RoleSubject {
  return ROLE_SUBJECTS.some((one) => one === subject)
}

/** Returns whether a subject has several rows: observers, magistrates, categories, holders of a role; the settings of the others are one object. */
export function hasRows(subject: SettingSubject): boolean {
  return (
    subject === 'observers' || subject === 'magistrates' || subject === 'categories' || isRoleSubject(subject)
  )
}

/** Lists the accounts that get a role by a change, in the format of the audit log: they do not decide on it. */
export function accountsGiven({
  subject,
  parts,
}: {
  readonly subject: SettingSubject
  readonly parts: readonly Pick<SettingPart, 'after'>[]
}): string[] {
  if (!isRoleSubject(subject)) return []
  return parts.flatMap(({ after }) => {
    const { userId = null } = (after ?? {}) as { readonly userId?: string | null }
    return userId === null ? [] : [`user:${userId}`]
  })
}

/** Operations that change settings under the two-person rule, and their subjects. */
export const GOVERNED_OPERATIONS = {
  setDoctrine: 'doctrine',
  addCategory: 'categories',
  changeCategory: 'categories',
  setSchemeGeneral: 'scheme',
  setServiceTexts: 'texts',
  setObservers: 'observers',
  addObserver: 'observers',
  removeObserver: 'observers',
  addOnCallPerson: 'magistrates',
  changeOnCallPerson: 'magistrates',
  setDuesSettings: 'dues',
  setMessageSettings: 'messages',
  setEnrolmentSettings: 'enrolment',
  setAccessSettings: 'access',
  invitePerson: ROLE_SUBJECTS,
  changeRole: ROLE_SUBJECTS,
} as const satisfies Readonly<Record<string, SettingSubject | readonly SettingSubject[]>>

/** Operations that change other settings of a scheme, and why one person is enough. */
export const DIRECT_OPERATIONS = {
  setNumberSettings: 'A question to members once a year; nobody is added or removed by it.',
  createScheme:
    'A scheme without people, members or an account for dues; its first people read every setting.',
  orderCategories: 'The order of a list, and its keys 1 to 9.',
  setSchemeContact: 'Whom members call; no code or money goes there, and the log keeps the former one.',
  setPublication: 'Publishes counts and times, no text and no name.',
  publishCharter: 'A version is kept for ever under its author; signatures stay with their own text.',
  setTrades:
    'How businesses are grouped: members keep their trade, and each order shows its counts before it leaves.',
  createSector: 'A named list of communes: each order shows its communes and counts before it leaves.',
  changeSector: 'As a new sector.',
  removeSector: 'As a new sector; a sector that is used cannot be removed.',
  restoreSector: 'As a new sector.',
  createAgency:
    'A service without people, never a chamber: who gets which role in it is decided as for any other, and an order shows where it acts.',
  renameAgency:
    'What a service is called, never the chamber, whose name messages say; accounts, organisations and zones stay with its code.',
  setZone: 'Where an alert needs a reason, never who approves it.',
  removeOnCallPerson: 'Fewer people are asked; accounts and what they recorded stay.',
  addOnCallAbsence: 'Who is called first: each still decides by their own account or number.',
  removeOnCallAbsence: 'As an absence.',
  removeRole: 'Fewer people have access; the last holder of a needed role only with a reason.',
  inviteAgain: 'A new link to the same person; the earlier one is no longer valid.',
  withdrawInvitation: 'The account was never opened.',
  liftRequiredSignIn:
    'By the break-glass account alone, which two open; loud on every screen, and each role keeps what it may do.',
  disablePerson: 'Closing waits for nobody; the last holder of a needed role only with a reason.',
  enablePerson: 'Gives back what the account had; undoes a closing.',
  recoverPerson:
    'Urgent for who is locked out; the link goes to the holder, who decides as the second person after the cooling time.',
  endPersonSessions: 'The person may sign in again.',
} as const satisfies Readonly<Record<string, string>>

/** Days after which a change that nobody decided has expired. */
export const EXPIRE_DAYS = 14

/** Maximum number of changes that wait in one scheme. */
export const MAX_WAITING = 30

/** One setting that changes. */
export interface SettingPart {
  readonly setting: SettingName
  readonly before: unknown
  readonly after: unknown
}

export function needOf({ setting }: Pick<SettingPart, 'setting'>): SettingNeed {
  return SETTINGS[setting].needs
}

/** Returns the settings of a subject that differ, for subjects whose settings are one object. */
export function changedParts(subject: SettingSubject, before: object, after: object): SettingPart[] {
  return SETTING_NAMES.filter((name) => name.startsWith(`${subject}.`)).flatMap((setting) => {
    const path = pathOf(setting)
    const [was, is] = [valueAt(before, path), valueAt(after, path)]
    return isSame(was, is) ? [] : [{ setting, before: was, after: is }]
  })
}

/** Returns the settings with these parts changed. */
export function withParts<T extends object>(settings: T, parts: readonly SettingPart[]): T {
  const copy = structuredClone(settings) as Record<string, unknown>
  for (const { setting, after } of parts) {
    const path = pathOf(setting)
    const last = path.pop() ?? ''
    let holder = copy
    for (const name of path) holder = holder[name] as Record<string, unknown>
    holder[last] = after
  }
  return copy as T
}

/** Returns whether each part still has the value that it was proposed to replace. */
export function stillHolds(settings: object, parts: readonly SettingPart[]): boolean {
  return parts.every(({ setting, before }) => isSame(valueAt(settings, pathOf(setting)), before))
}

function pathOf(setting: SettingName): string[] {
  return setting.split('.').slice(1)
}

function valueAt(settings: object, path: readonly string[]): unknown {
  let value: unknown = settings
  for (const name of path) value = (value as Record<string, unknown> | undefined)?.[name]
  return value
}

/** Compares values as JSON, in which they are stored, whatever the order of their keys. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => isSame(one, b[i]))
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>]
    return [...keys].every((key) => isSame(one[key], other[key]))
  }
  return (a ?? null) === (b ?? null)
}

export type ChangeState = 'proposed' | 'in_force' | 'rejected' | 'withdrawn' | 'overtaken' | 'expired'

/** Returns the state of a change now: one that was never decided expires by itself. */
export function stateNow(
  { state, expiresAt }: { readonly state: Exclude<ChangeState, 'expired'>; readonly expiresAt: Date },
  now: Date,
): ChangeState {
  return state === 'proposed' && expiresAt <= now ? 'expired' : state
}

/** The account to which a change is shown. */
interface Reader {
  /** In the format of the audit log. */
  readonly actor: string
  readonly roles: readonly Role[]
}

/** The decisions on a change that are open to an account. */
export interface MayDecide {
  readonly putInForce: boolean
  /** Whether only the cooling time keeps them from putting it in force. */
  readonly cooling: boolean
  readonly reject: boolean
  readonly withdraw: boolean
}

/**
 * Says what an account may do with a change. The account that proposed it puts it in force only when it was declared that no other
 * account has the role, and as long as that is so.
 * @param at `others`: whether another account decides, now or once its cooling time has passed; `unsettled`: whether accounts with
 * the role were closed, changed or recovered within the cooling time, so that being alone may be the doing of the proposer
 */
export function mayDecide(
  change: {
    readonly subject: SettingSubject
    readonly state: ChangeState
    readonly proposedBy: string
    readonly readyAt: Date
    readonly alone: boolean
  },
  { actor, roles }: Reader,
  {
    now,
    others,
    unsettled = false,
  }: { readonly now: Date; readonly others: boolean; readonly unsettled?: boolean },
): MayDecide {
  const isOpen = change.state === 'proposed'
  const isOwn = change.proposedBy === actor
  const inForceBy: readonly Role[] = SUBJECTS[change.subject].inForceBy
  const hasRole = roles.some((role) => inForceBy.includes(role))
  const may = isOpen && (isOwn ? change.alone && !others : hasRole)
  const isReady = change.readyAt <= now && !(isOwn && unsettled)
  return {
    putInForce: may && isReady,
    cooling: may && !isReady,
    reject: isOpen && !isOwn && hasRole,
    withdraw: isOpen && isOwn,
  }
}
