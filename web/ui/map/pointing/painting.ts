import type { Map as GlMap } from 'maplibre-gl'
import type { Spot } from '../view/mapView.ts'

/** Maximum distance in pixels between the pointer and a commune drawn as a point, so that a finger can hit it. */
const REACH = 10
/** Movement in pixels up to which a press is a click: fingers tremble more than a mouse. */
const STILL = { mouse: 5, touch: 12 }
/** Distance in pixels at which a fast stroke is sampled: less than a commune on a map of its whole territory. */
const PITCH = 4

/** The layers of a map that show communes. */
export interface CommuneLayers {
  readonly fill: string
  readonly point: string
}

/** Returns the commune at a position; of several drawn as points, the nearest. */
export function communeAt(map: GlMap, { x, y }: Spot, layers: CommuneLayers): string | undefined {
  const [inside] = map.queryRenderedFeatures([x, y], { layers: [layers.fill] })
  if (inside !== undefined) return inside.properties.code
  const box: [[number, number], [number, number]] = [
    [x - REACH, y - REACH],
    [x + REACH, y + REACH],
  ]
  let nearest: { code: string; distance: number } | undefined
  for (const { geometry, properties } of map.queryRenderedFeatures(box, { layers: [layers.point] })) {
    if (geometry.type !== 'Point') continue
    const at = map.project(geometry.coordinates as [number, number])
    const distance = Math.hypot(at.x - x, at.y - y)
    if (nearest === undefined || distance < nearest.distance) nearest = { code: properties.code, distance }
  }
  return nearest?.code
}

/** The effect of a stroke on the communes that it crosses. */
export interface Brush {
  readonly layers: CommuneLayers
  /** `toggle`: puts out if the stroke began on a lit commune, lights otherwise. */
  readonly mode: 'toggle' | 'add' | 'remove'
  isLit: (code: string) => boolean
  /** Shows the change at once, before the stroke ends. */
  light: (code: string, on: boolean) => void
  /** Called with the communes that the whole stroke lit, or put out. */
  done: (codes: readonly string[], on: boolean) => void
  /** Called instead of a stroke when the pointer did not move. Absent: a click is a stroke of one commune. */
  click?: (code: string) => void
}

/**
 * Lets the user paint on a map with one finger, the pen or the left mouse button, until the returned function is
 * called. A stroke lights the communes it crosses, or puts them out. The map does not move with it. Two fingers still move the map and undo what the first one had begun; the wheel zooms as usual.
 */
export function paintOn(map: GlMap, brush: Brush): () => void {
  const container = map.getContainer()
  const fingers = new Set<number>()
  let stroke: {
    pointer: number
    on: boolean
    start: Spot
    last: Spot
    codes: Set<string>
    /** False while it may still be a click. */
    begun: boolean
  } | null = null

  const spotOf = (event: PointerEvent): Spot => {
    const { left, top } = container.getBoundingClientRect()
    return { x: event.clientX - left, y: event.clientY - top }
  }
  const touch = (code: string | undefined) => {
    if (stroke === null || code === undefined || brush.isLit(code) === stroke.on) return
    stroke.codes.add(code)
    brush.light(code, stroke.on)
  }
  const undoStroke = () => {
    if (stroke === null) return
    for (const code of stroke.codes) brush.light(code, !stroke.on)
    stroke = null
  }

  const beginStroke = (event: PointerEvent) => {
    if (event.pointerType === 'touch') fingers.add(event.pointerId)
    if (fingers.size > 1) return undoStroke()
    if (event.button !== 0 || stroke !== null) return
    // Movement outside the map still belongs to the stroke.
    if (event.target instanceof Element) event.target.setPointerCapture(event.pointerId)
    const last = spotOf(event)
    const code = communeAt(map, last, brush.layers)
    const isLit = code !== undefined && brush.isLit(code)
    stroke = {
      pointer: event.pointerId,
      on: brush.mode === 'add' || (brush.mode === 'toggle' && !isLit),
      start: last,
      last,
      codes: new Set(),
      begun: brush.click === undefined,
    }
    if (stroke.begun) touch(code)
  }
  const moveStroke = (event: PointerEvent) => {
    if (stroke?.pointer !== event.pointerId) return
    const from = stroke.last
    const to = spotOf(event)
    if (!stroke.begun) {
      const still = event.pointerType === 'mouse' ? STILL.mouse : STILL.touch
      if (Math.hypot(to.x - stroke.start.x, to.y - stroke.start.y) <= still) return
      stroke.begun = true
      touch(communeAt(map, stroke.start, brush.layers))
    }
    const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / PITCH)
    for (let step = 1; step <= steps; step++) {
      const share = step / steps
      touch(
        communeAt(
          map,
          { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share },
          brush.layers,
        ),
      )
    }
    stroke.last = to
  }
  const finishStroke = () => {
    if (stroke === null) return
    const { codes, on, begun, start } = stroke
    stroke = null
    if (!begun) {
      const code = communeAt(map, start, brush.layers)
      if (code !== undefined) brush.click?.(code)
    } else if (codes.size > 0) brush.done([...codes], on)
  }
  const endStroke = (event: PointerEvent) => {
    fingers.delete(event.pointerId)
    if (stroke?.pointer !== event.pointerId) return
    if (event.type === 'pointercancel') undoStroke()
    else finishStroke()
  }
  // The map listens for mouse and touch events below its container: a stroke's events must not reach it.
  const keepMouse = (event: MouseEvent) => {
    if (event.button === 0) event.stopPropagation()
  }
  const keepTouch = (event: TouchEvent) => {
    if (event.touches.length < 2) event.stopPropagation()
  }

  const listening = new AbortController()
  const { signal } = listening
  const early = { signal, capture: true }
  container.addEventListener('pointerdown', beginStroke, { signal })
  container.addEventListener('pointermove', moveStroke, { signal })
  container.addEventListener('pointerup', endStroke, { signal })
  container.addEventListener('pointercancel', endStroke, { signal })
  container.addEventListener('mousedown', keepMouse, early)
  container.addEventListener('dblclick', keepMouse, early)
  container.addEventListener('touchstart', keepTouch, { ...early, passive: true })
  container.addEventListener('touchmove', keepTouch, { ...early, passive: true })
  const { style } = map.getCanvas()
  // Otherwise the finger that paints would scroll the page.
  style.touchAction = 'none'
  style.cursor = 'crosshair'
  return () => {
    if (stroke?.begun) finishStroke()
    listening.abort()
    style.touchAction = ''
    style.cursor = ''
  }
}
