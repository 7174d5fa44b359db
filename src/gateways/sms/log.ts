/** The log of a gateway. Never receives a phone number or a text. */
export interface GatewayLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Returns the stack of an error without its message, which may contain a number or a text. */
export function stackWithoutMessage(error: unknown): string {
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : []
  return frames.slice(0, 5).join('\n')
}
