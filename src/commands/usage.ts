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
