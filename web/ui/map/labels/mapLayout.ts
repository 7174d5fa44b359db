/** A commune on the screen, in pixels. */
export interface Spot {
  readonly code: string
  readonly name: string
  readonly x: number
  readonly y: number
  readonly population: number
  /** Number to show as a circle; 0: none. */
  readonly count: number
  /** Whether the commune is in the area. */
  readonly inside: boolean
}

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface Circle {
  readonly x: number
  readonly y: number
  readonly r: number
  readonly count: number
  readonly inside: boolean
}

export interface Label {
  readonly code: string
  readonly text: string
  /** Centre of the text, and its baseline. */
  readonly x: number
  readonly y: number
  /** 3: large town; 2: town; 1: any other commune. */
  readonly size: 1 | 2 | 3
}

export interface Screen {
  readonly width: number
  readonly height: number
  readonly kilometresPerPixel: number
  /** Boxes of controls, which labels leave free. */
  readonly reserved?: readonly Box[]
  /** Width of a text in pixels. */
  readonly widthOf: (text: string, size: Label['size']) => number
  /** Radius of the dot of each named commune, over which no other name lies; absent: none is drawn. */
  readonly dot?: number
  /** A commune named whatever its population: the place of the facts. */
  readonly always?: string | undefined
}

/** Font size of the labels by their size, in pixels. */
export const LABEL_PX = { 1: 11, 2: 12, 3: 14 } as const

/** Radius of the ring around the place of the facts, in pixels. */
export const PLACE_RADIUS = 15

/** From this number on, a circle shows it: below, the digits would be larger than the circle. */
export const COUNT_FROM = 7

/** Radius of a circle in pixels: its area grows with the number. */
export function radiusOf(count: number): number {
  return 4 + 1.15 * Math.sqrt(count)
}

/** Half the height of a count, and some of its width, in pixels. */
const DIGITS = 9

/** Returns whether a circle shows its count: it is large enough, and no circle over it hides a part of the digits. */
export function showsCount(circle: Circle, circles: readonly Circle[]): boolean {
  if (circle.r < radiusOf(COUNT_FROM)) return false
  return (
    circle.inside ||
    !circles.some(({ x, y, r, inside }) => inside && Math.hypot(x - circle.x, y - circle.y) < r + DIGITS)
  )
}

/**
 * Lays out counts and names on a map. What comes first has priority; nothing overlaps a count or is cut. Circles too small
 * for a count give way to the name of a town, and are summed with the nearest circle of their kind.
 */
export function layOutMap(spots: readonly Spot[], screen: Screen): { circles: Circle[]; labels: Label[] } {
  const shown = spots.filter(
    ({ x, y }) => x > -40 && y > -40 && x < screen.width + 40 && y < screen.height + 40,
  )
  const circles = [
    ...circlesOf(shown.filter((spot) => !spot.inside)),
    ...circlesOf(shown.filter((spot) => spot.inside)),
  ]
  return labelsOf(shown, circles, screen)
}

/** Draws a circle for each count, and sums those of one kind that would touch at the place of the largest. */
function circlesOf(spots: readonly Spot[]): Circle[] {
  let circles: Circle[] = spots
    .filter(({ count }) => count > 0)
    .map(({ x, y, count, inside }) => ({ x, y, r: radiusOf(count), count, inside }))
  // A sum is larger than its parts, and may touch another circle.
  for (;;) {
    const kept: Circle[] = []
    for (const circle of circles.toSorted((a, b) => b.count - a.count)) {
      const at = kept.findIndex(({ x, y, r }) => Math.hypot(x - circle.x, y - circle.y) < r + circle.r)
      const other = kept[at]
      if (other === undefined) kept.push(circle)
      else kept[at] = { ...other, count: other.count + circle.count, r: radiusOf(other.count + circle.count) }
    }
    if (kept.length === circles.length) return kept
    circles = kept
  }
}

/** Least population of a named commune, by scale, so that a département is not covered with names. */
function leastPopulation(kilometresPerPixel: number): number {
  if (kilometresPerPixel > 0.45) return 12_000
  if (kilometresPerPixel > 0.25) return 4000
  if (kilometresPerPixel > 0.12) return 1500
  return kilometresPerPixel > 0.06 ? 400 : 0
}

function sizeOf(population: number): Label['size'] {
  return population >= 20_000 ? 3 : population >= 4000 ? 2 : 1
}

/** Number of communes named at any scale, so that a thinly populated territory has names too. */
const ALWAYS_NAMED = 6

function namedOf(spots: readonly Spot[], screen: Screen): Spot[] {
  const isVisible = ({ x, y }: Spot) => x >= 0 && y >= 0 && x <= screen.width && y <= screen.height
  const sorted = spots.toSorted(
    (a, b) =>
      Number(b.code === screen.always) - Number(a.code === screen.always) || b.population - a.population,
  )
  const seen = sorted.filter(isVisible)
  const least = Math.min(
    leastPopulation(screen.kilometresPerPixel),
    (seen[ALWAYS_NAMED - 1] ?? seen.at(-1))?.population ?? 0,
  )
  return sorted.filter(({ code, population }) => code === screen.always || population >= least)
}

function labelsOf(
  spots: readonly Spot[],
  all: readonly Circle[],
  screen: Screen,
): { circles: Circle[]; labels: Label[] } {
  let circles = [...all]
  const taken: Box[] = [...(screen.reserved ?? [])]
  const labels: Label[] = []
  for (const [rank, spot] of namedOf(spots, screen).entries()) {
    const dot = dotOf(spot, screen.dot)
    if (dot !== null && taken.some((other) => overlap(dot, other))) continue
    const size = sizeOf(spot.population)
    const [half, tall] = [screen.widthOf(spot.name, size) / 2, LABEL_PX[size]]
    const own = circles.find((circle) => Math.hypot(circle.x - spot.x, circle.y - spot.y) < 1)
    // The place of the facts has a ring around it.
    const r = Math.max(own?.r ?? 2, spot.code === screen.always ? PLACE_RADIUS + 2 : 0)
    const places = [
      { x: spot.x, y: spot.y - r - 4 },
      { x: spot.x, y: spot.y + r + tall },
      { x: spot.x + r + half + 4, y: spot.y + tall / 3 },
      { x: spot.x - r - half - 4, y: spot.y + tall / 3 },
    ]
    const boxOf = ({ x, y }: { x: number; y: number }): Box => ({
      left: x - half,
      right: x + half,
      top: y - tall * 0.8,
      bottom: y + tall * 0.25,
    })
    const isFree = (place: { x: number; y: number }, among: readonly Circle[]) => {
      const box = boxOf(place)
      if (box.left < 2 || box.top < 2 || box.right > screen.width - 2 || box.bottom > screen.height - 2)
        return false
      return !taken.some((other) => overlap(box, other)) && !among.some((circle) => covers(box, circle))
    }
    const isTown = size > 1 || rank < ALWAYS_NAMED
    const counted = circles.filter((circle) => circle.count >= COUNT_FROM || circle === own)
    const free =
      places.find((place) => isFree(place, circles)) ??
      (isTown
        ? places.find((place) => isFree(place, counted) && canAbsorb(circles, boxOf(place), own))
        : undefined)
    if (free === undefined) continue
    const box = boxOf(free)
    circles = absorb(circles, box, own)
    if (dot !== null) taken.push(dot)
    taken.push({ left: box.left - 3, right: box.right + 3, top: box.top - 2, bottom: box.bottom + 2 })
    labels.push({ code: spot.code, text: spot.name, size, ...free })
  }
  return { circles, labels }
}

function dotOf({ x, y }: Spot, radius: number | undefined): Box | null {
  return radius === undefined
    ? null
    : { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius }
}

function coveredBy(box: Box, circles: readonly Circle[], own: Circle | undefined): Circle[] {
  return circles.filter((circle) => circle !== own && covers(box, circle))
}

/** Returns whether each circle under a name has another one of its kind to be summed with. */
function canAbsorb(circles: readonly Circle[], box: Box, own: Circle | undefined): boolean {
  const covered = coveredBy(box, circles, own)
  return covered.every(({ inside }) =>
    circles.some((other) => other.inside === inside && !covered.includes(other)),
  )
}

/** Removes the circles under a name, and adds each to the nearest one left of its kind. */
function absorb(circles: readonly Circle[], box: Box, own: Circle | undefined): Circle[] {
  const covered = coveredBy(box, circles, own)
  let kept = circles.filter((circle) => !covered.includes(circle))
  for (const circle of covered) {
    const far = ({ x, y }: Circle) => Math.hypot(x - circle.x, y - circle.y)
    const [nearest] = kept
      .filter(({ inside }) => inside === circle.inside)
      .toSorted((a, b) => far(a) - far(b))
    // The radius stays, so that nothing else has to move.
    kept = kept.map((one) => (one === nearest ? { ...one, count: one.count + circle.count } : one))
  }
  return kept
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

function covers(box: Box, { x, y, r }: Circle): boolean {
  const nearestX = Math.max(box.left, Math.min(x, box.right))
  const nearestY = Math.max(box.top, Math.min(y, box.bottom))
  return Math.hypot(nearestX - x, nearestY - y) < r + 1
}
