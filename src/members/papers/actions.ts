import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Lang } from '../../i18n/format.ts'
import { type Actor, authorize, authorizeOwn } from '../../permissions.ts'
import { publicAddress } from '../../platform/address.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { readAloneLine } from '../../settings/alone.ts'
import { recordMemberAccess } from '../accesses.ts'
import { memberSince, townOfLetter } from '../store.ts'
import { type CertificateFacts, drawCertificate } from './certificate.ts'
import { drawSticker } from './sticker.ts'

type PaperDeps = Pick<Deps, 'db' | 'now' | 'config'>

/**
 * Returns the certificate of a member as a PDF, for the chamber or the chamber of its trade.
 * @throws AppError `not_found`; `wrong_state` if the member is not active
 */
export async function getCertificate(
  deps: PaperDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  lang: Lang = 'fr',
): Promise<Buffer> {
  const reach = authorize(actor, 'member.read', schemeId)
  const only = reach.scope === 'trades' ? reach.trades : undefined
  return buildCertificate(deps, { schemeId, memberId, lang }, only, (tx) =>
    recordMemberAccess(tx, actor, schemeId, { what: 'paper', memberIds: [memberId], now: deps.now() }),
  )
}

/** Returns the certificate for the member's own contacts. @throws the same errors as `getCertificate` */
export async function getOwnCertificate(
  deps: PaperDeps,
  actor: Actor,
  of: { readonly schemeId: string; readonly memberId: string },
  lang: Lang = 'fr',
): Promise<Buffer> {
  authorizeOwn(actor, 'own.read', of)
  return buildCertificate(deps, { ...of, lang }, undefined)
}

async function buildCertificate(
  deps: PaperDeps,
  { schemeId, memberId, lang }: { readonly schemeId: string; readonly memberId: string; readonly lang: Lang },
  trades: readonly string[] | undefined,
  note?: (tx: Tx) => Promise<void>,
): Promise<Buffer> {
  const facts = await inScheme(deps.db, schemeId, async (tx) => {
    const member = await tx
      .selectFrom('members as m')
      .innerJoin('communes as c', 'c.code', 'm.communeCode')
      .select(['m.id', 'm.name', 'm.siret', 'm.address', 'm.trade', 'm.status'])
      .select(townOfLetter.as('commune'))
      .select(memberSince(schemeId).as('memberSince'))
      .where('m.schemeId', '=', schemeId)
      .where('m.id', '=', memberId)
      .executeTakeFirst()
    if (member === undefined || trades?.includes(member.trade) === false) throw new AppError('not_found')
    if (member.status !== 'active') throw new AppError('wrong_state')
    await note?.(tx)
    return certificateFacts(tx, deps, schemeId, { ...member, lang })
  })
  return drawCertificate(facts)
}

/** Reads the data of a certificate, in the caller's transaction. */
export async function certificateFacts(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'config'>,
  schemeId: string,
  member: Pick<CertificateFacts, 'name' | 'siret' | 'address' | 'commune' | 'memberSince'> & {
    readonly id: string
    readonly lang?: Lang
  },
): Promise<CertificateFacts> {
  const { id, lang = 'fr', name, siret, address, commune } = member
  const signature = await tx
    .selectFrom('charterSignatures')
    .select(['version', 'sha256', 'signedName', 'signedAt'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', id)
    .orderBy('version', 'desc')
    .orderBy('signedAt', 'desc')
    .limit(1)
    .executeTakeFirst()
  return {
    ...(await paperFacts(tx, deps, schemeId)),
    name,
    siret,
    address,
    commune,
    memberSince: member.memberSince,
    charter: signature ?? null,
    timeZone: await findTimeZone(tx, schemeId),
    lang,
    alone: await readAloneLine(tx, schemeId, lang),
  }
}

/**
 * Returns the door sticker of a scheme's members as a PDF.
 * @throws AppError `unknown_scheme`
 */
export async function getSticker(
  deps: PaperDeps,
  actor: Actor,
  schemeId: string,
  lang: Lang = 'fr',
): Promise<Buffer> {
  authorize(actor, 'member.read', schemeId)
  return buildSticker(deps, schemeId, lang)
}

/** Returns the door sticker for a member's own contacts. */
export async function getOwnSticker(
  deps: PaperDeps,
  actor: Actor,
  of: { readonly schemeId: string; readonly memberId: string },
  lang: Lang = 'fr',
): Promise<Buffer> {
  authorizeOwn(actor, 'own.read', of)
  return buildSticker(deps, of.schemeId, lang)
}

async function buildSticker(deps: PaperDeps, schemeId: string, lang: Lang): Promise<Buffer> {
  const facts = await inScheme(deps.db, schemeId, (tx) => paperFacts(tx, deps, schemeId))
  return drawSticker({ ...facts, lang })
}

async function paperFacts(tx: Tx, { now, config }: Pick<Deps, 'now' | 'config'>, schemeId: string) {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const { name, chamber, sender } = scheme
  return {
    scheme: name,
    chamber,
    sender,
    link: publicAddress(config, `/dispositif/${schemeId}`),
    space: publicAddress(config, '/portail'),
    at: now(),
  }
}
