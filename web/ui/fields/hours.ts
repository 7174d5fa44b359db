/** Formats minutes after midnight for a time field: 22:30. */
export function hourOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** Returns minutes after midnight; undefined for an empty field. */
export function minutesOf(hour: string): number | undefined {
  const match = /^(\d{2}):(\d{2})/.exec(hour)
  return match === null ? undefined : Number(match[1]) * 60 + Number(match[2])
}
