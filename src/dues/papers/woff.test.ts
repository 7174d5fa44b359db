import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { unpackWoff } from './woff.ts'

const woff = (weight: number) =>
  readFileSync(new URL(`../../../fonts/inter-latin-${weight}-normal.woff`, import.meta.url))

/** Adds up a table as its checksum does, in words of 32 bits; that of `head` leaves out the word that adjusts the whole font. */
function sumOf(tag: string, table: Buffer): number {
  const padded = Buffer.concat([table, Buffer.alloc(-table.length & 3)])
  let sum = 0
  for (let at = 0; at < padded.length; at += 4)
    if (tag !== 'head' || at !== 8) sum = (sum + padded.readUInt32BE(at)) >>> 0
  return sum
}

test.each([400, 700])(
  'each table of the font of weight %i is where the directory says, with its checksum',
  (weight) => {
    const packed = woff(weight)
    const font = unpackWoff(packed)
    // The length of the uncompressed font is in the header of the packed one.
    expect(font).toHaveLength(packed.readUInt32BE(16))
    expect(font.readUInt32BE(0)).toBe(0x00010000)
    const count = font.readUInt16BE(4)
    expect(count).toBeGreaterThan(10)
    for (let entry = 12; entry < 12 + 16 * count; entry += 16) {
      const tag = font.toString('latin1', entry, entry + 4)
      const [checksum, offset, length] = [4, 8, 12].map((at) => font.readUInt32BE(entry + at)) as [
        number,
        number,
        number,
      ]
      expect(offset % 4, tag).toBe(0)
      expect(sumOf(tag, font.subarray(offset, offset + length)), tag).toBe(checksum)
    }
  },
)

test('refuses what is not a WOFF font', () => {
  expect(() => unpackWoff(unpackWoff(woff(400)))).toThrow('not a WOFF font')
})
