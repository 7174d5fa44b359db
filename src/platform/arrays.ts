// Arrays in the binary format of PostgreSQL (array_recv in src/backend/utils/adt/arrayfuncs.c): as text, each value is
// quoted here and parsed there, which for a statement of a thousand rows costs more than what is done with them.

const INT4 = 23
const TEXT = 25
const TIMESTAMPTZ = 1184
/** Number of dimensions, whether there are nulls, type of the elements; then length and first index of the dimension. */
const HEAD = 20
/** Midnight of 1 January 2000 UTC, from which PostgreSQL counts, in milliseconds since 1970. */
const EPOCH_MS = 946_684_800_000

/** A parameter of type int[]. @throws RangeError for what is no int4. */
export function int4Array(values: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEAD + 8 * values.length)
  let at = writeHead(buffer, INT4, values.length)
  for (const value of values) {
    at = buffer.writeInt32BE(4, at)
    at = buffer.writeInt32BE(value, at)
  }
  return buffer
}

/** A parameter of type timestamptz[], of instants in milliseconds since 1970; undefined is null. */
export function timestamptzArray(values: readonly (number | undefined)[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEAD + 12 * values.length)
  let at = writeHead(buffer, TIMESTAMPTZ, values.length)
  for (const value of values) {
    at = buffer.writeInt32BE(value === undefined ? -1 : 8, at)
    if (value === undefined) continue
    const micros = (value - EPOCH_MS) * 1000
    at = buffer.writeInt32BE(Math.floor(micros / 2 ** 32), at)
    at = buffer.writeUInt32BE(micros - Math.floor(micros / 2 ** 32) * 2 ** 32, at)
  }
  return buffer.subarray(0, at)
}

/** A parameter of type text[]; undefined is null. */
export function textArray(values: readonly (string | undefined)[]): Buffer {
  let size = HEAD
  // Of UTF-8, three octets a unit of UTF-16 at most.
  for (const value of values) size += 4 + 3 * (value?.length ?? 0)
  const buffer = Buffer.allocUnsafe(size)
  let at = writeHead(buffer, TEXT, values.length)
  for (const value of values) {
    const length = value === undefined ? -1 : buffer.write(value, at + 4)
    buffer.writeInt32BE(length, at)
    at += 4 + Math.max(0, length)
  }
  return buffer.subarray(0, at)
}

function writeHead(buffer: Buffer, type: number, length: number): number {
  buffer.writeInt32BE(1, 0)
  buffer.writeInt32BE(1, 4)
  buffer.writeInt32BE(type, 8)
  buffer.writeInt32BE(length, 12)
  return buffer.writeInt32BE(1, 16)
}
