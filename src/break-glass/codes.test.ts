import { expect, test } from 'vitest'
import { ENVELOPES, makeCode, readCode } from './codes.ts'

const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'

test('a code is read as it was made, however it is typed', () => {
  for (const envelope of ENVELOPES) {
    const code = makeCode(envelope)
    expect(code).toMatch(new RegExp(`^${envelope}(-[A-HJKMNP-Z2-9]{5}){4}$`))
    expect(readCode(code)).toEqual({ envelope, code })
    expect(readCode(` ${code.toLowerCase().replaceAll('-', ' ')} `)).toEqual({ envelope, code })
    expect(readCode(code.replaceAll('-', ''))).toEqual({ envelope, code })
  }
  expect(makeCode('A')).not.toBe(makeCode('A'))
})

test('every wrong character and every swap of two is found', () => {
  const code = makeCode('A').replaceAll('-', '')
  for (let i = 1; i < code.length; i++) {
    for (const other of ALPHABET) {
      if (other !== code[i]) expect(readCode(code.slice(0, i) + other + code.slice(i + 1))).toBeUndefined()
    }
    for (let j = i + 1; j < code.length; j++) {
      if (code[i] === code[j]) continue
      const swapped = [...code]
      swapped[i] = code[j] ?? ''
      swapped[j] = code[i] ?? ''
      expect(readCode(swapped.join(''))).toBeUndefined()
    }
  }
  for (const wrong of ['', 'A', code.slice(0, -1), `${code}A`, `B${code.slice(1)}`, `C${code.slice(1)}`])
    expect(readCode(wrong)).toBeUndefined()
})
