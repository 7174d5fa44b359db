import type { UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertRequest, AudienceView } from '../../../../src/alerts/contract.ts'
import { isRefusal } from '../../../api/problems.ts'

/** The audience that an order names: the one that was on screen. */
export type SeenAudience = NonNullable<AlertRequest['audience']>

/** The audience of an open sheet: the one that was shown, and whether the area resolves to other communes since. */
export interface Look {
  /** Undefined while it is counted for the first time. */
  readonly seen: AudienceView | undefined
  readonly now: AudienceView | undefined
  readonly isOther: boolean
  /** Confirms the current figures in place of the earlier ones. */
  readonly again: () => void
}

export function isOtherAudience(seen: AudienceView | undefined, now: AudienceView | undefined): boolean {
  return seen !== undefined && now !== undefined && seen.hash !== now.hash
}

/** Keeps the audience as it was when the sheet opened, until the user confirms another one. */
export function useLook({ data: now }: Pick<UseQueryResult<AudienceView>, 'data'>): Look {
  const [kept, setKept] = useState(now)
  const seen = kept ?? now
  if (kept === undefined && now !== undefined) setKept(now)
  return { seen, now, isOther: isOtherAudience(seen, now), again: () => setKept(now) }
}

/** The server knows of a change that the screen does not show yet. */
export function isAudienceChanged(error: unknown): boolean {
  return isRefusal(error, 'audience_changed')
}

export function seenAudienceBody(seen: AudienceView | undefined): { audience?: SeenAudience } {
  return seen === undefined ? {} : { audience: { hash: seen.hash, members: seen.members } }
}
