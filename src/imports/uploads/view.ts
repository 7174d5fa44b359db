import { countNotified, findMemberChange, toChangeView } from '../../changes/store.ts'
import type { Deps } from '../../deps.ts'
import { formatMessage, type Lang } from '../../i18n/format.ts'
import { memberScopeOf } from '../../members/actions.ts'
import { authorize } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { findMissingColumns } from '../import/check/facts.ts'
import { columnsOf } from '../import/columns/columns.ts'
import { findJob, type ImportJob } from '../jobs/store.ts'
import type { UploadView } from './contract.ts'
import { toRemarkView } from './rows.ts'
import { countChosen, listRows, type Upload } from './store.ts'
import { fieldsOf, headerOf, listFirstLines, type UploadOwner } from './upload.ts'

/** Cells of a column shown as examples. */
const SAMPLES = 3

/** Returns the job of an upload as its user sees it: its progress or its failure. */
export function jobView(job: ImportJob | undefined, lang: Lang): Pick<UploadView, 'running' | 'failure'> {
  if (job === undefined) return { running: null, failure: null }
  const { startedAt, done, total, isReady, failure, endedAt } = job
  if (endedAt === null) {
    const running = { startedAt: startedAt.toISOString(), done, total: isReady ? total : null }
    return { running: { ...running, isReverting: failure !== null }, failure: null }
  }
  const code = failure ?? 'internal'
  return { running: null, failure: { code, message: formatMessage(lang, `error.${code}`, {}) } }
}

export async function toUploadView(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  { actor, schemeId, lang }: UploadOwner,
  upload: Upload,
): Promise<UploadView> {
  const only = memberScopeOf(authorize(actor, 'member.import', schemeId))
  const fields = fieldsOf(upload)
  const { headerLine } = upload
  const samples = await listRows(tx, schemeId, upload.id, { which: 'all', after: headerLine, limit: SAMPLES })
  const change = upload.changeId === null ? undefined : await findMemberChange(tx, schemeId, upload.changeId)
  const counts = change && (await countNotified(tx, schemeId, [change.id], deps.now())).get(change.id)
  const { report } = upload
  return {
    id: upload.id,
    fileName: upload.fileName,
    format: upload.format,
    otherSheets: upload.otherSheets,
    createdAt: upload.createdAt.toISOString(),
    rows: upload.rows,
    erased: upload.erased,
    ...(await countChosen(tx, schemeId, upload.id)),
    headerLine,
    firstLines: (await listFirstLines(tx, upload)).map(({ line, cells }) => ({
      line,
      text: cells
        .filter((cell) => cell.trim() !== '')
        .join(' · ')
        .slice(0, 120),
    })),
    columns: upload.headers.map((header, n) => ({
      header,
      field: fields[n] ?? null,
      samples: samples.map(({ cells }) => (cells[n] ?? '').slice(0, 60)).filter((cell) => cell !== ''),
    })),
    missing: await findMissingColumns(tx, schemeId, only, columnsOf(headerOf(upload), fields)),
    report:
      report === null
        ? null
        : { ...report, warnings: report.warnings.map((remark) => toRemarkView(remark, lang)) },
    ...jobView(await findJob(tx, { schemeId, importId: upload.id }), lang),
    appliedAt: upload.appliedAt?.toISOString() ?? null,
    change: change === undefined ? null : toChangeView(change, deps.now(), counts),
  }
}
