import { type BenchResults, median } from './result.ts'

/** One bar. `from` and `to` are the lowest and highest run. */
interface Bar {
  readonly label: string
  readonly note: string
  readonly role: 'ours' | 'floor' | 'peer'
  readonly value: number
  readonly from: number
  readonly to: number
  /** Limit of the value, drawn as a mark. */
  readonly target?: number
}

const WIDTH = 760
const LABELS = 250
const VALUES = 80
const ROW = 44
const TOP = 74
const FOOT = 46

const STYLE = `
  text { font: 14px Inter, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: #1c2024 }
  .title { font-size: 18px; font-weight: 600 }
  .note, .axis { font-size: 12px; fill: #5c636a }
  .value { font-weight: 600; font-variant-numeric: tabular-nums }
  .ours { fill: #2f6fdb } .floor { fill: #8a929b } .peer { fill: #d9822b }
  .grid { stroke: #dfe3e7 } .spread { stroke: #1c2024; stroke-width: 1.5 } .target { stroke: #c2313a; stroke-width: 2 }
  .back { fill: #fff }
  @media (prefers-color-scheme: dark) {
    text { fill: #eceef0 } .note, .axis { fill: #a3abb3 }
    .ours { fill: #5b95f5 } .floor { fill: #757d86 } .peer { fill: #e99a4e }
    .grid { stroke: #343a40 } .spread { stroke: #eceef0 } .target { stroke: #ff7b81 } .back { fill: #14171a }
  }`

const thousands = (value: number) => Math.round(value).toLocaleString('en-US')
const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const at = (value: number) => Number(value.toFixed(1))

function barOf(
  results: BenchResults,
  key: string,
  field: string,
  about: Pick<Bar, 'label' | 'note' | 'role'>,
): Bar[] {
  const values = (results[key]?.runs ?? []).flatMap((run) => (run[field] === undefined ? [] : [run[field]]))
  if (values.length === 0) return []
  return [{ ...about, value: median(values), from: Math.min(...values), to: Math.max(...values) }]
}

/** Draws the messages per second of ours, of the floor and of the measured peers; undefined: none was measured. */
export function drawThroughput(results: BenchResults): string | undefined {
  const peers = ['F7.queue', 'F7.kannel'].find((key) => results[key] !== undefined) ?? ''
  const bars = [
    ...barOf(results, 'F1.postgres', 'floor', {
      label: 'Database floor',
      note: 'same facts written, no SMPP',
      role: 'floor',
    }),
    ...barOf(results, 'F1.postgres', 'perSecond', {
      label: 'Tocsin on PostgreSQL',
      note: 'every state of every recipient on disk',
      role: 'ours',
    }),
    ...barOf(results, 'F1.pglite', 'perSecond', {
      label: 'Tocsin on PGlite',
      note: 'the same, database in the process',
      role: 'ours',
    }),
    ...barOf(results, peers, 'kannel', {
      label: 'Kannel, no receipts',
      note: 'in memory, nothing recorded',
      role: 'peer',
    }),
    ...barOf(results, peers, 'queue', {
      label: 'pg-boss + smpp, no receipts',
      note: 'a job a recipient, 1,000 a batch',
      role: 'peer',
    }),
    ...barOf(results, peers, 'kannelReceipts', {
      label: 'Kannel with receipts',
      note: 'in memory, told by HTTP',
      role: 'peer',
    }),
  ]
  if (bars.length === 0) return undefined
  return drawPlot({
    title: 'Messages a second, from the order to the last one',
    foot: 'Median of the runs; the line spans the lowest and the highest. Same machine, same run, same SMSC.',
    unit: '/s',
    bars,
  })
}

/** Draws latencies at the 95th percentile with their limits; undefined: none was measured. */
export function drawLatency(results: BenchResults): string | undefined {
  const names: Record<string, [string, string]> = {
    'F3.postgres.first.p95': ['First SMS', 'PostgreSQL, engine idle'],
    'F3.pglite.first.p95': ['First SMS', 'PGlite, engine idle'],
    'F4.postgres': ['First SMS, vital', 'PostgreSQL, over a bulk message'],
    'F4.pglite': ['First SMS, vital', 'PGlite, over a bulk message'],
    'F9.postgres.first.p95': ['First SMS', 'PostgreSQL, 50 alerts running'],
    'F3.postgres.all.p95': ['1,100 accepted', 'PostgreSQL, engine idle'],
    'F3.pglite.all.p95': ['1,100 accepted', 'PGlite, engine idle'],
    'F9.postgres.all.p95': ['1,100 accepted', 'PostgreSQL, 50 alerts running'],
  }
  const bars = Object.entries(names).flatMap(([key, [label, note]]): Bar[] => {
    const one = results[key]
    if (one === undefined) return []
    return [
      { label, note, role: 'ours', value: one.value, from: one.value, to: one.value, target: one.target },
    ]
  })
  if (bars.length === 0) return undefined
  return drawPlot({
    title: 'Milliseconds from the order, 95th percentile',
    foot: 'The red mark is the most that is promised.',
    unit: ' ms',
    bars,
  })
}

/** Returns the next round number at or above: 1, 2, 2.5 or 5 times a power of ten. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 2.5, 5, 10].find((step) => step * power >= value) ?? 10) * power
}

function drawPlot(plot: { title: string; foot: string; unit: string; bars: readonly Bar[] }): string {
  const { bars } = plot
  const height = TOP + bars.length * ROW + FOOT
  const width = WIDTH - LABELS - VALUES
  const highest = Math.max(...bars.map((bar) => Math.max(bar.to, bar.target ?? 0)))
  const step = roundStep(highest / 5)
  const end = Math.ceil(highest / step) * step
  const x = (value: number) => at(LABELS + (value / end) * width)
  const bottom = TOP + bars.length * ROW
  const grid = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => {
    const value = index * step
    return `<line class="grid" x1="${x(value)}" y1="${TOP - 8}" x2="${x(value)}" y2="${bottom}"/>
<text class="axis" x="${x(value)}" y="${TOP - 14}" text-anchor="middle">${thousands(value)}</text>`
  })
  const rows = bars.map((bar, index) => {
    const y = TOP + index * ROW
    const past = x(bar.to)
    // Placed at the end of the bar, or after the mark where they would overlap.
    const mark = x(bar.target ?? 0)
    const value = `${thousands(bar.value)}${plot.unit}`
    const isOnMark = mark > past - 8 && mark < past + 16 + value.length * 8
    const valueX = at((isOnMark ? mark : past) + 8)
    return `<text x="${LABELS - 12}" y="${y + 15}" text-anchor="end">${escapeXml(bar.label)}</text>
<text class="note" x="${LABELS - 12}" y="${y + 31}" text-anchor="end">${escapeXml(bar.note)}</text>
<rect class="${bar.role}" x="${LABELS}" y="${y + 6}" width="${at(x(bar.value) - LABELS)}" height="24" rx="3"/>${
      bar.to > bar.from
        ? `
<line class="spread" x1="${x(bar.from)}" y1="${y + 18}" x2="${x(bar.to)}" y2="${y + 18}"/>`
        : ''
    }${
      bar.target === undefined
        ? ''
        : `
<line class="target" x1="${x(bar.target)}" y1="${y + 2}" x2="${x(bar.target)}" y2="${y + 34}"/>`
    }
<text class="value" x="${valueX}" y="${y + 23}">${value}</text>`
  })
  const summary = bars
    .map((bar) => `${bar.label}, ${bar.note}: ${thousands(bar.value)}${plot.unit}`)
    .join('; ')
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="t d">
<title id="t">${escapeXml(plot.title)}</title>
<desc id="d">${escapeXml(summary)}</desc>
<style>${STYLE}
</style>
<rect class="back" width="${WIDTH}" height="${height}" rx="8"/>
<text class="title" x="20" y="32">${escapeXml(plot.title)}</text>
${grid.join('\n')}
${rows.join('\n')}
<text class="note" x="20" y="${height - 16}">${escapeXml(plot.foot)}</text>
</svg>
`
}
