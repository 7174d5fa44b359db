import { createIds } from '../../src/platform/ids.ts'
import { serverNow } from './clock.ts'

/** Chooses the id of a record before it is created, so that a request whose answer was lost can be sent again. */
export const newId = createIds(
  () => new Date(serverNow()),
  (bytes) => crypto.getRandomValues(bytes),
)
