/** One measured promise. `value` is compared with `target`: at least it, or at most it (`direction`). */
export interface BenchResult {
  readonly value: number
  readonly unit: string
  readonly target: number
  readonly holds: boolean
  /** Every run from which the value was computed. */
  readonly runs: readonly Readonly<Record<string, number>>[]
}

export type BenchResults = Record<string, BenchResult>

export function result(
  value: number,
  unit: string,
  target: number,
  direction: 'atLeast' | 'atMost',
  runs: BenchResult['runs'],
): BenchResult {
  return {
    value: round(value),
    unit,
    target,
    holds: direction === 'atLeast' ? value >= target : value <= target,
    runs,
  }
}

export function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}

/** Computes a percentile by nearest rank. `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

export const median = (values: readonly number[]) => percentile(values, 0.5)
