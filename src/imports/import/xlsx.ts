import { Worker } from 'node:worker_threads'
import { AppError } from '../../errors.ts'
import { createLimits, refuse, type TableRow } from './read.ts'
import type { SheetAnswer, SheetTask } from './xlsx-worker.ts'

/** Of the file, compressed. */
const MAX_XLSX_BYTES = 20 * 1024 * 1024
/** What its parts come to, unpacked. */
const MAX_UNPACKED_BYTES = 300 * 1024 * 1024
/** What the worker may hold: one small file can describe a sheet of billions of empty cells. */
const MAX_HEAP_MB = 1024
/** How long a workbook may take. */
const MAX_MS = 30_000

/** The source in a checkout, what was built of it in the package. */
const FILE = import.meta.url.endsWith('.ts') ? './xlsx-worker.ts' : './xlsx-worker.js'

/**
 * The rows of the first sheet of a workbook that has any, as text, empty ones left out; the first is the header. Read in a
 * thread of its own, so that a large one holds up nothing, with bounds on its time and its memory.
 * @throws AppError `invalid_file`, `file_too_large`.
 */
export async function readXlsx(bytes: Uint8Array, file: string): Promise<TableRow[]> {
  if (bytes.length > MAX_XLSX_BYTES)
    throw new AppError('file_too_large', { values: { limit: MAX_XLSX_BYTES / 1024 / 1024 } })
  const answer = await work({ kind: 'read', bytes, maxBytes: MAX_UNPACKED_BYTES })
  if (answer.kind === 'beyond') refuse(file, { code: 'import.spreadsheet_too_large' })
  if (answer.kind !== 'rows') refuse(file, { code: 'import.spreadsheet' })
  const limits = createLimits(file)
  for (const { line, cells } of answer.rows) limits.check(line, cells)
  limits.end()
  return answer.rows
}

/** A workbook of one sheet, its first row in bold. Every cell is text, so that no program makes a number of a SIRET. */
export async function writeXlsx(sheet: string, rows: readonly (readonly string[])[]): Promise<Uint8Array> {
  const answer = await work({ kind: 'write', sheet, rows })
  if (answer.kind !== 'file') throw new AppError('internal')
  return answer.bytes
}

/** `beyond`: it takes more room, time or memory than it may. */
function work(task: SheetTask): Promise<SheetAnswer> {
  return new Promise((done, fail) => {
    const worker = new Worker(new URL(FILE, import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    const timer = setTimeout(() => end({ kind: 'beyond' }), MAX_MS)
    worker.on('message', (answer: SheetAnswer) => end(answer))
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') end({ kind: 'beyond' })
      else {
        clearTimeout(timer)
        fail(error)
      }
    })
    function end(answer: SheetAnswer): void {
      clearTimeout(timer)
      done(answer)
      void worker.terminate()
    }
  })
}
