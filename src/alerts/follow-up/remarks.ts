import type { Remark } from '../../guard/guard.ts'

/**
 * Whether a remark of the guard matters in what follows an alert, for its author and for the second person: it need not
 * say again where and when it was, nor give the advice, and may tell of a later hour.
 */
export function concernsFollowUp({ severity, code }: Pick<Remark, 'severity' | 'code'>): boolean {
  return (severity === 'block' && code !== 'too_long') || code === 'capitals'
}
