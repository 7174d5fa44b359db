import { randomBytes } from 'node:crypto'

/** Makes ids of requests: those of two processes, or of a process before and after a restart, never agree. */
export function createRequestIds(): () => string {
  const process = randomBytes(5).toString('hex')
  let count = 0
  return () => {
    count += 1
    return `${process}-${count.toString(36)}`
  }
}
