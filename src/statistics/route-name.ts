import { type Lang, say } from '../i18n/say.ts'

/** Names that config.ts gives to the simulator of the program: a dash is added to one that another gateway has. */
const SIMULATOR = /^simulator-*$/

/** Returns how an export names the gateway of a message; '' for messages that no gateway took. */
export function routeName(gateway: string, lang: Lang): string {
  if (gateway === '') return say(lang, 'statistics.noRoute')
  return SIMULATOR.test(gateway) ? say(lang, 'statistics.simulator') : gateway
}
