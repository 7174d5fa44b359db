import { randomBytes } from 'node:crypto'

/**
 * Makes ids of requests: those of two processes, or of a process before and after a restart, never agree. They begin with a letter,
 * so that none reads like a phone number in a log.
 */
export function createRequestIds(): () => string {
  const bytes = randomBytes(5)
  bytes[0] = (bytes[0] ?? 0) | 0xa0
  const process = bytes.toString('hex')
  let count = 0
  return () => {
    count += 1
    return `${process}-${count.toString(36)}`
  }
}
