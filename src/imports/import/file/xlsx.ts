import { Worker } from 'node:worker_threads'
import { AppError } from '../../../errors.ts'
import { createLimits, refuseFile } from './table.ts'
import type { SheetAnswer, SheetRows, SheetTask } from './xlsx-worker.ts'

/** Size of the compressed file. */
const MAX_XLSX_BYTES = 20 * 1024 * 1024

/** Limits of the worker that reads or writes a workbook. */
export interface XlsxLimits {
  /** Total size of the unpacked parts of a workbook. */
  readonly unpackedBytes: number
  /** Memory of the worker: a small file can describe a sheet of billions of empty cells. */
  readonly heapMegabytes: number
  readonly milliseconds: number
}

const LIMITS: XlsxLimits = { unpackedBytes: 300 * 1024 * 1024, heapMegabytes: 1024, milliseconds: 30_000 }

/** The source file in a checkout, the built one in the package. */
const FILE = import.meta.url.endsWith('.ts') ? './xlsx-worker.ts' : './xlsx-worker.js'

/**
 * Reads the first sheet of a workbook that is a list, with known titles or rows that look like businesses, or else the first that is
 * not empty, as text, without empty rows. Runs in a worker thread, so that a large file blocks nothing, with limits of time and memory.
 * @throws AppError `invalid_file`, `file_too_large`
 */
export async function readXlsx(
  bytes: Uint8Array,
  file: string,
  allowed: XlsxLimits = LIMITS,
): Promise<SheetRows> {
  if (bytes.length > MAX_XLSX_BYTES)
    throw new AppError('file_too_large', { values: { limit: MAX_XLSX_BYTES / 1024 / 1024 } })
  const answer = await runInWorker({ kind: 'read', bytes, maxBytes: allowed.unpackedBytes }, allowed)
  if (answer.kind === 'beyond') refuseFile(file, { code: 'import.spreadsheet_too_large' })
  if (answer.kind !== 'rows') refuseFile(file, { code: 'import.spreadsheet' })
  const limits = createLimits(file)
  for (const { line, cells } of answer.rows) limits.check(line, cells)
  limits.end()
  return answer
}

/**
 * Writes a workbook of one sheet, with its first row in bold. Every cell is text, so that no program converts a SIRET to a
 * number.
 */
export async function writeXlsx(
  sheet: string,
  rows: readonly (readonly string[])[],
  note?: string,
): Promise<Uint8Array> {
  const answer = await runInWorker({ kind: 'write', sheet, rows, note }, LIMITS)
  if (answer.kind !== 'file') throw new AppError('internal')
  return answer.bytes
}

/** Runs a task in the worker. `beyond`: it exceeds the limits of size, time or memory. */
function runInWorker(task: SheetTask, allowed: XlsxLimits): Promise<SheetAnswer> {
  return new Promise((done, fail) => {
    const worker = new Worker(new URL(FILE, import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: allowed.heapMegabytes },
    })
    const timer = setTimeout(() => end({ kind: 'beyond' }), allowed.milliseconds)
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
