import { expect, test } from 'vitest'
import { guardText } from '../../../../src/guard/guard.ts'
import { applyFixes } from './guard.ts'

const read = (text: string) => guardText({ text, level: 'established', advice: 'Ne pas intervenir.' })

test('applies all fixes in turn: the remaining remarks have none', () => {
  const text = 'VOL À MAIN ARMÉE, Clio AB-123-CD, appelez le 06 39 98 12 34'
  const fixed = applyFixes(text, read)
  expect(fixed).not.toMatch(/AB-123-CD|06 39/)
  expect(fixed).toContain('Ne pas intervenir.')
  expect(read(fixed).filter((one) => one.fix !== null)).toEqual([])
})

test('stops at a fix that changes nothing or that always leads to another', () => {
  const fix = (text: string) => [
    {
      code: 'plate',
      start: 0,
      end: 0,
      severity: 'block',
      allowedFrom: null,
      fix: { text, label: 'x' },
    } as const,
  ]
  expect(applyFixes('a', fix)).toBe('a')
  expect(applyFixes('a', (text) => fix(`${text}a`)).length).toBeLessThan(40)
})
