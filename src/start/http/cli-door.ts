import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import type { CommandIo, DataCommand } from '../../commands/command.ts'
import { describeError } from '../../commands/errors.ts'
import { RemoteCommand, type RemoteLine } from '../../commands/wire.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { App } from '../../platform/http/http.ts'

/** Files are base64 within JSON: an import of 50 MB fits. */
const BODY_LIMIT_BYTES = 80 * 1024 * 1024

/**
 * Registers the endpoint that runs a command on the data inside the server, which alone may open the embedded
 * database. It is public to the route guard, since a program has no session, but accepts only callers on this
 * machine with the token that the server wrote to a file in its data directory, readable by its owner only.
 */
export function cliEndpoint(
  app: App,
  deps: Deps,
  door: { readonly token: string; readonly commands: Readonly<Record<string, () => Promise<DataCommand>>> },
): void {
  app.post(
    '/api/cli',
    {
      config: { permission: 'public' },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: { body: RemoteCommand },
      onRequest: async (request) => {
        if (!isLocal(request) || !holdsToken(request, door.token)) throw new AppError('not_found')
      },
    },
    async (request, reply) => {
      const { args, files, lang } = request.body
      const name = args[0] ?? ''
      const command = Object.hasOwn(door.commands, name) ? await door.commands[name]?.() : undefined
      if (!command) throw new AppError('not_found')
      reply.hijack()
      const { raw } = reply
      raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' })
      const send = (line: RemoteLine) => void raw.write(`${JSON.stringify(line)}\n`)
      const io: CommandIo = {
        lang,
        stdout: (text) => send({ type: 'stdout', text }),
        stderr: (text) => send({ type: 'stderr', text }),
        progress: (label, done, total, detail) => send({ type: 'progress', label, done, total, detail }),
        async bytes(part) {
          const line = { type: 'bytes', data: Buffer.from(part).toString('base64') } satisfies RemoteLine
          if (raw.destroyed) throw new Error('the command was ended')
          if (!raw.write(`${JSON.stringify(line)}\n`)) await untilDrained(raw)
        },
      }
      const bytes = new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text, 'base64')]))
      send({ type: 'exit', code: await runCommand(deps, command, args.slice(1), bytes, io) })
      raw.end()
    },
  )
}

/** Runs a command and returns its exit code. A refusal is printed to stderr: 2 for a malformed call, else 1. */
export async function runCommand(
  deps: Deps,
  command: DataCommand,
  args: readonly string[],
  files: ReadonlyMap<string, Uint8Array>,
  io: CommandIo,
): Promise<number> {
  try {
    return await command.run(deps, args, files, io)
  } catch (error) {
    if (!(error instanceof AppError)) {
      deps.log.error({ err: error }, 'command failed')
      io.stderr(describeError(io.lang, new AppError('internal')))
      return 1
    }
    io.stderr(describeError(io.lang, error))
    return error.code === 'usage' ? 2 : 1
  }
}

/** Waits until a stream takes more, or is closed, and leaves no listener on it. */
export async function untilDrained(stream: Writable): Promise<void> {
  const ended = new AbortController()
  const { signal } = ended
  try {
    await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })])
  } finally {
    ended.abort()
  }
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/

/** Returns true when the caller is on this machine: by a loopback address or the machine's own. */
function isLocal(request: FastifyRequest): boolean {
  const { remoteAddress, localAddress } = request.raw.socket
  if (remoteAddress === undefined) return false
  return LOOPBACK.test(remoteAddress) || remoteAddress === localAddress
}

function holdsToken(request: FastifyRequest, token: string): boolean {
  const given = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token))
}
