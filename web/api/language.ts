import type { Lang } from '../ui/format/text.ts'
import { callApi } from './client.ts'

// A choice that does not reach the server is made again at the next one: the screen shows the language in any case.

/** Stores the language of the mails to the signed-in account. */
export function storeAccountLang(lang: Lang): void {
  callApi('chooseAccountLanguage', { body: { lang } }).catch(() => undefined)
}

/** Stores the language of the mails and SMS of service to the signed-in contact. */
export function storeContactLang(lang: Lang): void {
  callApi('chooseContactLanguage', { body: { lang } }).catch(() => undefined)
}
