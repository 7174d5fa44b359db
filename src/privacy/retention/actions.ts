import type { Deps } from '../../deps.ts'
import { keepsDues } from '../../dues/store.ts'
import { REFUSED_DAYS } from '../../enrolment/rules.ts'
import { AppError } from '../../errors.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { SESSION_DAYS_MAX } from '../../portal/session/session.ts'
import { DuesSettings, SchemeContact } from '../../schemes/contract.ts'
import { type PrivacyFacts, RETENTION_KINDS, type RetentionKind, type RetentionView } from './contract.ts'
import { KEPT_DAYS, keptDays } from './rules.ts'

export type RetentionDeps = Pick<Deps, 'db' | 'now' | 'config'>
const SHOWN = 100

/** Returns the retention periods and the deletions recorded so far. */
export async function getRetention(
  deps: RetentionDeps,
  actor: Actor,
  schemeId: string,
): Promise<RetentionView> {
  authorize(actor, 'retention.read', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const entries = await tx
      .selectFrom('auditEntries')
      .select(['seq', 'at', 'details'])
      .where('schemeId', '=', schemeId)
      .where('action', '=', 'data.purge')
      .orderBy('seq', 'desc')
      .limit(SHOWN)
      .execute()
    return {
      kinds: RETENTION_KINDS.map((kind) => ({ kind, days: keptDays(kind, deps.config.keepDeliveriesDays) })),
      purges: entries.map(({ seq, at, details }) => {
        const { kind, removed, before } = details as { kind: RetentionKind; removed: number; before: string }
        return { seq: Number(seq), at: at.toISOString(), kind, removed, before }
      }),
    }
  })
}

/** Returns the settings from which the privacy notice of a scheme is written. @throws AppError `not_found` */
export async function getPrivacyFacts(deps: RetentionDeps, schemeId: string): Promise<PrivacyFacts> {
  return inScheme(deps.db, schemeId, (tx) => privacyFacts(tx, deps, schemeId))
}

/** Lists the configured payment methods that send data to third parties. */
async function waysToPay(
  tx: Tx,
  config: RetentionDeps['config'],
  schemeId: string,
): Promise<Pick<PrivacyFacts, 'debit' | 'card'>> {
  const { dues } = await tx
    .selectFrom('schemes')
    .select('dues')
    .where('id', '=', schemeId)
    .executeTakeFirstOrThrow()
  const { sepaId, iban } = DuesSettings.parse(dues).creditor
  return { debit: sepaId !== '' && iban !== '', card: !config.demo && config.stripe !== undefined }
}

async function privacyFacts(tx: Tx, { config }: RetentionDeps, schemeId: string): Promise<PrivacyFacts> {
  const scheme = await tx
    .selectFrom('schemes')
    .select(['name', 'sender', 'numbers', 'doctrine', 'contact'])
    .where('id', '=', schemeId)
    .executeTakeFirst()
  if (scheme === undefined) throw new AppError('not_found')
  const agencies = await tx
    .selectFrom('agencies')
    .select(['name', 'kind'])
    .where('schemeId', '=', schemeId)
    .orderBy('code')
    .execute()
  const named = (...kinds: readonly string[]) =>
    agencies.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name)
  return {
    name: scheme.name,
    chamber: named('chamber')[0] ?? scheme.name,
    contact: SchemeContact.parse(scheme.contact),
    forces: named('police', 'gendarmerie'),
    sender: scheme.sender,
    days: {
      ...KEPT_DAYS,
      deliveries: config.keepDeliveriesDays,
      messages: config.keepDeliveriesDays,
      refused: REFUSED_DAYS,
      session: SESSION_DAYS_MAX,
    },
    ...(await waysToPay(tx, config, schemeId)),
    mail: config.mail !== undefined,
    dues: await keepsDues(tx, schemeId),
    reconfirmation: scheme.numbers.reconfirm === true,
    leakTracing: scheme.doctrine.leakTracing === true,
  }
}
