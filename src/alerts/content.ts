import { createHash } from 'node:crypto'
import { withReference } from '../message/reference.ts'
import { segmentMessage } from '../message/segment.ts'
import { canonical } from '../platform/canonical.ts'
import type { FollowUpKind, Severity } from '../schema.ts'
import type { ContentLevel } from '../schemes/doctrine.ts'
import type { Area } from '../territory/contract.ts'

/** All that an approval or an authorisation is given for. */
export interface AlertContent {
  readonly text: string
  readonly reference: string
  /** Whether each recipient gets a mark behind it. */
  readonly traced: boolean
  readonly area: Area
  /** What the area's words "scheme" and "sector" mean: neither can be redrawn under an approval. */
  readonly territory: Area
  /** Commune codes of each sector that the area names, by its id. */
  readonly sectors: Readonly<Record<string, readonly string[]>>
  readonly trades: readonly string[]
  readonly doctrine: { readonly level: ContentLevel }
  readonly sender: string
  readonly severity: Severity
  /** With the sender: by which route it leaves. */
  readonly simulated: boolean
  readonly categoryCode: string
}

/** SHA-256, in hex, of the content as it would leave: the text after folding, the rest as chosen. */
export function contentHash(content: AlertContent): string {
  const { area, territory, sectors, sender, severity, simulated, categoryCode } = content
  return hashOf({
    text: sentText(content),
    area,
    territory,
    sectors,
    trades: [...content.trades].sort(),
    level: content.doctrine.level,
    sender,
    severity,
    simulated,
    categoryCode,
  })
}

/** The same of a follow-up: to whom it goes is who got the first message. */
export interface FollowUpContent extends Pick<AlertContent, 'reference' | 'traced' | 'sender' | 'simulated'> {
  readonly kind: FollowUpKind
  /** With the word that marks an exercise. */
  readonly text: string
  readonly level: ContentLevel
  /** The first message of the alert. */
  readonly firstId: string
}

/** SHA-256, in hex, of a follow-up as it would leave. */
export function followUpHash(content: FollowUpContent): string {
  const { kind, level, firstId, sender, simulated } = content
  return hashOf({ text: sentText(content), kind, level, firstId, sender, simulated })
}

function sentText({ text, reference, traced }: Pick<AlertContent, 'text' | 'reference' | 'traced'>): string {
  return segmentMessage(withReference(text, reference, traced), { fold: true }).parts.join('')
}

function hashOf(bound: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonical(bound)))
    .digest('hex')
}
