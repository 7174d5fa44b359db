import { type MailDeps, queueMails } from '../people/mails.ts'
import { publicAddress } from '../platform/address.ts'
import type { Tx } from '../platform/db.ts'
import { type Hearer, listHearers } from './store.ts'

/** An event of the break-glass account that is notified by mail. */
export type BreakGlassNotice = 'opened' | 'closed' | 'sealed' | 'broken' | 'refused' | 'lifted'

/** The notices that concern the administrators of the installation alone. */
const OF_ADMINISTRATORS: readonly BreakGlassNotice[] = ['broken', 'refused']

const PAGES: Readonly<Partial<Record<BreakGlassNotice, string>>> = {
  opened: '/',
  closed: '/',
  lifted: '/reglages?partie=acces',
}

/**
 * Mails a notice about the break-glass account to everybody whom it concerns.
 * @param values what its text needs
 */
export async function mailNotice(
  tx: Tx,
  deps: MailDeps,
  what: BreakGlassNotice,
  values: Readonly<Record<string, string | number>>,
): Promise<void> {
  const hearers = await listHearers(tx, OF_ADMINISTRATORS.includes(what) ? 'admin' : undefined)
  const link = publicAddress(deps.config, PAGES[what] ?? '/reglages?partie=secours')
  for (const [schemeId, some] of Map.groupBy<string, Hearer>(hearers, (hearer) => hearer.schemeId)) {
    const mails = some.map(({ mail }) => ({
      to: mail,
      template: `mail.break_glass.${what}` as const,
      values,
      link,
    }))
    await queueMails(tx, deps, schemeId, mails)
  }
}
