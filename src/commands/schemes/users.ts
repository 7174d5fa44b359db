import { parseArgs } from 'node:util'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import type { DeviceSession } from '../../identity/contract.ts'
import { RoleName } from '../../identity/contract.ts'
import { type AccountView, findAccount, listAccounts } from '../../people/accounts.ts'
import type { PersonId } from '../../people/act.ts'
import { disablePerson, enablePerson } from '../../people/closing.ts'
import type { GivenRole } from '../../people/contract.ts'
import { invitePerson } from '../../people/invitations/invite.ts'
import { recoverPerson } from '../../people/recovery.ts'
import { changeRole, removeRole } from '../../people/roles/roles.ts'
import { endPersonSessions, listPersonSessions } from '../../people/sessions.ts'
import type { Actor } from '../../permissions.ts'
import { type CommandIo, dataCommand, readClaim } from '../command.ts'
import { formatInstant, formatMinute, formatTable } from '../table.ts'

const text = { type: 'string' } as const
const flag = { type: 'boolean', default: false } as const
const OPTIONS = {
  mail: text,
  name: text,
  scheme: text,
  role: text,
  from: text,
  agency: text,
  trades: text,
  reason: text,
  session: text,
  as: text,
  remove: flag,
  json: flag,
}

interface Values {
  readonly mail: string
  readonly name?: string | undefined
  readonly scheme?: string | undefined
  readonly role?: string | undefined
  readonly from?: string | undefined
  readonly agency?: string | undefined
  readonly trades?: string | undefined
  readonly reason?: string | undefined
  readonly session?: string | undefined
  readonly as?: string | undefined
  readonly remove: boolean
  readonly json: boolean
}
type Option = keyof Values

/** The options of each verb; those with an asterisk are required. */
const VERBS: Readonly<Record<string, readonly `${Option}${'' | '*'}`[]>> = {
  list: ['scheme'],
  invite: ['mail*', 'name*', 'role*', 'scheme', 'agency', 'trades'],
  role: ['mail*', 'scheme*', 'role', 'from', 'agency', 'trades', 'remove', 'reason'],
  sessions: ['mail*'],
  disable: ['mail*', 'reason'],
  enable: ['mail*'],
  reset: ['mail*'],
  'end-sessions': ['mail*', 'session'],
}
const READING = ['list', 'sessions']

interface Call {
  readonly verb: string
  readonly values: Values
}

function parseUsersCall([verb = '', ...args]: readonly string[]): Call | undefined {
  const known = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
  if (known === undefined) return undefined
  const { values } = parseArgs({ args, options: OPTIONS })
  const names = known.map((name) => name.replace('*', ''))
  const allowed = [...names, 'json', ...(READING.includes(verb) ? [] : ['as'])]
  const isGiven = (name: string) => ![undefined, false].includes(values[name as Option] as never)
  if (Object.keys(values).some((name) => isGiven(name) && !allowed.includes(name))) return undefined
  if (known.some((name) => name.endsWith('*') && !isGiven(name.slice(0, -1)))) return undefined
  // A role is either given or removed.
  if (verb === 'role' && values.remove === (values.role !== undefined)) return undefined
  return { verb, values: { ...values, mail: values.mail ?? '' } }
}

/**
 * `tocsin users`: lists accounts, invites people, changes and removes roles, disables and enables accounts, sends a link to
 * those who lost their password, lists and ends sessions.
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
  reads: ({ verb }) => READING.includes(verb),
  async run(deps, call, _files, io) {
    const { verb, values } = call
    const claim = READING.includes(verb) ? {} : readClaim(deps, values.as)
    const actor: Actor = { kind: 'system', name: 'cli', ...claim }
    await runVerb(deps, actor, call, io)
    return 0
  },
})

async function runVerb(deps: Deps, actor: Actor, call: Call, io: CommandIo): Promise<void> {
  const { verb, values } = call
  if (verb === 'list') {
    writeAccounts(io, values.json, await listAccounts(deps, actor, values.scheme))
    return
  }
  if (verb === 'invite') {
    await runInvite(deps, actor, values, io)
    return
  }
  const account = await findAccount(deps, values.mail)
  switch (verb) {
    case 'sessions':
      writeSessions(io, values.json, await listPersonSessions(deps, actor, account))
      return
    case 'reset':
      await runReset(deps, actor, { ...call, account }, io)
      return
    case 'role':
      await runRole(deps, actor, { ...call, account }, io)
      return
    case 'disable':
      writeChange(io, call, account, await disablePerson(deps, actor, account, { reason: values.reason }))
      return
    case 'enable':
      writeChange(io, call, account, await enablePerson(deps, actor, account))
      return
    default:
      writeChange(io, call, account, await endPersonSessions(deps, actor, account, { id: values.session }))
  }
}

async function runInvite(deps: Deps, actor: Actor, values: Values, io: CommandIo): Promise<void> {
  const { mail, name = '', scheme, role = '', json } = values
  const invited = await invitePerson(deps, actor, scheme, { mail, name, ...roleOf(values) })
  const words = { mail, role, scheme: scheme ?? 'none' }
  if (json) writeJson(io, { id: invited.userId, ...words, ...invited, scheme: scheme ?? null })
  else {
    io.stdout(`${formatMessage(io.lang, `cli.users.${invited.outcome}`, words)}\n`)
    writeBypass(io, invited)
    writeLink(io, invited)
  }
}

interface AccountCall extends Call {
  readonly account: PersonId
}

async function runReset(
  deps: Deps,
  actor: Actor,
  { verb, values, account }: AccountCall,
  io: CommandIo,
): Promise<void> {
  const { mail, json } = values
  const { link, expiresAt, sessionsEnded } = await recoverPerson(deps, actor, account)
  if (json) writeJson(io, { id: account.userId, mail, action: verb, sessionsEnded, link, expiresAt })
  else {
    io.stdout(`${formatMessage(io.lang, 'cli.users.reset', { mail, sessions: sessionsEnded })}\n`)
    writeLink(io, { link, expiresAt })
  }
}

async function runRole(
  deps: Deps,
  actor: Actor,
  { verb, values, account }: AccountCall,
  io: CommandIo,
): Promise<void> {
  const { mail, json, role, scheme = '' } = values
  const { bypasses } = await setRole(deps, actor, account, values)
  if (json) writeJson(io, { id: account.userId, mail, action: verb, role: role ?? null, bypasses })
  else {
    const done = values.remove ? 'cli.users.role_removed' : 'cli.users.role'
    io.stdout(`${formatMessage(io.lang, done, { mail, role: role ?? '', scheme })}\n`)
    writeBypass(io, { bypasses })
  }
}

/** Writes what a verb changed of an account, or that it changed nothing. */
function writeChange(
  io: CommandIo,
  { verb, values: { mail, json } }: Call,
  account: PersonId,
  change: Awaited<ReturnType<typeof disablePerson | typeof enablePerson | typeof endPersonSessions>>,
): void {
  if (json) writeJson(io, { id: account.userId, mail, action: verb, ...change })
  else {
    const done = change.changed ? `cli.users.${verb}` : 'cli.users.unchanged'
    io.stdout(`${formatMessage(io.lang, done, { mail, sessions: change.sessionsEnded })}\n`)
  }
}

/** Replaces or removes the role of a person in a scheme: the only one that it has there, or the one named by --from. */
async function setRole(
  deps: Deps,
  actor: Actor,
  account: PersonId,
  values: Values,
): Promise<{ readonly bypasses: boolean }> {
  const schemeId = values.scheme ?? ''
  const [own] = (await listAccounts(deps, actor, schemeId)).filter(({ id }) => id === account.userId)
  const here = own?.grants.filter(({ scheme }) => scheme === schemeId).map(({ role }) => role) ?? []
  const from = RoleName.safeParse(values.from ?? (here.length === 1 ? here[0] : undefined))
  if (!from.success) {
    const roles = here.join(', ')
    const code = here.length === 0 ? 'user.no_role' : 'user.role_from'
    throw new AppError('invalid_input', { problems: [{ code, path: '--from', values: { roles } }] })
  }
  const reason = values.reason === undefined ? {} : { reason: values.reason }
  const of = { schemeId, userId: account.userId }
  if (!values.remove) return changeRole(deps, actor, of, { from: from.data, to: roleOf(values), ...reason })
  await removeRole(deps, actor, of, { role: from.data, ...reason })
  return { bypasses: false }
}

/** Says that a role was given on the machine, past the second person who could have decided in the scheme. */
function writeBypass(io: CommandIo, { bypasses }: { readonly bypasses: boolean }): void {
  if (bypasses) io.stdout(`${formatMessage(io.lang, 'cli.users.bypasses')}\n`)
}

function roleOf({ role = '', agency, trades }: Values): GivenRole {
  return {
    role,
    ...(agency === undefined ? {} : { agency }),
    ...(trades === undefined ? {} : { trades: trades.split(',').map((code) => code.trim()) }),
  }
}

function writeLink(
  io: CommandIo,
  { link, expiresAt }: { readonly link: string | null; readonly expiresAt: string | null },
): void {
  if (expiresAt === null) return
  const until = formatMinute(io.lang, expiresAt)
  if (link === null) io.stdout(`${formatMessage(io.lang, 'cli.users.mailed', { until })}\n`)
  else io.stdout(`${formatMessage(io.lang, 'cli.users.link', { until })}\n${link}\n`)
}

function writeAccounts(io: CommandIo, json: boolean, accounts: readonly AccountView[]): void {
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
    formatMessage(lang, `cli.users.state.${account.state}`),
    String(openSessions),
    lastSignInAt === null ? '–' : formatInstant(lang, lastSignInAt),
    grants
      .map(({ scheme, role, agency }) => `${scheme ?? '*'}:${role}${agency === null ? '' : `@${agency}`}`)
      .join(' '),
  ]
}

function writeSessions(io: CommandIo, json: boolean, sessions: readonly DeviceSession[]): void {
  if (json) writeJson(io, sessions)
  else if (sessions.length === 0) io.stdout(`${formatMessage(io.lang, 'cli.users.sessions.none')}\n`)
  else {
    const columns = ['session', 'device', 'network', 'since', 'seen']
    const titles = columns.map((column) => formatMessage(io.lang, `cli.users.column.${column}`))
    io.stdout(
      formatTable(
        titles,
        sessions.map(({ id, browser, system, network, since, lastSeenAt }) => [
          id,
          `${browser} / ${system}`,
          network ?? '–',
          formatInstant(io.lang, since),
          formatInstant(io.lang, lastSeenAt),
        ]),
      ),
    )
  }
}

function writeJson(io: CommandIo, value: unknown): void {
  io.stdout(`${JSON.stringify(value, null, 2)}\n`)
}
