import { AppError } from '../errors.ts'
import { type Lang, say } from '../i18n/say.ts'

/** Makes the refusal of a malformed call; `call` is the usage text, of one or more lines. */
export function usageError(lang: Lang, call: string): AppError {
  return new AppError('usage', { values: { usage: say(lang, 'cli.usage', { call }) } })
}

/** Returns true when the only argument asks for help. */
export function isHelpRequest(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}
