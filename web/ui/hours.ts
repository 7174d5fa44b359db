/** 22:30, as a field of type time has it. Minutes after midnight in. */
export function hourOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** Minutes after midnight; undefined for a field left empty. */
export function minutesOf(hour: string): number | undefined {
  const match = /^(\d{2}):(\d{2})/.exec(hour)
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2])
}
