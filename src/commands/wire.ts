import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/**
 * Address of the server that holds the embedded database. The server writes it with a token to a file in the data
 * directory that only its owner may read.
 */
export const ServerAddress = z.object({ url: z.url(), token: z.string().min(32) })
export type ServerAddress = z.infer<typeof ServerAddress>

/** POST /api/cli: a command to run inside the server, with the bytes of its files (base64). */
export const RemoteCommand = z.object({
  args: z.array(z.string()).min(1).max(200),
  files: z.record(z.string(), z.string()),
  lang: z.enum(['fr', 'en']),
})
export type RemoteCommand = z.infer<typeof RemoteCommand>

/** One line of the response, each a JSON value; `exit` is the last. */
export const RemoteLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stdout'), text: z.string() }),
  z.object({ type: z.literal('stderr'), text: z.string() }),
  z.object({
    type: z.literal('progress'),
    label: z.string(),
    done: z.number(),
    total: z.number(),
    detail: z.string().optional(),
  }),
  /** A part of a file, base64. */
  z.object({ type: z.literal('bytes'), data: z.string() }),
  z.object({ type: z.literal('exit'), code: z.number() }),
])
export type RemoteLine = z.infer<typeof RemoteLine>

export function writeServerAddress(directory: string, address: ServerAddress): void {
  const file = join(directory, 'server.json')
  // Removed first: the mode below applies only when the file is created.
  rmSync(file, { force: true })
  writeFileSync(file, JSON.stringify(address), { mode: 0o600, flag: 'wx' })
}

export function removeServerAddress(directory: string): void {
  rmSync(join(directory, 'server.json'), { force: true })
}

/** Returns undefined when there is no readable address file. */
export function readServerAddress(directory: string): ServerAddress | undefined {
  try {
    return ServerAddress.parse(JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8')))
  } catch {
    return undefined
  }
}
