import { NO_SCHEME } from '../audit/chain.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { hashPassword } from '../identity/passwords/password-hash.ts'
import { HOUR_MS } from '../message/clock.ts'
import type { MailDeps } from '../people/mails.ts'
import { type Actor, actorName, authorizeInstallation, mayInstallation, userIdOf } from '../permissions.ts'
import { publicAddress } from '../platform/address.ts'
import { acrossSchemes } from '../platform/db.ts'
import { ENVELOPES, makeCode } from './codes.ts'
import type { BreakGlassOpening, BreakGlassStatus, BreakGlassView, SealedEnvelopes } from './contract.ts'
import { mailNotice } from './mails.ts'
import { findLatest, findSeal, listOpenings, type OpeningRow, replaceSeal, type SealRow } from './store.ts'

/** Hours for which a closed opening is still shown on every screen. */
const SHOWN_HOURS = 24
const LISTED = 10

/** The page on which the two codes are typed. */
export const OPENING_PAGE = '/secours'

/**
 * Makes the codes of two new envelopes. Those of the envelopes before are of no use from then on. The codes are returned this once:
 * only salted hashes of them are stored.
 */
export async function sealBreakGlass(
  deps: Pick<Deps, 'db'> & MailDeps,
  actor: Actor,
): Promise<SealedEnvelopes> {
  authorizeInstallation(actor, 'break_glass.seal')
  const envelopes = ENVELOPES.map((envelope) => ({ envelope, code: makeCode(envelope) }))
  // Slow by design, so they are computed outside the transaction.
  const [firstHash = '', secondHash = ''] = await Promise.all(envelopes.map(({ code }) => hashPassword(code)))
  const at = deps.now()
  const claimed = actor.kind === 'system' ? actor.claimed : undefined
  const name = actor.kind === 'user' ? actor.name : (claimed ?? actorName(actor))
  const no = await acrossSchemes(deps.db, async (tx) => {
    const sealed = await replaceSeal(tx, {
      sealedAt: at,
      sealedBy: actorName(actor),
      sealedName: name,
      firstHash,
      secondHash,
    })
    await mailNotice(tx, deps, 'sealed', { no: sealed, by: name })
    await recordAudit(tx, NO_SCHEME, at, {
      actor: actorName(actor),
      action: 'break_glass.seal',
      subject: `break_glass_seal:${sealed}`,
      ...(claimed !== undefined && { named: { claimed } }),
    })
    return sealed
  })
  return { no, sealedAt: at.toISOString(), address: publicAddress(deps.config, OPENING_PAGE), envelopes }
}

/** Returns whether the account is sealed, broken, or open now. */
export async function readBreakGlassState({
  db,
  now,
}: Pick<Deps, 'db' | 'now'>): Promise<BreakGlassStatus['state']> {
  const [seal, latest] = await Promise.all([findSeal(db), findLatest(db, now())])
  return stateOf(seal, latest?.closedAt === null && latest.endsAt > now())
}

function stateOf(seal: SealRow | undefined, isOpen: boolean): BreakGlassStatus['state'] {
  if (isOpen) return 'open'
  return seal === undefined ? 'never' : seal.brokenAt === null ? 'sealed' : 'broken'
}

/** Returns whether the account is sealed, and when it was opened. */
export async function getBreakGlassStatus(
  deps: Pick<Deps, 'db' | 'now' | 'config'>,
  actor: Actor,
): Promise<BreakGlassStatus> {
  authorizeInstallation(actor, 'break_glass.close')
  const [seal, openings] = await Promise.all([findSeal(deps.db), listOpenings(deps.db, LISTED)])
  const views = openings.map((opening) => viewOpening(opening, actor, deps.now()))
  const isOpen = views.some(({ closedAt }) => closedAt === null)
  return {
    state: stateOf(seal, isOpen),
    seal:
      seal === undefined
        ? null
        : {
            no: seal.no,
            sealedAt: seal.sealedAt.toISOString(),
            sealedBy: seal.sealedName,
            brokenAt: seal.brokenAt?.toISOString() ?? null,
          },
    openings: views,
    address: publicAddress(deps.config, OPENING_PAGE),
    maySeal: mayInstallation(actor, 'break_glass.seal'),
  }
}

/** Returns the opening that every screen shows: the open one, or one that was closed in the last 24 hours. */
export async function getBreakGlass(deps: Pick<Deps, 'db' | 'now'>, actor: Actor): Promise<BreakGlassView> {
  const now = deps.now()
  const opening = await findLatest(deps.db, new Date(now.getTime() - SHOWN_HOURS * HOUR_MS))
  return { opening: opening === undefined ? null : viewOpening(opening, actor, now) }
}

export function viewOpening(row: OpeningRow, actor: Actor, now: Date): BreakGlassOpening {
  // Its session is refused from that time on; the entry of its end follows within seconds.
  const isOver = row.closedAt === null && row.endsAt <= now
  return {
    id: row.id,
    names: [row.firstName, row.secondName],
    reason: row.reason,
    drill: row.drill,
    openedAt: row.openedAt.toISOString(),
    endsAt: row.endsAt.toISOString(),
    closedAt: (isOver ? row.endsAt : row.closedAt)?.toISOString() ?? null,
    closedBy: row.closedName,
    closedWhy: isOver ? 'time' : row.closedWhy,
    acts: row.acts,
    own: userIdOf(actor) === row.userId,
  }
}
