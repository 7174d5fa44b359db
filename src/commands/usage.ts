import { AppError } from '../errors.ts'
import { formatMessage, type Lang } from '../i18n/format.ts'

/** Makes the refusal of a malformed call; `call` is the usage text, of one or more lines. */
export function usageError(lang: Lang, call: string): AppError {
  return new AppError('usage', { values: { usage: formatMessage(lang, 'cli.usage', { call }) } })
}

/** Returns true when the only argument asks for help. */
export function isHelpRequest(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}

/** The usage texts of commands on the data, which are thus printed without loading the program. */
const USAGES: Readonly<Record<string, string>> = {
  audit: 'cli.audit.usage',
  'break-glass': 'cli.break_glass.usage',
  compose: 'cli.compose.usage',
  deliveries: 'cli.deliveries.usage',
  members: 'cli.members.usage',
  routes: 'cli.routes.usage',
  territory: 'cli.territory.usage',
  users: 'cli.users.usage',
}

/** Returns the usage of a command on the data as it is printed; undefined: the command itself knows it. */
export function findUsage(name: string, lang: Lang): string | undefined {
  const key = Object.hasOwn(USAGES, name) ? USAGES[name] : undefined
  return key && formatMessage(lang, 'cli.usage', { call: formatMessage(lang, key) })
}
