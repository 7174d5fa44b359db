import { AppError } from './errors.ts'

export type Role = 'operator' | 'chief' | 'magistrate' | 'chamber' | 'trade_chamber'

/** How far a right reaches: the whole scheme, or the members of some trades (those of the grant). */
export type Scope = 'scheme' | 'trades'

/** Who may do what. What is not written here is refused. */
export const permissions = {
  'scheme.read': {
    operator: 'scheme',
    chief: 'scheme',
    magistrate: 'scheme',
    chamber: 'scheme',
    trade_chamber: 'scheme',
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
  // Of an alert to another scheme, and the word of that scheme on it: each asked in its own scheme.
  'relay.read': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  'relay.propose': { operator: 'scheme', chief: 'scheme' },
  'relay.decide': { operator: 'scheme', chief: 'scheme' },
  // To whom a copy that got out was sent: only for a reason, which goes on the record.
  'delivery.trace': { chief: 'scheme' },
  'alert.compose': { operator: 'scheme', chief: 'scheme' },
  'alert.broadcast': { operator: 'scheme', chief: 'scheme' },
  'alert.submit': { operator: 'scheme', chief: 'scheme' },
  // As the second person, of an alert or a follow-up: never of what one wrote.
  'alert.approve': { chief: 'scheme', magistrate: 'scheme' },
  'alert.override': { chief: 'scheme' },
  'alert.review': { chief: 'scheme', magistrate: 'scheme' },
  'authorisation.record': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
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
  // Text not judged by the doctrine yet, or told by the prosecutor's leave: not for the chamber.
  'alert.read_precise': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  'audience.preview': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme' },
  'delivery.read': { operator: 'scheme', chief: 'scheme', chamber: 'scheme' },
  // Behind the state of the SMS routes, which all may see: counts, refusals, workers.
  'route.read': { operator: 'scheme', chief: 'scheme', chamber: 'scheme' },
  'caller.find': { operator: 'scheme', chief: 'scheme' },
  'member.read': {
    operator: 'scheme',
    chief: 'scheme',
    chamber: 'scheme',
    trade_chamber: 'trades',
  },
  // Filters under a name, one's own and shared ones.
  'member.views': {
    operator: 'scheme',
    chief: 'scheme',
    chamber: 'scheme',
    trade_chamber: 'trades',
  },
  // Many members at once, and back again.
  'member.change': { chamber: 'scheme', trade_chamber: 'trades' },
  // Numbers in full, as those who keep the list need them.
  'member.numbers': { chamber: 'scheme', trade_chamber: 'trades' },
  // Which numbers are dead or doubtful, and a number put right.
  'number.read': { chamber: 'scheme', trade_chamber: 'trades' },
  'number.correct': { chamber: 'scheme', trade_chamber: 'trades' },
  'number.settings': { chamber: 'scheme' },
  // Two members that are one business: one of them, said to be two, taken back.
  'member.merge': { chamber: 'scheme', trade_chamber: 'trades' },
  // Requests to join.
  'enrolment.read': { chamber: 'scheme', trade_chamber: 'trades' },
  'enrolment.decide': { chamber: 'scheme', trade_chamber: 'trades' },
  'enrolment.settings': { chamber: 'scheme' },
  // A new version of what members sign.
  'charter.publish': { chamber: 'scheme' },
  'member.import': { chamber: 'scheme', trade_chamber: 'trades' },
  'member.export': { chamber: 'scheme', trade_chamber: 'trades' },
  'member.care': { chamber: 'scheme' },
  // Who owes what, and the receipts.
  'dues.read': { chamber: 'scheme', trade_chamber: 'trades' },
  // Payments by hand, waivers, members told in person: the money is the chamber's.
  'dues.manage': { chamber: 'scheme' },
  // Campaigns, reminders, the rule, who is paid.
  'dues.settings': { chamber: 'scheme' },
  // The whole ledger, for the books.
  'dues.export': { chamber: 'scheme' },
  // Who of the State gets a copy of every message.
  // Counts alone: no text, no number, nobody's name. A trade chamber has those of its trades.
  'statistics.read': {
    operator: 'scheme',
    chief: 'scheme',
    magistrate: 'scheme',
    chamber: 'scheme',
    trade_chamber: 'trades',
  },
  'statistics.publish': { chamber: 'scheme' },
  // Who opened the file of a member, and when.
  'member.looks': { chamber: 'scheme', trade_chamber: 'trades' },
  // How long data is kept, what left when, the register of processing.
  'retention.read': { chief: 'scheme', chamber: 'scheme' },
  // What people ask of their data, and its answer; an erasure is for good.
  'request.manage': { chamber: 'scheme' },
  // To members, about the scheme: no alert. Above some recipients, another orders what one wrote.
  'message.read': { chief: 'scheme', chamber: 'scheme', trade_chamber: 'trades' },
  'message.write': { chamber: 'scheme', trade_chamber: 'trades' },
  'message.approve': { chief: 'scheme', chamber: 'scheme' },
  'message.settings': { chamber: 'scheme' },
  'observer.manage': { chief: 'scheme', chamber: 'scheme' },
  'audit.read': { chief: 'scheme', chamber: 'scheme' },
  // Named sets of communes, and where each police or gendarmerie service acts.
  'sector.manage': { chamber: 'scheme' },
  'zone.manage': { chamber: 'scheme' },
  'doctrine.read': { operator: 'scheme', chief: 'scheme', magistrate: 'scheme', chamber: 'scheme' },
  // The rules that bind those who alert are not theirs to change.
  'doctrine.set': { chamber: 'scheme' },
  // By the program only (command line, start of the demo): no role has these.
  'scheme.load': {},
  'user.add': {},
} as const satisfies Record<string, Partial<Record<Role, Scope>>>

export type Permission = keyof typeof permissions

/** Where a member whose contacts sign in may stand: whoever left has no shop here any more. */
export type ShopStatus = 'pending' | 'active' | 'suspended'

/**
 * What a contact may do with what is its own, by how its member stands. Nothing of anybody else's, ever. What is not
 * written here is refused.
 */
export const ownPermissions = {
  // Alerts that were sent to it, its business and people, its reports.
  'own.read': ['pending', 'active', 'suspended'],
  // "I have read it."
  'own.confirm': ['active', 'suspended'],
  // What reaches the operators' queue.
  'own.report': ['active'],
  // Its phones and people, its quiet hours, its name and address.
  'own.change': ['pending', 'active', 'suspended'],
  // A mandate for its dues, and their payment.
  'own.pay': ['pending', 'active', 'suspended'],
  'own.leave': ['pending', 'active', 'suspended'],
} as const satisfies Record<`own.${string}`, readonly ShopStatus[]>

export type OwnPermission = keyof typeof ownPermissions

/** A member that the phone of a session is a contact of. */
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
  /** Of a trade chamber: its trades. */
  readonly trades?: readonly string[] | null
}

/**
 * Who acts: somebody with an account, a contact of members (a merchant, by their phone), or the program itself (command
 * line on the machine, background work).
 */
export type Actor =
  | {
      readonly kind: 'user'
      readonly userId: string
      readonly name: string
      readonly grants: readonly Grant[]
      /** The password has to be changed before anything else. */
      readonly passwordDue?: boolean
    }
  | { readonly kind: 'contact'; readonly sessionId: string; readonly shops: readonly Shop[] }
  | { readonly kind: 'system'; readonly name: string }

/** The grants through which the actor may do this in the scheme; the system may do anything, through none. */
function grantsFor(actor: Actor, permission: Permission, schemeId: string): readonly Grant[] {
  if (actor.kind !== 'user') return []
  const byRole: Partial<Record<Role, Scope>> = permissions[permission]
  return actor.grants.filter((grant) => grant.schemeId === schemeId && byRole[grant.role] !== undefined)
}

export function may(actor: Actor, permission: Permission, schemeId: string): boolean {
  return actor.kind === 'system' || grantsFor(actor, permission, schemeId).length > 0
}

/**
 * Lets the actor pass, and says how far: `trades` carries those whose members these are.
 * @throws AppError `unknown_scheme` to someone without any role in the scheme (whether it exists is not told),
 * `forbidden` to someone whose roles there do not allow it.
 */
export function authorize(
  actor: Actor,
  permission: Permission,
  schemeId: string,
): { readonly scope: 'scheme' } | { readonly scope: 'trades'; readonly trades: readonly string[] } {
  if (actor.kind === 'system') return { scope: 'scheme' }
  // A contact has its own, by authorizeOwn, and no part in the work of a scheme.
  if (actor.kind === 'contact') throw new AppError('forbidden', { values: { permission } })
  if (!actor.grants.some((grant) => grant.schemeId === schemeId)) {
    throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  }
  const grants = grantsFor(actor, permission, schemeId)
  const byRole: Partial<Record<Role, Scope>> = permissions[permission]
  if (grants.some((grant) => byRole[grant.role] === 'scheme')) return { scope: 'scheme' }
  const trades = grants.find((grant) => byRole[grant.role] === 'trades')?.trades ?? []
  if (trades.length > 0) return { scope: 'trades', trades }
  throw new AppError('forbidden', { values: { permission } })
}

/** One's own shop: what `authorizeOwn` lets pass. */
export interface OwnShop extends Shop {
  /** How its contact is named in the audit record and in "by" columns. */
  readonly name: string
}

export function mayOwn(shop: Pick<Shop, 'status'>, permission: OwnPermission): boolean {
  const among: readonly ShopStatus[] = ownPermissions[permission]
  return among.includes(shop.status)
}

/**
 * Lets a contact pass to what is its own.
 * @throws AppError `not_found` for a member that is not one of its own (whether it exists is not told), `forbidden` where
 * its member stands so that it may not, and for everybody who is no contact.
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

/** How the actor is named in the audit record and in "by" columns. */
export function actorName(actor: Actor): string {
  if (actor.kind === 'contact') return `contact-session:${actor.sessionId}`
  return actor.kind === 'system' ? `system:${actor.name}` : `user:${actor.userId}`
}

/** Returns the account of an actor; undefined when it is not a user. */
export function userIdOf(actor: Actor): string | undefined {
  return actor.kind === 'user' ? actor.userId : undefined
}

/** How people read who it was: by the name of the account, where there is one. */
export function personName(actor: Actor): string {
  return actor.kind === 'user' ? actor.name : actorName(actor)
}

/** One's own shop. */
export interface ShopId {
  readonly schemeId: string
  readonly memberId: string
}
