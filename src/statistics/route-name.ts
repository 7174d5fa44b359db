import { formatMessage, type Lang } from '../i18n/format.ts'
import { SIMULATOR } from './rules.ts'

/** Returns how an export names the gateway of a message; '' for messages that no gateway took. */
export function routeName(gateway: string, lang: Lang): string {
  if (gateway === '') return formatMessage(lang, 'statistics.noRoute')
  return SIMULATOR.test(gateway) ? formatMessage(lang, 'statistics.simulator') : gateway
}
