import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from '../platform/db.ts'
import { readLines } from './read.ts'

/** A directory that nobody else uses. */
export interface CloneTask {
  readonly directory: string
  readonly version: string
}

/** Lines of a backup, until the end. */
export type CloneMessage = readonly string[] | 'end'

const BLOCK_CHARACTERS = 256_000

const { directory, version } = workerData as CloneTask
// Nobody needs the copy afterwards: the thread is ended with its database open.
const database = await openDatabase({ kind: 'embedded', directory, mustExist: true })
let lines: string[] = []
let characters = 0
for await (const line of readLines(database, version)) {
  lines.push(line)
  characters += line.length
  if (characters < BLOCK_CHARACTERS) continue
  await send(lines)
  lines = []
  characters = 0
}
await send(lines)
await send('end')

/** Sends a message, and waits until it is taken. */
async function send(message: CloneMessage): Promise<void> {
  if (parentPort === null) throw new Error('not a thread')
  parentPort.postMessage(message)
  await once(parentPort, 'message')
}
