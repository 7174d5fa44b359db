import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'

/** Returns whether the magistrate named by the authorisation of a message of the alert denied it. */
export function isAuthorisationDenied({
  authorisation,
  followUps,
}: Pick<AlertView, 'authorisation'> & {
  readonly followUps: readonly Pick<FollowUpView, 'authorisation'>[]
}): boolean {
  return [authorisation, ...followUps.map((one) => one.authorisation)].some(
    (one) => one?.confirmation === 'denied',
  )
}
