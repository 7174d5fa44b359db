import { LABEL_PX, type Label } from './mapLayout.ts'

/** Font weights of the labels by their size. */
export const WEIGHTS = { 1: 500, 2: 600, 3: 700 } as const
const widths = new Map<string, number>()
let pen: CanvasRenderingContext2D | null = null

/** Returns the width of a label in pixels. */
export function widthOf(text: string, size: Label['size']): number {
  const key = `${size} ${text}`
  const known = widths.get(key)
  if (known !== undefined) return known
  pen ??= document.createElement('canvas').getContext('2d')
  if (pen === null) return text.length * LABEL_PX[size] * 0.6
  pen.font = `${WEIGHTS[size]} ${LABEL_PX[size]}px ${getComputedStyle(document.body).fontFamily}`
  const { width } = pen.measureText(text)
  widths.set(key, width)
  return width
}
