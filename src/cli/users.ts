import { parseArgs } from 'node:util'
import { AppError } from '../errors.ts'
import { addUser } from '../identity/users.ts'
import { say } from '../messages/say.ts'
import type { DataCommand } from './command.ts'

const USAGE =
  'tocsin users add --mail MAIL --name "NAME" --scheme CODE --role operator|chief|magistrate|chamber [--agency CODE]'

/** `tocsin users add`: opens an account, or gives one that exists a further role. */
export const usersCommand: DataCommand = {
  files: () => [],
  async run(deps, args, _files, io) {
    const { mail, name, scheme, role, agency } = readOptions(args)
    const { password } = await addUser(
      deps,
      { kind: 'system', name: 'cli' },
      { mail, name, schemeId: scheme, role, ...(agency === undefined ? {} : { agencyCode: agency }) },
    )
    io.stdout(
      `${say(io.lang, password === undefined ? 'cli.users.granted' : 'cli.users.added', { mail, role, scheme })}\n`,
    )
    if (password !== undefined) io.stdout(`${say(io.lang, 'cli.users.password', { password })}\n`)
    return 0
  },
}

function readOptions(args: readonly string[]) {
  const usage = new AppError('usage', { values: { usage: USAGE } })
  if (args[0] !== 'add') throw usage
  let values: Record<'mail' | 'name' | 'scheme' | 'role' | 'agency', string | undefined>
  try {
    const text = { type: 'string' } as const
    const options = { mail: text, name: text, scheme: text, role: text, agency: text }
    ;({ values } = parseArgs({ args: args.slice(1), options, allowPositionals: false }) as {
      values: typeof values
    })
  } catch {
    throw usage
  }
  const { mail, name, scheme, role, agency } = values
  if (mail === undefined || name === undefined || scheme === undefined || role === undefined) throw usage
  return { mail, name, scheme, role, agency }
}
