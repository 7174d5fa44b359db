import { describesPerson } from '../../guard/guard.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'

/**
 * Whether a message is for the forces and the prosecutor alone, never for the chamber: it tells precise elements, or
 * describes a person, which a scheme may allow among established facts.
 */
export function isForForcesAlone(level: ContentLevel | null, text: string): boolean {
  return level === 'precise' || describesPerson(text)
}
