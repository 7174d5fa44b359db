import { ROOM_NAMES, ROOMS, TABLES } from './rooms.ts'
import {
  allowedReadsOf,
  arrowsOf,
  cyclesOf,
  foreignUsesOf,
  readSources,
  type Source,
  wholesInCycles,
} from './rooms-check.ts'

/** Purpose of each room, in short; ARCHITECTURE.md explains them. */
const PURPOSES: Readonly<Record<keyof typeof ROOMS, string>> = {
  message: 'SMS alphabets and parts',
  guard: 'reads a text',
  i18n: 'texts of the server',
  cipher: 'keys, values encrypted at rest',
  encryption: 'numbers once, encrypted',
  platform: 'database, HTTP, clock, log',
  audit: 'hash-chained record',
  backup: 'backups, restoring them',
  identity: 'accounts, codes',
  outbox: 'mails and SMS to one person',
  settings: 'changes that two people make',
  territory: 'communes and contours',
  schemes: 'configuration of a dispositif',
  people: 'who has which role, invitations',
  'break-glass': 'the sealed account that two open',
  members: 'businesses and contacts',
  dues: 'what members owe',
  changes: 'acts on many members, merges',
  imports: 'lists in and out',
  enrolment: 'requests to join, charters',
  reports: 'calls to 17',
  deliveries: 'the engine',
  'on-call': 'who is called, and when',
  messages: 'service messages',
  alerts: 'compose, order, follow',
  relays: 'alerts of neighbours',
  statistics: 'figures',
  history: 'what happened to a member',
  today: 'what waits for a chamber',
  privacy: 'requests, retention, erasure',
  portal: 'what a merchant does',
  gateways: 'SMPP, HTTP, mail, card',
  config: 'the parts of the settings',
  demo: 'a filled scheme',
  commands: 'commands on data',
  start: 'builds and runs a process',
  cli: 'the command line',
}

/** Counts what the last column of the page shows. */
function figuresOf(sources: readonly Source[]) {
  const folders = new Set(sources.flatMap(({ room }) => room ?? [])).size
  const foreign = foreignUsesOf(sources)
  return {
    folders,
    files: nearest(sources.length, 100),
    imports: arrowsOf(sources).length,
    possibleImports: folders * (folders - 1),
    runtimeCycles: cyclesOf(arrowsOf(sources, 'runtime')).length,
    typeCycles: cyclesOf(arrowsOf(sources)).length,
    ...allowedReadsOf(sources),
    wholes: wholesInCycles(sources).map((file) => `\`${file}\``),
    foreign: foreign.length,
    foreignOfDemo: foreign.filter(({ room }) => room === 'demo').length,
  }
}

/** Rounds a count, so that one statement more does not change the page. */
const nearest = (count: number, step: number) => Math.round(count / step) * step
const grouped = (count: number) => count.toLocaleString('en')

/** Renders the page of the structure: rooms as boxes, their uses as arrows, the tables of each, and counts of the sources. */
export function structurePage(sources: readonly Source[]): string {
  const now = figuresOf(sources)
  const boxes = ROOM_NAMES.map((room) => `  ${room}["<b>${room}</b><br>${PURPOSES[room]}"]`)
  const arrows = ROOM_NAMES.flatMap((room) => ROOMS[room].map((used) => `  ${room} --> ${used}`))
  const rows = Object.entries(TABLES).map(
    ([room, tables]) => `| ${room} | ${tables.map((table) => `\`${table}\``).join(', ')} |`,
  )
  return `# Structure

Written by \`npm run docs\` from \`scripts/rooms.ts\`, to which \`npm run check\` holds imports and SQL. An arrow means “uses”; a room also uses what those use.

\`\`\`mermaid
flowchart TB
${[...boxes, ...arrows].join('\n')}
\`\`\`

| Room | Its tables |
|---|---|
${rows.join('\n')}

## Before and after

| | before the graph of rooms | 0.1.0 | 0.2.0 | now |
|---|--:|--:|--:|--:|
| folders | 15 | 27 | 28 | ${now.folders} |
| files without tests | 505 | 571 | 579 | about ${grouped(now.files)} |
| imports between two folders, of all possible ones | 85 of 210 | 218 of 702 | 230 of 756 | ${now.imports} of ${grouped(now.possibleImports)} |
| cycles at run time | 2 | 0 | 0 | ${now.runtimeCycles} |
| cycles with types | 2 | 0 | 0 | ${now.typeCycles} |
| reads of tables of other rooms that are used | not counted | not counted | not counted | about ${grouped(nearest(now.reads, 100))}, in about ${nearest(now.pairs, 10)} pairs of rooms |
| other statements on tables of another room | not counted: a table had no owner | 91 | 80, all on the list of exceptions | ${now.foreign}, all on that list: ${now.foreignOfDemo} of them fill the demo |

Cycles are those between rooms. ${new Intl.ListFormat('en').format(now.wholes)} describe the whole: they import rooms, most for types only, and rooms import them. A statement that a room may not make is on the list of exceptions (\`scripts/rooms-foreign.ts\`), which holds their number.

Before the graph, \`alerts\` and \`members\` held most of the domain, so few imports crossed folders: [the folders of that time](structure-before.md), at commit \`da8e31c~1\`. The column of 0.1.0 is commit \`9ca1cc9\`. \`npm run check\` prints the current figures; \`node scripts/rooms-check.ts DIR\` those of another tree, and \`node scripts/structure.ts DIR\` draws it.
`
}

/** Draws the folders of a source tree as they import each other: cycles in a frame, imports that follow from others left out. */
export function drawTree(root: string): string {
  const sources = readSources(root)
  const arrows = arrowsOf(sources)
  const cycles = cyclesOf(arrows)
  const files = Map.groupBy(
    sources.filter(({ room }) => room !== undefined),
    ({ room = '' }) => room,
  )
  const boxes = [...files].map(([room, { length }]) => `  ${room}["<b>${room}</b><br>${length} files"]`)
  const frames = cycles.map((rooms, no) => `  subgraph cycle${no + 1}\n    ${rooms.join('\n    ')}\n  end`)
  const cycleOf = (room: string) => cycles.find((rooms) => rooms.includes(room))?.[0] ?? room
  const between = arrows.filter(([from, to]) => cycleOf(from) !== cycleOf(to))
  const drawn = arrows.filter(
    ([from, to]) => cycleOf(from) === cycleOf(to) || !isImplied(between, cycleOf, from, to),
  )
  return ['flowchart TB', ...boxes, ...frames, ...drawn.map(([from, to]) => `  ${from} --> ${to}`)].join('\n')
}

/** Returns whether a folder reaches another one by a third. */
function isImplied(
  arrows: readonly (readonly [string, string])[],
  nodeOf: (room: string) => string,
  from: string,
  to: string,
): boolean {
  const next = (node: string) =>
    arrows.filter(([one]) => nodeOf(one) === node).map(([, other]) => nodeOf(other))
  const open = next(nodeOf(from)).filter((node) => node !== nodeOf(to))
  const seen = new Set<string>()
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === nodeOf(to)) return true
    if (seen.has(node)) continue
    seen.add(node)
    open.push(...next(node))
  }
  return false
}

if (import.meta.main) {
  const [root = '.'] = process.argv.slice(2)
  console.log(drawTree(root))
}
