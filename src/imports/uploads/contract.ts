import { z } from 'zod'
import { ChangeView } from '../../changes/contract.ts'
import { type ImportRemark, ImportReport } from '../../members/contract.ts'
import { MAX_CELL, MAX_COLUMNS } from '../import/read.ts'

/** Hours that what was laid down is kept after it was last touched. */
export const UPLOAD_HOURS = 24

/** POST /api/schemes/:scheme/member-imports, the file as the body. */
export const UploadQuery = z.object({
  /** How the person calls the file. */
  name: z.string().trim().min(1).max(200).default('liste'),
})

/** One thing wrong, or worth knowing, in words. */
export const RemarkView = z.object({
  line: z.number(),
  column: z.string().nullable(),
  /** Which column, from 0; null for the row as a whole. */
  index: z.number().nullable(),
  code: z.string(),
  message: z.string(),
  /** What to do about it. */
  hint: z.string().nullable(),
})
export type RemarkView = z.infer<typeof RemarkView>

/** What was answered for a row, and to which question. */
export interface RowDecision {
  readonly is: 'same' | 'other'
  readonly remark: ImportRemark
}

/** A row that shares a number with a member, and little else: are they one? */
export const RowQuestion = z.object({
  message: z.string(),
  /** Null: nobody said yet, and the row is not imported. */
  answer: z.enum(['same', 'other']).nullable(),
})

/** What a check found, or an import did. */
export const UploadReport = ImportReport.omit({ problems: true })
export type UploadReport = z.infer<typeof UploadReport>

/** A file that somebody is importing. */
export const UploadView = z.object({
  id: z.uuid(),
  fileName: z.string(),
  format: z.enum(['csv', 'xlsx']),
  createdAt: z.iso.datetime(),
  /** Rows of the file, without the header and the empty ones. */
  rows: z.number(),
  /** Of them, left out by the person. */
  dropped: z.number(),
  /** Rows taken out because whom they were about was erased since. */
  erased: z.number(),
  /** Of them, those for which the person said whether they are a member of the same number. */
  answered: z.number(),
  /** The line of the file that the titles of its columns stand on. */
  headerLine: z.number(),
  /** The first lines, of which another may be the one: what they hold, shortened. */
  firstLines: z.array(z.object({ line: z.number(), text: z.string() })),
  columns: z.array(
    z.object({
      header: z.string(),
      /** What it holds: `siret`, or of the n-th contact `mobile.2`; null: nothing is taken from it. */
      field: z.string().nullable(),
      /** Its first cells. */
      samples: z.array(z.string()),
    }),
  ),
  /** What no column tells yet: of each, any one would do, by its usual headers. */
  missing: z.array(z.string()),
  /** Of the last check; null: it has to be checked, or a column is missing. */
  report: UploadReport.extend({ warnings: z.array(RemarkView) }).nullable(),
  /** When it was imported, and what that did; null: not yet, or it changed nothing. */
  appliedAt: z.iso.datetime().nullable(),
  change: ChangeView.nullable(),
})
export type UploadView = z.infer<typeof UploadView>

/** GET /api/schemes/:scheme/member-imports: what one has begun and not imported. */
export const UploadSummary = UploadView.pick({ id: true, fileName: true, createdAt: true, rows: true })
export type UploadSummary = z.infer<typeof UploadSummary>

/** PUT /api/schemes/:scheme/member-imports/:id/columns: what each column holds, in their order. */
export const ColumnChoice = z.object({ fields: z.array(z.string().max(20).nullable()).max(MAX_COLUMNS) })
export type ColumnChoice = z.infer<typeof ColumnChoice>

/** PUT /api/schemes/:scheme/member-imports/:id/header: which of the first lines holds the titles of the columns. */
export const HeaderChoice = z.object({ line: z.int32().min(1) })
export type HeaderChoice = z.infer<typeof HeaderChoice>

/** GET /api/schemes/:scheme/member-imports/:id/rows */
export const UploadRowQuery = z.object({
  /** `bad`: wrong; `asked`: those that wait for an answer, or have it. */
  which: z.enum(['bad', 'asked', 'dropped', 'all']).default('bad'),
  /** `next` of the page before. */
  after: z.coerce.number().int().max(2_147_483_647).min(0).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(25),
})
export type UploadRowQuery = z.infer<typeof UploadRowQuery>

export const UploadRow = z.object({
  line: z.number(),
  cells: z.array(z.string()),
  dropped: z.boolean(),
  /** Corrected since it was laid down. */
  edited: z.boolean(),
  problems: z.array(RemarkView),
  question: RowQuestion.nullable(),
})
export type UploadRow = z.infer<typeof UploadRow>

export const UploadRowPage = z.object({
  rows: z.array(UploadRow),
  /** What to give as `after` for the next page; null on the last. */
  next: z.number().nullable(),
})
export type UploadRowPage = z.infer<typeof UploadRowPage>

/** PUT /api/schemes/:scheme/member-imports/:id/rows/:line */
export const RowFix = z.object({
  /** New texts of cells, by the number of their column from 0. */
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
  /** Leave it out, or take it again. */
  dropped: z.boolean().optional(),
  /** The answer to its question; null takes it back. What changes in its cells takes it back too. */
  answer: z.enum(['same', 'other']).nullable().optional(),
})
export type RowFix = z.infer<typeof RowFix>

/** PUT /api/schemes/:scheme/member-imports/:id/answers: one for all rows that wait for one; or leaves them all out. */
export const AnswerAll = z.object({ answer: z.enum(['same', 'other', 'dropped']) })
export type AnswerAll = z.infer<typeof AnswerAll>

/** POST /api/schemes/:scheme/member-imports/:id/apply */
export const ApplyUpload = z.object({
  /** Leaves out the rows with a problem. */
  skipBad: z.boolean().default(false),
  /** How many members the list may take out of alerts: as many as the check counts. */
  leaving: z.int32().min(0).default(0),
})
export type ApplyUpload = z.input<typeof ApplyUpload>
