import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline, Readable } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { createGunzip, createGzip } from 'node:zlib'
import { Decrypter, Encrypter } from 'age-encryption'
import { AppError } from '../errors.ts'
import { createRowSum, FileEnd, isRow, type Summary, TableEnd } from './format.ts'
import { backupDamagedError, readHeaderLine } from './load.ts'
import { createSummaryTaker } from './read.ts'

/** First bytes of a file that age encrypted (age-encryption.org/v1), and of one that is only compressed. */
const AGE = Buffer.from('age-encryption.org/v1\n')
const GZIP = Buffer.from([0x1f, 0x8b])
const BLOCK_CHARACTERS = 64_000

/**
 * Makes the bytes of a backup: its lines and their checksum, compressed by gzip, then encrypted as the program `age` does.
 * @param recipients public keys, of which any private key opens it; none: not encrypted
 * @param onEnd called with the number of rows
 * @throws AppError `backup_key` when a public key is none
 */
export async function* encodeBackup(
  lines: AsyncIterable<string>,
  recipients: readonly string[],
  onEnd: (rows: number) => void = () => {},
): AsyncGenerator<Uint8Array> {
  const packed = createGzip()
  // Its failure is that of the last stream, which is read below.
  pipeline(Readable.from(blocksOf(lines, onEnd)), packed, () => {})
  if (recipients.length === 0) {
    yield* packed as AsyncIterable<Uint8Array>
    return
  }
  const encrypter = new Encrypter()
  try {
    for (const recipient of recipients) encrypter.addRecipient(recipient)
  } catch {
    throw new AppError('backup_key', { values: { reason: 'public' } })
  }
  const encrypted = await encrypter.encrypt(Readable.toWeb(packed) as unknown as ReadableStream<Uint8Array>)
  yield* encrypted as unknown as AsyncIterable<Uint8Array>
}

async function* blocksOf(
  lines: AsyncIterable<string>,
  onEnd: (rows: number) => void,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let rows = 0
  let text = ''
  for await (const line of lines) {
    if (isRow(line)) rows += 1
    text += `${line}\n`
    if (text.length < BLOCK_CHARACTERS) continue
    const block = Buffer.from(text)
    hash.update(block)
    yield block
    text = ''
  }
  hash.update(text)
  yield Buffer.from(`${text}${JSON.stringify({ end: { rows, sha256: hash.digest('hex') } })}\n`)
  onEnd(rows)
}

/**
 * Reads the lines of a file, without its end.
 * @param privateKey text of a file of private keys of age, for an encrypted backup
 * @throws AppError `backup_key` when it is missing or another one, `backup_damaged` when the file is none, was cut or changed
 */
export async function* decodeBackup(path: string, privateKey: string | undefined): AsyncGenerator<string> {
  const hash = createHash('sha256')
  let rows = 0
  let end: FileEnd['end'] | undefined
  for await (const line of splitLines(await openBytes(path, privateKey))) {
    if (end !== undefined) throw backupDamagedError('format')
    if (!isRow(line) && line.startsWith('{"end":')) {
      end = FileEnd.parse(JSON.parse(line)).end
      continue
    }
    if (isRow(line)) rows += 1
    hash.update(line).update('\n')
    yield line
  }
  if (end === undefined) throw backupDamagedError('cut')
  if (end.rows !== rows || end.sha256 !== hash.digest('hex')) throw backupDamagedError('sum')
}

async function openBytes(path: string, privateKey: string | undefined): Promise<AsyncIterable<Buffer>> {
  const start = await readStart(path)
  if (start.subarray(0, GZIP.length).equals(GZIP)) return unpack(createReadStream(path))
  if (!start.equals(AGE)) throw backupDamagedError('header')
  if (privateKey === undefined) throw new AppError('backup_key', { values: { reason: 'missing' } })
  const decrypter = new Decrypter()
  try {
    for (const line of privateKey.split('\n').map((text) => text.trim()))
      if (line !== '' && !line.startsWith('#')) decrypter.addIdentity(line)
  } catch {
    throw new AppError('backup_key', { values: { reason: 'private' } })
  }
  const bytes = Readable.toWeb(createReadStream(path)) as unknown as ReadableStream<Uint8Array>
  const clear = await decrypter.decrypt(bytes).catch((error: unknown) => {
    throw error instanceof AppError ? error : new AppError('backup_key', { values: { reason: 'other' } })
  })
  return unpack(Readable.fromWeb(clear as unknown as WebStream))
}

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(AGE.length), 0, AGE.length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** @throws AppError `backup_damaged`: bytes that were changed or cut fail to decrypt or to unpack */
async function* unpack(packed: Readable): AsyncGenerator<Buffer> {
  const unpacked = createGunzip()
  pipeline(packed, unpacked, () => {})
  try {
    yield* unpacked as AsyncIterable<Buffer>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error
    throw backupDamagedError('cut')
  }
}

const LINE_FEED = 10

async function* splitLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = []
  for await (const block of bytes) {
    let from = 0
    for (let at = block.indexOf(LINE_FEED); at >= 0; at = block.indexOf(LINE_FEED, from)) {
      rest.push(block.subarray(from, at))
      yield Buffer.concat(rest).toString('utf8')
      rest = []
      from = at + 1
    }
    if (from < block.length) rest.push(block.subarray(from))
  }
  if (rest.length > 0) throw backupDamagedError('cut')
}

/**
 * Reads a whole file before anything is done with it.
 * @returns what it holds. @throws AppError as `decodeBackup` and `readHeaderLine`; `backup_damaged` when a table has other rows
 * than it says
 */
export async function checkFile(path: string, privateKey: string | undefined): Promise<Summary> {
  const summary = createSummaryTaker(readHeaderLine)
  let sum = createRowSum()
  for await (const line of decodeBackup(path, privateKey)) {
    summary.take(line)
    if (isRow(line)) {
      sum.add(line)
      continue
    }
    const end = TableEnd.safeParse(JSON.parse(line))
    if (!end.success) continue
    const { rows, digest } = sum.end()
    if (rows !== end.data.rows || digest !== end.data.digest) throw backupDamagedError('rows')
    sum = createRowSum()
  }
  try {
    return summary.end()
  } catch {
    throw backupDamagedError('header')
  }
}
