import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { findTrade } from '../../schemes/trades/trades.ts'
import { nameArea } from '../../territory/actions.ts'
import { getAreaContext } from '../../territory/store/areas.ts'
import { getPrivacyFacts, type RetentionDeps } from '../retention/actions.ts'
import type { PrivacyFacts } from '../retention/contract.ts'

/** A company that gets personal data to do a part of the work (GDPR article 28). */
export interface Processor {
  readonly name: string
  readonly work: string
  readonly data: string
}

/** The settings of a scheme and of the installation from which the papers for the CNIL are written. */
export interface PaperFacts extends PrivacyFacts {
  /** "département du Puy-de-Dôme" */
  readonly territory: string
  /** Names of the trades that may join. */
  readonly trades: readonly string[]
  readonly categories: readonly string[]
  /** Chambers that manage the members of their trades. */
  readonly tradeChambers: readonly string[]
  readonly members: number
  readonly processors: readonly Processor[]
  readonly doctrine: DoctrineSettings
  /** Whether numbers and sensitive texts are encrypted in the database. */
  readonly isEncrypted: boolean
  /** The identity provider of agents; null: they sign in here. */
  readonly identityProvider: string | null
  /** Hours after which a session of the console ends. */
  readonly sessionHours: number
}

/** Reads the settings that the papers state. @throws AppError `not_found` */
export async function readPaperFacts(
  deps: Pick<Deps, 'db' | 'now'> & RetentionDeps,
  schemeId: string,
): Promise<PaperFacts> {
  const facts = await getPrivacyFacts(deps, schemeId)
  const { config } = deps
  const scheme = await inScheme(deps.db, schemeId, (tx) => readScheme(tx, schemeId))
  return {
    ...facts,
    ...scheme,
    processors: processorsOf(config, facts),
    isEncrypted: config.keys !== undefined,
    identityProvider: config.identityProvider?.label ?? null,
    sessionHours: config.sessionHours,
  }
}

async function readScheme(tx: Tx, schemeId: string) {
  const scheme = await tx
    .selectFrom('schemes')
    .select(['territory', 'trades', 'ownTrades', 'doctrine'])
    .where('id', '=', schemeId)
    .executeTakeFirst()
  if (scheme === undefined) throw new AppError('not_found')
  const categories = await tx
    .selectFrom('categories')
    .select('labelFr')
    .where('schemeId', '=', schemeId)
    .where('active', '=', true)
    .orderBy('position')
    .execute()
  const { members } = await tx
    .selectFrom('members')
    .select(({ fn }) => fn.countAll<number>().as('members'))
    .where('schemeId', '=', schemeId)
    .where('status', '=', 'active')
    .executeTakeFirstOrThrow()
  const chambers = await tx
    .selectFrom('agencies')
    .select('name')
    .where('schemeId', '=', schemeId)
    .where('kind', '=', 'chamber')
    .orderBy('code')
    .execute()
  return {
    territory: (await nameArea(tx, await getAreaContext(tx, schemeId), scheme.territory, 'fr')).name,
    trades: scheme.trades.map((code) => findTrade(code, scheme.ownTrades)?.nameFr ?? code),
    categories: categories.map(({ labelFr }) => labelFr),
    tradeChambers: chambers.slice(1).map(({ name }) => name),
    members: Number(members),
    doctrine: DoctrineSettings.parse(scheme.doctrine),
  }
}

/** Lists the companies that the settings of the installation name. */
function processorsOf(config: RetentionDeps['config'], { mail, card }: PrivacyFacts): Processor[] {
  const host = (url: string) => (URL.canParse(url) ? new URL(url).hostname : url)
  return [
    ...config.gateways
      .filter(({ simulated }) => !simulated)
      .map((gateway) => ({
        name: gateway.kind === 'smpp' ? `${gateway.name} (${gateway.host})` : gateway.name,
        work: 'remise des SMS',
        data: 'numéro et texte',
      })),
    ...(mail && config.mail !== undefined
      ? [{ name: host(config.mail.url), work: 'remise des courriels', data: 'adresse et texte' }]
      : []),
    ...(card
      ? [{ name: 'Stripe', work: 'paiement par carte', data: 'numéro de carte, montant, référence' }]
      : []),
    ...(config.identityProvider === undefined
      ? []
      : [
          {
            name: config.identityProvider.label,
            work: 'connexion des agents',
            data: 'identité et service de l’agent',
          },
        ]),
  ]
}
