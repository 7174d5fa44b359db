import type { Deps } from '../../deps.ts'
import { inScheme } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'
import { findDecidedAlone } from '../../settings/alone.ts'

/**
 * Every file that an endpoint sends, by operation: an `export` says that settings in force were decided by one person alone, in its
 * name and in a header; `line`: also in the document itself, where that breaks no reader of the format. Those that are no export have
 * a reason.
 */
export const EXPORTS: Readonly<Record<string, 'export' | 'line' | { readonly none: string }>> = {
  exportAccounting: 'export',
  exportAudit: 'export',
  exportCap: 'export',
  exportDeliveries: 'export',
  exportJournal: 'export',
  exportMembersCsv: 'export',
  exportMembersXlsx: 'line',
  exportOwnDataCsv: 'export',
  exportOwnDataJson: 'export',
  exportStatistics: 'export',
  exportLettersCsv: 'export',
  exportLettersXlsx: 'export',
  downloadDebitFile: 'export',
  getCall: 'line',
  getCalls: 'line',
  getCertificate: 'line',
  getDepositSlip: 'line',
  getFileJson: 'export',
  getFilePdf: 'line',
  getMemberFileJson: 'export',
  getMemberFilePdf: 'line',
  getOwnCertificate: 'line',
  getInvoice: 'line',
  getOwnInvoice: 'line',
  getOwnReceipt: 'line',
  getReceipt: 'line',
  getPaperOdt: 'line',
  getPaperPdf: 'line',
  getRegister: 'line',
  renderStatisticsPdf: 'line',
  exportSchemeFile: { none: 'Settings from which a scheme is created, read by a program.' },
  exportInstallationAudit: { none: 'Of no scheme.' },
  getContours: { none: 'Public geography.' },
  getDemoAttachment: { none: 'A file of the demo’s mailbox, which was sent before.' },
  getOwnSticker: { none: 'A sticker for a door: no data.' },
  getPublicMap: { none: 'Public geography.' },
  getSticker: { none: 'A sticker for a door: no data.' },
  getTerritoryMap: { none: 'Public geography.' },
}

/** The header of an export whose scheme was run by one person alone: the day of the last such change, and the subjects. */
export const ALONE_HEADER = 'tocsin-decided-alone'
/** Ends the name of such a file, before its extension. */
const ALONE_SUFFIX = '-decide-seul'

/** Marks the exports of schemes whose settings one person decided alone. */
export function markExports(app: App, { db }: Pick<Deps, 'db'>): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { id = '' } = request.routeOptions.config.endpoint ?? {}
    const mark = Object.hasOwn(EXPORTS, id) ? EXPORTS[id] : undefined
    if (mark === undefined || typeof mark === 'object' || reply.statusCode !== 200) return payload
    const { scheme = '' } = request.params as { readonly scheme?: string }
    const alone = await inScheme(db, scheme, (tx) => findDecidedAlone(tx, scheme))
    if (alone === undefined) return payload
    reply.header(ALONE_HEADER, `${alone.day}; ${alone.subjects.join(', ')}`)
    const disposition = reply.getHeader('content-disposition')
    if (typeof disposition === 'string')
      reply.header('content-disposition', withSuffix(disposition, ALONE_SUFFIX))
    return payload
  })
}

/** Returns a `Content-Disposition` whose file name has a suffix before its extension, or its extensions (`.cap.xml`). */
export function withSuffix(disposition: string, suffix: string): string {
  return disposition.replace(/filename="([^".]+)((?:\.[^".]+)*)"/, `filename="$1${suffix}$2"`)
}
