const SECOND = 1000
const MINUTE = 60 * SECOND
/** Steps of a clock, in milliseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440].map((minutes) => minutes * MINUTE),
]
const MARKS = 5

/** Returns the marks of a time axis from 0 to at least `longest` (milliseconds): at most five steps of a clock. */
export function spanTicks(longest: number): number[] {
  const last = STEPS.at(-1)!
  const step = STEPS.find((one) => longest <= one * MARKS) ?? last * Math.ceil(longest / (last * MARKS))
  const count = Math.max(1, Math.ceil(longest / step))
  return Array.from({ length: count + 1 }, (_, i) => i * step)
}
