// Arrays in the binary format of PostgreSQL (array_recv in src/backend/utils/adt/arrayfuncs.c). As text, each value is quoted
// here and parsed there, which for a statement of a thousand rows costs more than the work on the values.

const INT4 = 23
const TEXT = 25
const TIMESTAMPTZ = 1184
/** Bytes of the header: number of dimensions, null flag, type of the elements, then length and first index of the dimension. */
const HEADER_BYTES = 20
/** Midnight of 1 January 2000 UTC in milliseconds since 1970; PostgreSQL counts from it. */
const EPOCH_MS = 946_684_800_000

/**
 * Encodes a parameter of type int[].
 * @throws RangeError for a value that is not an int4
 */
export function int4Array(values: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + 8 * values.length)
  let at = writeHeader(buffer, INT4, values.length)
  for (const value of values) {
    at = buffer.writeInt32BE(4, at)
    at = buffer.writeInt32BE(value, at)
  }
  return buffer
}

/** Encodes a parameter of type timestamptz[] from milliseconds since 1970; undefined becomes null. */
export function timestamptzArray(values: readonly (number | undefined)[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + 12 * values.length)
  let at = writeHeader(buffer, TIMESTAMPTZ, values.length)
  for (const value of values) {
    at = buffer.writeInt32BE(value === undefined ? -1 : 8, at)
    if (value === undefined) continue
    const micros = (value - EPOCH_MS) * 1000
    at = buffer.writeInt32BE(Math.floor(micros / 2 ** 32), at)
    at = buffer.writeUInt32BE(micros - Math.floor(micros / 2 ** 32) * 2 ** 32, at)
  }
  return buffer.subarray(0, at)
}

/** Encodes a parameter of type text[]; undefined becomes null. */
export function textArray(values: readonly (string | undefined)[]): Buffer {
  let size = HEADER_BYTES
  // UTF-8 needs at most three bytes for one UTF-16 unit.
  for (const value of values) size += 4 + 3 * (value?.length ?? 0)
  const buffer = Buffer.allocUnsafe(size)
  let at = writeHeader(buffer, TEXT, values.length)
  for (const value of values) {
    const length = value === undefined ? -1 : buffer.write(value, at + 4)
    buffer.writeInt32BE(length, at)
    at += 4 + Math.max(0, length)
  }
  return buffer.subarray(0, at)
}

function writeHeader(buffer: Buffer, type: number, length: number): number {
  buffer.writeInt32BE(1, 0)
  buffer.writeInt32BE(1, 4)
  buffer.writeInt32BE(type, 8)
  buffer.writeInt32BE(length, 12)
  return buffer.writeInt32BE(1, 16)
}
