import type { Remark } from '../../guard/guard.ts'

/**
 * Returns whether a remark of the guard applies to follow-ups, for the author and the second person: a follow-up need not repeat
 * the place, the time or the advice, and may mention a later time.
 */
export function concernsFollowUp({ severity, code }: Pick<Remark, 'severity' | 'code'>): boolean {
  return (severity === 'block' && code !== 'too_long') || code === 'capitals'
}
