import iconv from 'iconv-lite'
import { AppError } from '../../../errors.ts'
import { MAX_BYTES } from '../../list-files.ts'
import { refuseFile } from './table.ts'

/**
 * Decodes the text of a file from any program: UTF-8 with or without BOM, UTF-16 with BOM (Excel's "Unicode text"), otherwise
 * Windows-1252 (Excel's "CSV"). Line ends become "\n".
 * @throws AppError `invalid_file`, `file_too_large`
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  if (bytes.length > MAX_BYTES)
    throw new AppError('file_too_large', { values: { limit: MAX_BYTES / 1024 / 1024 } })
  // D0 CF 11 E0: the older XLS.
  if (isZip(bytes) || startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0]))
    refuseFile(file, { code: 'import.spreadsheet' })
  const kind = detectOtherKind(bytes)
  if (kind !== undefined) refuseFile(file, { code: 'import.not_list', values: { kind } })
  const text = decodeBytes(bytes)
  if (text.includes('\0')) refuseFile(file, { code: 'import.not_text' })
  return text.replace(/\r\n?/g, '\n')
}

/** "PK" marks a ZIP archive; XLSX and ODS files are such archives. */
export function isZip(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x50, 0x4b, 3, 4])
}

/** Recognises a file that is not a list by its first bytes, whatever its name; undefined if it may be one. */
function detectOtherKind(bytes: Uint8Array): 'pdf' | 'image' | 'rtf' | 'page' | undefined {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  if (start.startsWith('%PDF-')) return 'pdf'
  if (/^(?:\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP)/s.test(start)) return 'image'
  if (start.startsWith('{\\rtf')) return 'rtf'
  return /^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|head|meta)\b/i.test(start) ? 'page' : undefined
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte)
}

function decodeBytes(bytes: Uint8Array): string {
  if (startsWith(bytes, [0xff, 0xfe])) return new TextDecoder('utf-16le').decode(bytes)
  if (startsWith(bytes, [0xfe, 0xff])) return new TextDecoder('utf-16be').decode(bytes)
  const unmarked = detectUtf16(bytes)
  if (unmarked !== undefined) return new TextDecoder(unmarked).decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'win1252')
  }
}

/** Recognises UTF-16 without a mark: one byte of nearly every character of a list is zero, the other is not. */
function detectUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const start = bytes.subarray(0, 400)
  const zerosAt = (rest: number) => start.filter((byte, n) => n % 2 === rest && byte === 0).length
  const [first, second] = [zerosAt(0), zerosAt(1)]
  const most = start.length * 0.4
  if (second >= most && first === 0) return 'utf-16le'
  return first >= most && second === 0 ? 'utf-16be' : undefined
}
