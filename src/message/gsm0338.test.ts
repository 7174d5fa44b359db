import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countSeptets, decodeGsm7, decodeUcs2, encodeGsm7, encodeUcs2, isGsm7 } from './gsm0338.ts'

/** 3GPP TS 23.038 section 6.2.1, written out as Unicode code points: one row for 16 septets. ESC is 001B. */
const STANDARD_ROWS = [
  '0040 00A3 0024 00A5 00E8 00E9 00F9 00EC 00F2 00C7 000A 00D8 00F8 000D 00C5 00E5',
  '0394 005F 03A6 0393 039B 03A9 03A0 03A8 03A3 0398 039E 001B 00C6 00E6 00DF 00C9',
  '0020 0021 0022 0023 00A4 0025 0026 0027 0028 0029 002A 002B 002C 002D 002E 002F',
  '0030 0031 0032 0033 0034 0035 0036 0037 0038 0039 003A 003B 003C 003D 003E 003F',
  '00A1 0041 0042 0043 0044 0045 0046 0047 0048 0049 004A 004B 004C 004D 004E 004F',
  '0050 0051 0052 0053 0054 0055 0056 0057 0058 0059 005A 00C4 00D6 00D1 00DC 00A7',
  '00BF 0061 0062 0063 0064 0065 0066 0067 0068 0069 006A 006B 006C 006D 006E 006F',
  '0070 0071 0072 0073 0074 0075 0076 0077 0078 0079 007A 00E4 00F6 00F1 00FC 00E0',
]
/** Section 6.2.1.1: septet after the escape → code point. */
const STANDARD_EXTENSION = '0A:000C 14:005E 28:007B 29:007D 2F:005C 3C:005B 3D:007E 3E:005D 40:007C 65:20AC'

const basic = STANDARD_ROWS.flatMap((row) => row.split(' ')).map((hex) => Number.parseInt(hex, 16))
const extension = STANDARD_EXTENSION.split(' ').map((pair) => {
  const [septet, point] = pair.split(':').map((hex) => Number.parseInt(hex, 16))
  return { septet: septet as number, point: point as number }
})
const alphabet = [...basic.filter((point) => point !== 0x1b), ...extension.map((e) => e.point)]

describe('the alphabet', () => {
  test('has the 128 positions of the standard, in both directions', () => {
    expect(basic).toHaveLength(128)
    for (const [septet, point] of basic.entries()) {
      if (point === 0x1b) continue
      expect(decodeGsm7(Uint8Array.of(septet))).toBe(String.fromCodePoint(point))
      expect([...encodeGsm7(String.fromCodePoint(point))]).toEqual([septet])
    }
  })

  test('has the extension table of the standard, in both directions', () => {
    for (const { septet, point } of extension) {
      expect(decodeGsm7(Uint8Array.of(0x1b, septet))).toBe(String.fromCodePoint(point))
      expect([...encodeGsm7(String.fromCodePoint(point))]).toEqual([0x1b, septet])
    }
  })

  test('contains nothing else', () => {
    const known = new Set(alphabet)
    for (let point = 0; point < 0x10000; point++) {
      if (point >= 0xd800 && point < 0xe000) continue
      expect(countSeptets(String.fromCodePoint(point)) > 0).toBe(known.has(point))
    }
  })

  test('refuses to drop a letter', () => {
    expect(() => encodeGsm7('forêt')).toThrow(RangeError)
    expect(() => encodeGsm7('\u001b')).toThrow(RangeError)
    expect(isGsm7('é')).toBe(true)
    expect(isGsm7('ê')).toBe(false)
  })

  test('decodes undefined sequences as the standard requires', () => {
    expect(decodeGsm7(Uint8Array.of(0x1b, 0x41))).toBe('A')
    expect(decodeGsm7(Uint8Array.of(0x1b))).toBe(' ')
    expect(decodeGsm7(Uint8Array.of(0x1b, 0x1b, 0x41))).toBe(' A')
    expect(decodeGsm7(Uint8Array.of(0x80))).toBe('\ufffd')
  })
})

describe('properties', () => {
  test('decodes everything that GSM-7 encodes', () => {
    const text = fc.array(fc.constantFrom(...alphabet)).map((points) => String.fromCodePoint(...points))
    fc.assert(
      fc.property(text, (t) => {
        expect(decodeGsm7(encodeGsm7(t))).toBe(t)
      }),
    )
  })

  test('decodes everything that UCS-2 encodes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (t) => {
        expect(decodeUcs2(encodeUcs2(t))).toBe(t)
      }),
    )
  })

  test('decodes arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeGsm7(bytes).isWellFormed()).toBe(true)
        expect(decodeUcs2(bytes).isWellFormed()).toBe(true)
      }),
    )
  })
})
