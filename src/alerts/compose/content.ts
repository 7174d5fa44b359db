import { createHash } from 'node:crypto'
import { withReference } from '../../message/reference.ts'
import { segmentMessage } from '../../message/segment.ts'
import { sortKeys } from '../../platform/canonical.ts'
import type { FollowUpKind, Severity } from '../../schema.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'
import type { Area } from '../../territory/contract.ts'

/** The content that an approval or an authorisation covers. */
export interface AlertContent {
  readonly text: string
  readonly reference: string
  /** Whether each recipient's copy has a mark after the text. */
  readonly traced: boolean
  readonly area: Area
  /** The area that the word "scheme" stands for: it cannot be changed under an approval. */
  readonly territory: Area
  /** The communes to which the area resolves, with the trades: see `audienceHash`. */
  readonly audience: string
  readonly trades: readonly string[]
  readonly doctrine: { readonly level: ContentLevel }
  readonly sender: string
  readonly severity: Severity
  /** Identifies the route, together with the sender. */
  readonly simulated: boolean
  readonly categoryCode: string
}

/** Returns the SHA-256, in hex, of the content as it would be sent: the text after folding, the rest as chosen. */
export function contentHash(content: AlertContent): string {
  const { area, territory, audience, sender, severity, simulated, categoryCode } = content
  return hashOf({
    text: sentText(content),
    area,
    territory,
    audience,
    trades: [...content.trades].sort(),
    level: content.doctrine.level,
    sender,
    severity,
    simulated,
    categoryCode,
  })
}

/** The content of a follow-up, whose recipients are those of the first message. */
export interface FollowUpContent extends Pick<AlertContent, 'reference' | 'traced' | 'sender' | 'simulated'> {
  readonly kind: FollowUpKind
  /** Includes the word that marks an exercise. */
  readonly text: string
  readonly level: ContentLevel
  /** The first message of the alert. */
  readonly firstId: string
}

/** Returns the SHA-256, in hex, of a follow-up as it would be sent. */
export function followUpHash(content: FollowUpContent): string {
  const { kind, level, firstId, sender, simulated } = content
  return hashOf({ text: sentText(content), kind, level, firstId, sender, simulated })
}

function sentText({ text, reference, traced }: Pick<AlertContent, 'text' | 'reference' | 'traced'>): string {
  return segmentMessage(withReference(text, reference, traced), { fold: true }).parts.join('')
}

/** Returns the hash of an audience: equal hashes mean the same communes, circles and trades, whichever members join or leave. */
export function audienceHash(audience: {
  readonly whole: boolean
  /** Hashes of the communes whose members are all addressed, and of those whose members without a point are. */
  readonly named: string
  readonly circled: string
  readonly circles: readonly unknown[]
  readonly trades: readonly string[]
}): string {
  const trades = [...audience.trades].sort()
  if (audience.whole) return hashOf({ whole: true, trades })
  const { named, circled, circles } = audience
  return hashOf({ named, circled, circles, trades })
}

/** Returns the SHA-256, in hex, of commune codes as a set; `communesHash` in audience.ts is the same in SQL. */
export function codesHash(codes: readonly string[]): string {
  return createHash('sha256')
    .update([...new Set(codes)].sort().join(','))
    .digest('hex')
}

function hashOf(bound: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sortKeys(bound)))
    .digest('hex')
}
