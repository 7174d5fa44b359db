import { AppError } from '../errors.ts'
import { type Lang, say } from '../i18n/say.ts'

/** The refusal of a command called wrongly; `call` is how to call it, on one line or more. */
export function usageError(lang: Lang, call: string): AppError {
  return new AppError('usage', { values: { usage: say(lang, 'cli.usage', { call }) } })
}

/** Whether how to call the command is all that is asked. */
export function asksHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}
