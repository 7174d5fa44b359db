import { createHash } from 'node:crypto'
import { withReference } from '../message/reference.ts'
import { segmentMessage } from '../message/segment.ts'
import { canonical } from '../platform/canonical.ts'
import type { Severity } from '../schema.ts'
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
  const bound = {
    text: segmentMessage(withReference(content.text, content.reference, content.traced), {
      fold: true,
    }).parts.join(''),
    area,
    territory,
    sectors,
    trades: [...content.trades].sort(),
    level: content.doctrine.level,
    sender,
    severity,
    simulated,
    categoryCode,
  }
  return createHash('sha256')
    .update(JSON.stringify(canonical(bound)))
    .digest('hex')
}
