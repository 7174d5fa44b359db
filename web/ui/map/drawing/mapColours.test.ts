import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync(new URL('../../mantine/tokens.css', import.meta.url), 'utf8')
const blockOf = (selector: string) => css.slice(css.indexOf(selector)).replace(/\}[\s\S]*/, '')
const tokensIn = (block: string) =>
  new Map(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', value = '']) => [name, value]),
  )
const light = tokensIn(blockOf(':root {'))
const dark = new Map([...light, ...tokensIn(blockOf('[data-mantine-color-scheme="dark"]'))])

type Rgb = readonly [number, number, number]
const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as never
/** Relative luminance of WCAG 2. */
const luminance = (rgb: Rgb) => {
  const [r = 0, g = 0, b = 0] = rgb.map((one) =>
    one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4,
  )
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const contrast = (a: Rgb, b: Rgb) => {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x)
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05)
}

describe.each([
  ['light', light],
  ['dark', dark],
])('the map in %s', (_, tokens) => {
  const colour = (name: string) => {
    const hex = tokens.get(name)
    if (hex === undefined) throw new Error(`no --${name}`)
    return rgbOf(hex)
  }
  const between = (name: string, other: string) => contrast(colour(name), colour(other))

  test.each([
    ['circles of members outside the area', 'mute', ['land', 'sea', 'card']],
    ['circles of members in the area', 'accent', ['zone', 'land', 'sea']],
    ['the outline of the area', 'zone-line', ['land', 'zone']],
    ['the ring and the arrow of the place', 'red', ['land', 'zone', 'sea']],
    ['rings of recent alerts', 'amber', ['land', 'zone']],
  ])('%s stand out, at 3:1 or more', (_, name, grounds) => {
    for (const ground of grounds) expect(between(name, ground), ground).toBeGreaterThanOrEqual(3)
  })

  test('names and counts can be read, at 4.5:1 or more', () => {
    for (const ground of ['land', 'zone', 'sea', 'card'])
      expect(between('ink', ground), ground).toBeGreaterThanOrEqual(4.5)
    expect(between('accent-ink', 'accent')).toBeGreaterThanOrEqual(4.5)
    expect(between('mute', 'card')).toBeGreaterThanOrEqual(4.5)
  })

  test('circles stand out at any share of delivered messages, by their surface or by their edge', () => {
    expect(between('ink', 'card')).toBeGreaterThanOrEqual(4.5)
    const [from, to] = [colour('zone'), colour('green')]
    for (let share = 0; share <= 1; share += 0.05) {
      const ground = from.map((one, at) => one + ((to[at] ?? 0) - one) * share) as unknown as Rgb
      const best = Math.max(contrast(colour('card'), ground), contrast(colour('ink'), ground))
      expect(best, share.toFixed(2)).toBeGreaterThanOrEqual(3)
    }
  })
})
