import { parseArgs } from 'node:util'
import { type AddUser, addUser } from '../identity/users.ts'
import { say } from '../messages/say.ts'
import { dataCommand } from './command.ts'

/** `tocsin users add`: opens an account, or gives one that exists a further role. */
export const usersCommand = dataCommand({
  usage: (lang) => say(lang, 'cli.users.usage'),
  parse(args): AddUser | undefined {
    if (args[0] !== 'add') return undefined
    const text = { type: 'string' } as const
    const options = { mail: text, name: text, scheme: text, role: text, agency: text, trades: text }
    try {
      const { mail, name, scheme, role, agency, trades } = parseArgs({ args: args.slice(1), options }).values
      if (mail === undefined || name === undefined || scheme === undefined || role === undefined)
        return undefined
      return {
        mail,
        name,
        schemeId: scheme,
        role,
        ...(agency === undefined ? {} : { agencyCode: agency }),
        ...(trades === undefined ? {} : { trades: trades.split(',').map((code) => code.trim()) }),
      }
    } catch {
      // The usage line says all that parseArgs would.
      return undefined
    }
  },
  async run(deps, input, _files, io) {
    const { password } = await addUser(deps, { kind: 'system', name: 'cli' }, input)
    const { mail, role, schemeId: scheme } = input
    io.stdout(
      `${say(io.lang, password === undefined ? 'cli.users.granted' : 'cli.users.added', { mail, role, scheme })}\n`,
    )
    if (password !== undefined) io.stdout(`${say(io.lang, 'cli.users.password', { password })}\n`)
    return 0
  },
})
