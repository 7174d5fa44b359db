import { formatMessage, type Lang } from '../../i18n/format.ts'
import type { ImportRemark } from '../../members/contract.ts'
import { inScheme } from '../../platform/db.ts'
import { isQuestion } from '../import/match/match.ts'
import type { RemarkView, UploadRow, UploadRowPage, UploadRowQuery } from './contract.ts'
import { listRows, type UploadedRow } from './store.ts'
import { getUploadRow, type UploadDeps, type UploadOwner } from './upload.ts'

/** Lists the rows of an upload. @throws AppError `not_found` */
export async function listUploadRows(
  deps: UploadDeps,
  requester: UploadOwner,
  id: string,
  query: UploadRowQuery,
): Promise<UploadRowPage> {
  const { schemeId, lang } = requester
  const { headerLine } = await getUploadRow(deps, requester, id)
  const rows = await inScheme(deps.db, schemeId, (tx) =>
    listRows(tx, schemeId, id, {
      ...query,
      after: Math.max(query.after, headerLine),
      limit: query.limit + 1,
    }),
  )
  const shown = rows.slice(0, query.limit)
  return {
    rows: shown.map((row) => toUploadRow(row, lang)),
    next: rows.length > query.limit ? (shown.at(-1)?.line ?? null) : null,
  }
}

export function toUploadRow(
  { line, cells, dropped, edited, problems, decision }: Omit<UploadedRow, 'schemeId' | 'importId'>,
  lang: Lang,
): UploadRow {
  const question = decision?.remark ?? problems?.find(isQuestion)
  return {
    line,
    cells,
    dropped,
    edited,
    problems: (problems ?? [])
      .filter((remark) => remark !== question)
      .map((remark) => toRemarkView(remark, lang)),
    question:
      question === undefined
        ? null
        : {
            message: formatMessage(lang, question.code, question.values),
            members: membersOf(question),
            answer: decision?.is ?? null,
            member: decision?.is === 'same' ? (decision.member ?? membersOf(question)[0]?.id ?? null) : null,
          },
  }
}

/** Returns the members that a row may be about. */
export function membersOf({ proposals = [] }: ImportRemark): { id: string; name: string }[] {
  return proposals.map(({ code, name }) => ({ id: code, name }))
}

export function toRemarkView({ line, column, index, code, values }: ImportRemark, lang: Lang): RemarkView {
  const key = `${code}.hint`
  const hint = formatMessage(lang, key, values)
  return {
    line,
    column,
    index,
    code,
    message: formatMessage(lang, code, values),
    hint: hint === key || hint === '' ? null : hint,
  }
}
