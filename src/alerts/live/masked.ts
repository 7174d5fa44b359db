import { describesPerson } from '../../guard/guard.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'

/**
 * Returns whether a message is for the forces and the prosecutor only, not for the chamber: it contains identifying
 * details, or describes a person, which a scheme may allow among established facts.
 */
export function isForForcesAlone(level: ContentLevel | null, text: string): boolean {
  return level === 'precise' || describesPerson(text)
}
