import { NO_SCHEME } from './audit/chain.ts'
import { AppError } from './errors.ts'

/**
 * Proof of identity of a user of the console; `demo`: by a button of the demo; `provider`: at the identity provider, which did
 * not report a second factor; `provider_mfa`: it reported one; `break_glass`: the codes of both sealed envelopes.
 */
export type Factor = 'password' | 'code' | 'passkey' | 'demo' | 'provider' | 'provider_mfa' | 'break_glass'

/** The sign-in that a scheme requires of a role: any, one with a second factor, or one by the identity provider. */
export type SignInNeed = 'any' | 'second_factor' | 'provider'

/**
 * `admin`, the administrator of the platform, is given outside the schemes and holds in each of them; it reads nothing of their work.
 * `break_glass`, the sealed account that lets people in again, holds in the same way while it is open (src/break-glass/).
 */
export type Role = 'operator' | 'chief' | 'magistrate' | 'chamber' | 'trade_chamber' | 'admin' | 'break_glass'

/** A role that is given in a scheme. */
export type SchemeRole = Exclude<Role, 'admin' | 'break_glass'>

/**
 * The extent of a permission: the whole scheme, or the members of some trades (those of the grant); `installation`: what belongs
 * to no scheme.
 */
export type Scope = 'scheme' | 'trades' | 'installation'

/** Permissions of each role. An action not listed here is refused. */
export const permissions = {
  'scheme.read': {
    operator: 'scheme',
    chief: 'scheme',
    magistrate: 'scheme',
    chamber: 'scheme',
    trade_chamber: 'scheme',
    admin: 'scheme',
    break_glass: 'scheme',
  },
  'territory.read': {
    operator: 'scheme',
    chief: 'scheme',
    magistrate: 'scheme',
    chamber: 'scheme',
    trade_chamber: 'scheme',
  },
  'report.create': { operator: 'scheme', chief: 'scheme' },
  'report.read': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  'report.decide': { operator: 'scheme', chief: 'scheme' },
  'series.read': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  'series.link': { operator: 'scheme', chief: 'scheme' },
  // Relays of an alert to another scheme, and that scheme's response: each is checked in its own scheme.
  'relay.read': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  'relay.propose': { operator: 'scheme', chief: 'scheme' },
  'relay.decide': { operator: 'scheme', chief: 'scheme' },
  // Finding the recipient of a leaked copy: with a reason only, which is audited.
  'delivery.trace': { chief: 'scheme' },
  // A screen on the wall of a control room, without names, numbers or texts.
  'wall.open': { operator: 'scheme', chief: 'scheme' },
  'alert.compose': { operator: 'scheme', chief: 'scheme' },
  'alert.broadcast': { operator: 'scheme', chief: 'scheme' },
  'alert.submit': { operator: 'scheme', chief: 'scheme' },
  // As the second person of an alert or a follow-up, which its author can never be.
  'alert.approve': { chief: 'scheme', magistrate: 'scheme' },
  'alert.override': { chief: 'scheme' },
  // Letting a member's name that is an ordinary word stand in a text.
  'guard.pass': { chief: 'scheme' },
  // The people who can be called about an alert, their numbers, and the calls.
  'on_call.read': { operator: 'scheme', chief: 'scheme', chamber: 'scheme' },
  'on_call.set': { chief: 'scheme', chamber: 'scheme' },
  'call_out.read': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  'alert.review': { chief: 'scheme', magistrate: 'scheme' },
  'authorisation.record': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  // Every use of one's own name in an authorisation.
  'authorisation.own': { magistrate: 'scheme' },
  // Update, correction, all-clear, outcome.
  'alert.follow_up': { operator: 'scheme', chief: 'scheme' },
  'alert.stop': { operator: 'scheme', chief: 'scheme' },
  'alert.close': { operator: 'scheme', chief: 'scheme' },
  'alert.read': {
    operator: 'scheme',
    chief: 'scheme',
    magistrate: 'scheme',
    chamber: 'scheme',
  },
  // Texts not approved yet, or sent with the prosecutor's authorisation: not for the chamber.
  'alert.read_precise': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  'audience.preview': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  'delivery.read': { operator: 'scheme', chief: 'scheme', chamber: 'scheme' },
  // Details of the SMS routes (counts, refusals, workers), whose state all users may see.
  'route.read': { operator: 'scheme', chief: 'scheme', chamber: 'scheme' },
  'caller.find': { operator: 'scheme', chief: 'scheme' },
  'member.read': {
    operator: 'scheme',
    chief: 'scheme',
    chamber: 'scheme',
    trade_chamber: 'trades',
  },
  // Saved filters, private and shared.
  'member.views': {
    operator: 'scheme',
    chief: 'scheme',
    chamber: 'scheme',
    trade_chamber: 'trades',
  },
  // Members by hand and in bulk, with the undo, and what businesses ask to correct.
  'member.change': { chamber: 'scheme', trade_chamber: 'trades' },
  // Notes of the chamber on members, which the forces never read.
  'member.notes': { chamber: 'scheme', trade_chamber: 'trades' },
  // Tags of members; a trade chamber sets them on members of its trades, and the chamber renames, merges and removes them.
  'member.tags': { chamber: 'scheme', trade_chamber: 'trades' },
  'tag.manage': { chamber: 'scheme' },
  // Full numbers, for users who manage the list.
  'member.numbers': { chamber: 'scheme', trade_chamber: 'trades' },
  // Dead and doubtful numbers, and their correction.
  'number.read': { chamber: 'scheme', trade_chamber: 'trades' },
  'number.correct': { chamber: 'scheme', trade_chamber: 'trades' },
  'number.settings': { chamber: 'scheme' },
  // The screen of all that waits for a chamber.
  'today.read': { chamber: 'scheme', trade_chamber: 'trades' },
  // Duplicates: merging them, marking them as different, and undoing either.
  'member.merge': { chamber: 'scheme', trade_chamber: 'trades' },
  // Requests to join.
  'enrolment.read': { chamber: 'scheme', trade_chamber: 'trades' },
  'enrolment.decide': { chamber: 'scheme', trade_chamber: 'trades' },
  'enrolment.settings': { chamber: 'scheme' },
  // Publishing a new version of the charter.
  'charter.publish': { chamber: 'scheme' },
  'member.import': { chamber: 'scheme', trade_chamber: 'trades' },
  'member.export': { chamber: 'scheme', trade_chamber: 'trades' },
  'member.care': { chamber: 'scheme' },
  // Amounts due, and receipts.
  'dues.read': { chamber: 'scheme', trade_chamber: 'trades' },
  // Payments entered by hand, waivers, members notified in person: only the chamber handles money.
  'dues.manage': { chamber: 'scheme' },
  // Campaigns, reminders, the rule for late payers, the creditor.
  'dues.settings': { chamber: 'scheme' },
  // The whole ledger, for accounting.
  'dues.export': { chamber: 'scheme' },
  // Counts only: no text, number or name. A trade chamber gets those of its trades.
  'statistics.read': {
    operator: 'scheme',
    chief: 'scheme',
    magistrate: 'scheme',
    chamber: 'scheme',
    trade_chamber: 'trades',
  },
  'statistics.publish': { chamber: 'scheme' },
  // The accesses to a member's data.
  'member.accesses': { chamber: 'scheme', trade_chamber: 'trades' },
  // Retention periods, deletions, and the record of processing.
  'retention.read': { chief: 'scheme', chamber: 'scheme' },
  // Requests about personal data and their answers; an erasure is permanent.
  'request.manage': { chamber: 'scheme' },
  // The file of a member who asks a trade chamber for its data; requests and their deadlines are those of the chamber.
  'member.file': { trade_chamber: 'trades' },
  // Service messages to members. Above a number of recipients, another user than the author must order it.
  'message.read': { chief: 'scheme', chamber: 'scheme', trade_chamber: 'trades' },
  'message.write': { chamber: 'scheme', trade_chamber: 'trades' },
  'message.approve': { chief: 'scheme', chamber: 'scheme' },
  'message.settings': { chamber: 'scheme' },
  // The magistrates whose authorisation may be recorded. Users who record one may not choose who will confirm it.
  'magistrate.read': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme', chamber: 'scheme' },
  'magistrate.manage': { chamber: 'scheme' },
  'observer.manage': { chief: 'scheme', chamber: 'scheme' },
  'audit.read': { chief: 'scheme', chamber: 'scheme' },
  // The log of what belongs to no scheme: configuration, accounts, sign-ins.
  'audit.read_installation': { admin: 'installation' },
  // The state of the mail server, and a test mail to oneself.
  'mail.check': { chief: 'scheme', chamber: 'scheme' },
  // Health, background jobs, backups and versions of the installation.
  'operation.read': { admin: 'installation' },
  // Accounts with a role in the scheme. Who may do what to whom: people/roles/rights.ts.
  'people.read': { chief: 'scheme', chamber: 'scheme', admin: 'scheme', break_glass: 'scheme' },
  'people.manage': { chief: 'scheme', chamber: 'scheme', admin: 'scheme', break_glass: 'scheme' },
  // Sectors, and the zones of police and gendarmerie agencies.
  'sector.manage': { chamber: 'scheme' },
  'zone.manage': { chamber: 'scheme' },
  // The trades that may join, with the activities and words that lead to them.
  'trade.manage': { chamber: 'scheme' },
  // The sign-in that each role needs, and the organisations of the agencies.
  'access.set': { chief: 'scheme', chamber: 'scheme' },
  // Lifting the sign-ins that a scheme requires, when nobody can meet them.
  'access.lift': { break_glass: 'scheme' },
  // The sealed account of the installation: making its envelopes, ending it while it is open, what it sees itself.
  'break_glass.seal': { admin: 'installation' },
  'break_glass.close': {
    chief: 'installation',
    chamber: 'installation',
    admin: 'installation',
    break_glass: 'installation',
  },
  'break_glass.use': { break_glass: 'installation' },
  'doctrine.read': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme', chamber: 'scheme' },
  // Users who send alerts may not change the rules that apply to them.
  'doctrine.set': { chamber: 'scheme' },
  // Changes of settings that another account puts in force: which ones is decided by src/settings/rules.ts.
  'setting_change.read': {
    chief: 'scheme',
    magistrate: 'scheme',
    chamber: 'scheme',
    admin: 'scheme',
    break_glass: 'scheme',
  },
  'setting_change.decide': { chief: 'scheme', magistrate: 'scheme', chamber: 'scheme', admin: 'scheme' },
  // New schemes, from a file or a copy, and the list of all of them.
  'scheme.create': { admin: 'installation' },
  // The file of a scheme: its settings, no member and no person with an account.
  'scheme.export': { chamber: 'scheme', admin: 'scheme' },
  // Only the program does these (command line, start of the demo): no role has them.
  'scheme.load': {},
} as const satisfies Record<string, Partial<Record<Role, Scope>>>

export type Permission = keyof typeof permissions

/** Returns whether a permission is about the installation, so that `authorizeInstallation` checks it. */
export function isOfInstallation(permission: Permission): boolean {
  return Object.values<Scope>(permissions[permission]).includes('installation')
}

/** Statuses of members whose contacts may sign in: those who left may not. */
export type ShopStatus = 'pending' | 'active' | 'suspended'

/**
 * Permissions of a contact for its own shop, by the status of its member. It has no access to any other member's data. An action
 * not listed here is refused.
 */
export const ownPermissions = {
  // Its alerts, business, contacts and reports.
  'own.read': ['pending', 'active', 'suspended'],
  // Confirming that an alert was read.
  'own.confirm': ['active', 'suspended'],
  // Reports to the operators.
  'own.report': ['active'],
  // Its phones and people, its quiet hours, its name and address.
  'own.change': ['pending', 'active', 'suspended'],
  // Its direct debit mandate, and paying its dues.
  'own.pay': ['pending', 'active', 'suspended'],
  'own.leave': ['pending', 'active', 'suspended'],
} as const satisfies Record<`own.${string}`, readonly ShopStatus[]>

export type OwnPermission = keyof typeof ownPermissions

/** A member of which the signed-in phone is a contact. */
export interface Shop {
  readonly schemeId: string
  readonly memberId: string
  readonly contactId: string
  readonly status: ShopStatus
}

export interface Grant {
  readonly schemeId: string
  readonly role: Role
  readonly agencyId: string | null
  /** The trades of a trade chamber. */
  readonly trades?: readonly string[] | null
}

/** A role whose scheme requires another sign-in than that of the session. */
interface WithheldGrant {
  readonly schemeId: string
  readonly role: Role
  readonly need: SignInNeed
}

/**
 * The actor of an action: a user with an account, a contact of members (a merchant, by their phone), a wall display, which only
 * reads its own view, or the program itself (command line on the machine, background work).
 */
export type Actor =
  | {
      readonly kind: 'user'
      readonly userId: string
      readonly name: string
      readonly grants: readonly Grant[]
      /** Whether the password must be changed before any other action. */
      readonly passwordDue?: boolean
      /** Absent for an actor without a browser, such as one of the demo's past. */
      readonly session?: {
        readonly id: string
        /** When the user last gave a factor: at sign-in, or later. */
        readonly factorAt: Date
        /** The strongest factor given. */
        readonly factor: Factor
        /** When the user was last active on a screen; absent: not known, which counts as active. */
        readonly activeAt?: Date
        /** When the user locked it. */
        readonly lockedAt?: Date | null
        /** Whether the user proved who they are at the identity provider. */
        readonly provider?: boolean
      }
      /** Roles that the session may not use: their scheme requires another sign-in. */
      readonly withheld?: readonly WithheldGrant[]
    }
  | { readonly kind: 'contact'; readonly sessionId: string; readonly shops: readonly Shop[] }
  | {
      readonly kind: 'display'
      readonly displayId: string
      readonly schemeId: string
      readonly expiresAt: Date
    }
  | {
      readonly kind: 'system'
      readonly name: string
      /** On the command line: the name that the person at the keyboard gave, recorded as claimed. */
      readonly claimed?: string
    }

/** Returns the grants that give the actor this permission in the scheme; the system may do everything without any. */
function grantsFor(actor: Actor, permission: Permission, schemeId: string): readonly Grant[] {
  // A role outside the schemes is about the installation only.
  if (actor.kind !== 'user' || schemeId === NO_SCHEME) return []
  const byRole: Partial<Record<Role, Scope>> = permissions[permission]
  return actor.grants.filter((grant) => grant.schemeId === schemeId && byRole[grant.role] !== undefined)
}

export function may(actor: Actor, permission: Permission, schemeId: string): boolean {
  return actor.kind === 'system' || grantsFor(actor, permission, schemeId).length > 0
}

/**
 * Checks that the actor has the permission, and returns its extent: `trades` limits it to the members of these trades, for the
 * trade chamber that is this agency.
 * @throws AppError `unknown_scheme` for an actor without any role in the scheme (so as not to reveal whether it
 * exists), `forbidden` for one whose roles do not include it; `second_factor_required` or `provider_required` for one whose role does,
 * but needs another sign-in
 */
export function authorize(
  actor: Actor,
  permission: Permission,
  schemeId: string,
):
  | { readonly scope: 'scheme' }
  | { readonly scope: 'trades'; readonly trades: readonly string[]; readonly agencyId: string | null } {
  if (actor.kind === 'system') return { scope: 'scheme' }
  // A contact acts for its own shops, by `authorizeOwn`; neither it nor a wall display has a permission in the scheme.
  if (actor.kind === 'contact' || actor.kind === 'display')
    throw new AppError('forbidden', { values: { permission } })
  if (grantsFor(actor, permission, schemeId).length === 0)
    refuseWithheld(actor, permission, ({ schemeId: of }) => of === schemeId)
  if (!actor.grants.some((grant) => grant.schemeId === schemeId)) {
    throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  }
  const grants = grantsFor(actor, permission, schemeId)
  const byRole: Partial<Record<Role, Scope>> = permissions[permission]
  if (grants.some((grant) => byRole[grant.role] === 'scheme')) return { scope: 'scheme' }
  const limited = grants.find((grant) => byRole[grant.role] === 'trades')
  const trades = limited?.trades ?? []
  if (trades.length > 0) return { scope: 'trades', trades, agencyId: limited?.agencyId ?? null }
  throw new AppError('forbidden', { values: { permission } })
}

/** Refuses a role that has the permission but needs another sign-in. @throws AppError `second_factor_required`, `provider_required` */
function refuseWithheld(
  { withheld = [] }: Extract<Actor, { kind: 'user' }>,
  permission: Permission,
  isHere: (grant: WithheldGrant) => boolean,
): void {
  const byRole: Partial<Record<Role, Scope>> = permissions[permission]
  const grant = withheld.find((one) => isHere(one) && byRole[one.role] !== undefined)
  if (grant !== undefined)
    throw new AppError(grant.need === 'provider' ? 'provider_required' : 'second_factor_required')
}

/** Checks that the actor has a permission that is about the installation. @throws AppError `forbidden` */
export function authorizeInstallation(actor: Actor, permission: Permission): void {
  if (mayInstallation(actor, permission)) return
  if (actor.kind === 'user') refuseWithheld(actor, permission, () => true)
  throw new AppError('forbidden', { values: { permission } })
}

export function mayInstallation(actor: Actor, permission: Permission): boolean {
  const byRole: Partial<Record<Role, Scope>> = permissions[permission]
  if (actor.kind === 'system') return true
  return actor.kind === 'user' && actor.grants.some(({ role }) => byRole[role] === 'installation')
}

/** Returns whether an actor is the open break-glass account, which nobody's own account is. */
export function isBreakGlass(actor: Actor): boolean {
  return actor.kind === 'user' && actor.session?.factor === 'break_glass'
}

/** The contact's own shop, as `authorizeOwn` returns it. */
export interface OwnShop extends Shop {
  /** Name of its contact in the audit log and in "by" columns. */
  readonly name: string
}

export function mayOwn(shop: Pick<Shop, 'status'>, permission: OwnPermission): boolean {
  const among: readonly ShopStatus[] = ownPermissions[permission]
  return among.includes(shop.status)
}

/**
 * Checks that a contact may do this for its own shop.
 * @throws AppError `not_found` for a member that is not its own (so as not to reveal whether it exists), `forbidden` if
 * the status of its member does not allow it, and for every other actor
 */
export function authorizeOwn(
  actor: Actor,
  permission: OwnPermission,
  of: { readonly schemeId: string; readonly memberId: string },
): OwnShop {
  if (actor.kind !== 'contact') throw new AppError('forbidden', { values: { permission } })
  const shop = actor.shops.find((one) => one.schemeId === of.schemeId && one.memberId === of.memberId)
  if (shop === undefined) throw new AppError('not_found')
  if (!mayOwn(shop, permission)) throw new AppError('forbidden', { values: { permission } })
  return { ...shop, name: `contact:${shop.contactId}` }
}

/** Returns the name of the actor in the audit log and in "by" columns. */
export function actorName(actor: Actor): string {
  if (actor.kind === 'contact') return `contact-session:${actor.sessionId}`
  if (actor.kind === 'display') return `wall:${actor.displayId}`
  return actor.kind === 'system' ? `system:${actor.name}` : `user:${actor.userId}`
}

/** Returns the account of an actor; undefined when it is not a user. */
export function userIdOf(actor: Actor): string | undefined {
  return actor.kind === 'user' ? actor.userId : undefined
}

/** Returns the display name of the actor: that of the account, if there is one. */
export function personName(actor: Actor): string {
  return actor.kind === 'user' ? actor.name : actorName(actor)
}

/** One's own shop. */
export interface ShopId {
  readonly schemeId: string
  readonly memberId: string
}
