import { z } from 'zod'
import { ChangeView } from '../../changes/contract.ts'
import { ListedPayments } from '../../dues/bulk/contract.ts'
import { type ImportRemark, ImportReport } from '../../members/contract.ts'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { MAX_CELL, MAX_COLUMNS } from '../import/file/table.ts'

/** Hours after its last use until an upload is deleted. */
export const UPLOAD_HOURS = 24

/** POST /api/schemes/:scheme/member-imports, the file as the body. */
export const UploadQuery = z.object({
  /** File name that the user sees. */
  name: z.string().trim().min(1).max(200).default('liste'),
  id: ClientId.optional(),
})

/** A problem or warning, as text. */
export const RemarkView = z.object({
  line: z.number(),
  column: z.string().nullable(),
  /** Column, counted from 0; null for the row as a whole. */
  index: z.number().nullable(),
  code: z.string(),
  message: z.string(),
  /** Advice for fixing it. */
  hint: z.string().nullable(),
})
export type RemarkView = z.infer<typeof RemarkView>

/** The decision about a row, and the question that it answers. */
export interface RowDecision {
  readonly is: 'same' | 'other'
  /** The member that the row is about; absent if the question names one only. */
  readonly member?: string
  readonly remark: ImportRemark
}

/** A row that shares a number with members: is it one of them, or another business? */
export const RowQuestion = z.object({
  message: z.string(),
  /** The members that it may be. */
  members: z.array(z.object({ id: z.uuid(), name: z.string() })),
  /** Null while undecided; the row is then not imported. */
  answer: z.enum(['same', 'other']).nullable(),
  /** The member that it is; null unless the answer is `same`. */
  member: z.uuid().nullable(),
})

/** The result of a check or an import. */
export const UploadReport = ImportReport.omit({ problems: true })
export type UploadReport = z.infer<typeof UploadReport>

/** The sheet of a workbook that was read, and the names of the others. */
const ReadSheet = z.object({ sheet: z.string(), names: z.array(z.string()) })
export type ReadSheet = z.infer<typeof ReadSheet>

/** A file that a user is importing. */
export const UploadView = z.object({
  id: z.uuid(),
  fileName: z.string(),
  format: z.enum(['csv', 'xlsx']),
  /** Null if the workbook has no other sheets. */
  otherSheets: ReadSheet.nullable(),
  createdAt: z.iso.datetime(),
  /** Rows of the file, without the header and empty rows. */
  rows: z.number(),
  /** Rows dropped by the user. */
  dropped: z.number(),
  /** Rows deleted because the member that they named was erased since. */
  erased: z.number(),
  /** Rows with a decision about a member of the same number. */
  answered: z.number(),
  /** Line of the file that contains the header; 0 if the list has none. */
  headerLine: z.number(),
  /** The first lines, shortened, from which another header can be chosen. */
  firstLines: z.array(z.object({ line: z.number(), text: z.string() })),
  columns: z.array(
    z.object({
      header: z.string(),
      /** Field of the column: for example `siret`, or `mobile.2` for the second contact; null if it is ignored. */
      field: z.string().nullable(),
      /** The first cells of the column. */
      samples: z.array(z.string()),
    }),
  ),
  /** Missing columns, each by its usual headers, any of which would do. */
  missing: z.array(z.string()),
  /** Result of the last check; null if a check is needed or a column is missing. */
  report: UploadReport.extend({ warnings: z.array(RemarkView) }).nullable(),
  /** The import that is being written; null when none is. A long one continues in the background, also after a restart. */
  running: z
    .object({
      startedAt: z.iso.datetime(),
      done: z.number(),
      /** Null while the rows are being checked. */
      total: z.number().nullable(),
      /** Whether it failed, and what was written is being reverted. */
      isReverting: z.boolean(),
    })
    .nullable(),
  /** Reason for which its last import failed; nothing of that import is left. Null after a correction, and if none failed. */
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** When it was imported and what that changed; null before the import, or if it changed nothing. */
  appliedAt: z.iso.datetime().nullable(),
  change: ChangeView.nullable(),
})
export type UploadView = z.infer<typeof UploadView>

/** GET /api/schemes/:scheme/member-imports: the user's uploads of the last day, those not imported first. */
export const UploadSummary = UploadView.pick({
  id: true,
  fileName: true,
  createdAt: true,
  rows: true,
  running: true,
  failure: true,
  appliedAt: true,
}).extend({
  /** Members that it created and updated; null before the import. */
  written: z.object({ created: z.number(), updated: z.number() }).nullable(),
})
export type UploadSummary = z.infer<typeof UploadSummary>

/** PUT /api/schemes/:scheme/member-imports/:id/columns: the field of each column, in order. */
export const ColumnChoice = z.object({ fields: z.array(z.string().max(20).nullable()).max(MAX_COLUMNS) })
export type ColumnChoice = z.infer<typeof ColumnChoice>

/** PUT /api/schemes/:scheme/member-imports/:id/header: which of the first lines is the header; 0: the list has none. */
export const HeaderChoice = z.object({ line: z.int32().min(0) })
export type HeaderChoice = z.infer<typeof HeaderChoice>

/** GET /api/schemes/:scheme/member-imports/:id/rows */
export const UploadRowQuery = z.object({
  /** `bad`: with problems; `asked`: needing a decision, or having one. */
  which: z.enum(['bad', 'asked', 'dropped', 'all']).default('bad'),
  /** The `next` of the previous page. */
  after: z.coerce.number().int().max(2_147_483_647).min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(25),
})
export type UploadRowQuery = z.infer<typeof UploadRowQuery>

export const UploadRow = z.object({
  line: z.number(),
  cells: z.array(z.string()),
  dropped: z.boolean(),
  /** Whether it was corrected since the upload. */
  edited: z.boolean(),
  problems: z.array(RemarkView),
  question: RowQuestion.nullable(),
})
export type UploadRow = z.infer<typeof UploadRow>

export const UploadRowPage = z.object({
  rows: z.array(UploadRow),
  /** The `after` of the next page; null on the last page. */
  next: z.number().nullable(),
})
export type UploadRowPage = z.infer<typeof UploadRowPage>

/** PUT /api/schemes/:scheme/member-imports/:id/rows/:line */
export const RowFix = z.object({
  /** New texts of cells, by column number counted from 0. */
  cells: z
    .array(
      z.object({
        index: z
          .number()
          .int()
          .min(0)
          .max(MAX_COLUMNS - 1),
        text: z.string().max(MAX_CELL),
      }),
    )
    .max(MAX_COLUMNS)
    .default([]),
  /** Drops the row, or restores it. */
  dropped: z.boolean().optional(),
  /** The decision about it; null removes it. Correcting its cells removes it too. */
  answer: z.enum(['same', 'other']).nullable().optional(),
  /** Needed by `same`: which member, where the question names several. */
  member: z.uuid().optional(),
})
export type RowFix = z.infer<typeof RowFix>

/** PUT /api/schemes/:scheme/member-imports/:id/answers: one decision for all rows that need one, or drops them all. */
export const AnswerAll = z.object({ answer: z.enum(['same', 'other', 'dropped']) })
export type AnswerAll = z.infer<typeof AnswerAll>

const CellText = z.object({
  /** `charter`: cells that say that the charter is signed, but not when. */
  kind: z.enum(['commune', 'trade', 'status', 'charter']),
  /** The text that the cells share: without accents, case and punctuation. Of `charter` once answered: the answer. */
  written: z.string().min(1).max(100),
})

/** The cell of the first of these rows, as it stands in the list. */
const AsListed = z.string()

/** GET /api/schemes/:scheme/member-imports/:id/cells: cells that are written alike, one entry for all of them. */
export const UploadCells = z.object({
  /** Cells that the last check could not read, those of most rows first. */
  asked: z.array(
    CellText.extend({
      as: AsListed,
      rows: z.number(),
      /** The first row. */
      line: z.number(),
      /** Communes, trades or statuses, one of which may be meant. */
      proposals: z.array(z.object({ code: z.string(), name: z.string() })),
      /** Rows with a day of joining, for `charter`, which may be that of the signature. */
      joined: z.number().optional(),
    }),
  ),
  /** Cells that were guessed from some of their words; an answer replaces the guess. */
  guessed: z.array(
    CellText.extend({
      as: AsListed,
      rows: z.number(),
      guess: z.object({ code: z.string(), name: z.string() }),
    }),
  ),
  /** Cells that were read by an answer given before, in this list or another one. */
  answered: z.array(
    CellText.extend({
      as: AsListed,
      rows: z.number(),
      answer: z.object({ code: z.string(), name: z.string() }),
      /** Whether the user may forget it: a trade chamber forgets those for its own lists only. */
      isOwn: z.boolean(),
    }),
  ),
})
export type UploadCells = z.infer<typeof UploadCells>

/** PUT /api/schemes/:scheme/member-imports/:id/cells: one answer for all cells that are written alike, of those that GET lists. */
export const CellAnswer = CellText.extend({
  /**
   * The code of a commune of the territory or of a trade, or a status; null forgets the answer. Of `charter`, which is answered for this list
   * only: the day (YYYY-MM-DD), or `joined` for the day on which each of these rows joined.
   */
  answer: z.string().min(1).max(50).nullable(),
})
export type CellAnswer = z.infer<typeof CellAnswer>

/** POST /api/schemes/:scheme/member-imports/:id/apply */
export const ApplyUpload = z.object({
  /** Skips rows with a problem. */
  skipBad: z.boolean().default(false),
  /** Number of members that the list may remove from alerts: as many as the check counted. */
  leaving: z.int32().min(0).default(0),
  /** Records the dues that the list says are paid; absent: they are not. */
  payments: ListedPayments.optional(),
})
export type ApplyUpload = z.input<typeof ApplyUpload>

nameSchemas({
  AnswerAll,
  ApplyUpload,
  CellAnswer,
  ColumnChoice,
  HeaderChoice,
  RemarkView,
  RowFix,
  RowQuestion,
  UploadCells,
  UploadRow,
  UploadRowPage,
  UploadSummary,
  UploadView,
})
