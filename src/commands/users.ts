import { parseArgs } from 'node:util'
import type { Deps } from '../deps.ts'
import { formatMessage, type Lang } from '../i18n/format.ts'
import {
  type AccountChange,
  type AccountView,
  disableAccount,
  enableAccount,
  endAccountSessions,
  listAccounts,
  resetAccount,
} from '../identity/accounts.ts'
import { type AddUser, addUser } from '../identity/users.ts'
import type { Actor } from '../permissions.ts'
import { type CommandIo, dataCommand } from './command.ts'
import { formatInstant, formatTable } from './table.ts'

const CLI: Actor = { kind: 'system', name: 'cli' }

type Act = (deps: Deps, mail: string) => Promise<AccountChange & { readonly password?: string }>
/** Changes to an existing account, by their verb on the command line. */
const ACTS: Readonly<Record<string, Act>> = {
  disable: (deps, mail) => disableAccount(deps, CLI, mail),
  enable: (deps, mail) => enableAccount(deps, CLI, mail),
  'end-sessions': (deps, mail) => endAccountSessions(deps, CLI, mail),
  reset: (deps, mail) => resetAccount(deps, CLI, mail),
}

type Call = { readonly json: boolean } & (
  | { readonly verb: 'list'; readonly schemeId: string | undefined }
  | { readonly verb: 'add'; readonly input: AddUser }
  | { readonly verb: 'act'; readonly name: string; readonly act: Act; readonly mail: string }
)

const text = { type: 'string' } as const
const json = { type: 'boolean', default: false } as const

function parseUsersCall([verb = '', ...args]: readonly string[]): Call | undefined {
  if (verb === 'list') {
    const { values } = parseArgs({ args, options: { scheme: text, json } })
    return { verb, schemeId: values.scheme, json: values.json }
  }
  const act = Object.hasOwn(ACTS, verb) ? ACTS[verb] : undefined
  if (act !== undefined) {
    const { values } = parseArgs({ args, options: { mail: text, json } })
    return values.mail === undefined
      ? undefined
      : { verb: 'act', name: verb, act, mail: values.mail, json: values.json }
  }
  if (verb !== 'add') return undefined
  const options = { mail: text, name: text, scheme: text, role: text, agency: text, trades: text, json }
  const { values } = parseArgs({ args, options })
  const { mail, name, scheme, role, agency, trades } = values
  if (mail === undefined || name === undefined || scheme === undefined || role === undefined) return undefined
  const input: AddUser = {
    mail,
    name,
    schemeId: scheme,
    role,
    ...(agency === undefined ? {} : { agencyCode: agency }),
    ...(trades === undefined ? {} : { trades: trades.split(',').map((code) => code.trim()) }),
  }
  return { verb, input, json: values.json }
}

/**
 * `tocsin users`: lists and creates accounts, grants roles, disables and enables accounts, resets first passwords.
 */
export const usersCommand = dataCommand({
  usage: (lang) => formatMessage(lang, 'cli.users.usage'),
  parse(args): Call | undefined {
    try {
      return parseUsersCall(args)
    } catch {
      // The usage line says everything that the error of parseArgs would.
      return undefined
    }
  },
  reads: ({ verb }) => verb === 'list',
  async run(deps, call, _files, io) {
    if (call.verb === 'list') writeAccounts(io, call, await listAccounts(deps, CLI, call.schemeId))
    else if (call.verb === 'add') await addAccount(deps, call, io)
    else await changeAccount(deps, call, io)
    return 0
  },
})

async function addAccount(deps: Deps, call: Extract<Call, { verb: 'add' }>, io: CommandIo): Promise<void> {
  const { userId, password } = await addUser(deps, CLI, call.input)
  const { mail, role, schemeId: scheme } = call.input
  if (call.json) {
    writeJson(io, { id: userId, mail, scheme, role, password: password ?? null })
    return
  }
  const done = password === undefined ? 'cli.users.granted' : 'cli.users.added'
  io.stdout(`${formatMessage(io.lang, done, { mail, role, scheme })}\n`)
  if (password !== undefined) io.stdout(`${formatMessage(io.lang, 'cli.users.password', { password })}\n`)
}

async function changeAccount(deps: Deps, call: Extract<Call, { verb: 'act' }>, io: CommandIo): Promise<void> {
  const { mail } = call
  const { id, changed, sessionsEnded, password } = await call.act(deps, mail)
  if (call.json) {
    const shown = password === undefined ? {} : { password }
    writeJson(io, { id, mail, action: call.name, changed, sessionsEnded, ...shown })
    return
  }
  const done = changed ? `cli.users.${call.name}` : 'cli.users.unchanged'
  io.stdout(`${formatMessage(io.lang, done, { mail, sessions: sessionsEnded })}\n`)
  if (password !== undefined) io.stdout(`${formatMessage(io.lang, 'cli.users.password', { password })}\n`)
}

function writeAccounts(io: CommandIo, { json }: { json: boolean }, accounts: readonly AccountView[]): void {
  if (json) writeJson(io, accounts)
  else if (accounts.length === 0) io.stdout(`${formatMessage(io.lang, 'cli.users.none')}\n`)
  else {
    const columns = ['mail', 'name', 'state', 'sessions', 'last', 'roles']
    const titles = columns.map((column) => formatMessage(io.lang, `cli.users.column.${column}`))
    io.stdout(
      formatTable(
        titles,
        accounts.map((one) => toAccountRow(io.lang, one)),
      ),
    )
  }
}

function toAccountRow(lang: Lang, account: AccountView): string[] {
  const { mail, name, openSessions, lastSignInAt, grants } = account
  return [
    mail,
    name,
    accountState(lang, account),
    String(openSessions),
    lastSignInAt === null ? '–' : formatInstant(lang, lastSignInAt),
    grants
      .map(({ scheme, role, agency }) => `${scheme}:${role}${agency === null ? '' : `@${agency}`}`)
      .join(' '),
  ]
}

function accountState(lang: Lang, { disabledAt, passwordDue }: AccountView): string {
  const state = disabledAt !== null ? 'disabled' : passwordDue ? 'due' : 'open'
  return formatMessage(lang, `cli.users.state.${state}`)
}

function writeJson(io: CommandIo, value: unknown): void {
  io.stdout(`${JSON.stringify(value, null, 2)}\n`)
}
