import { ROOM_NAMES, ROOMS, TABLES } from './rooms.ts'

/** Purpose of each room, in short; ARCHITECTURE.md explains them. */
const PURPOSES: Readonly<Record<keyof typeof ROOMS, string>> = {
  message: 'SMS alphabets and parts',
  guard: 'reads a text',
  i18n: 'texts of the server',
  platform: 'database, HTTP, clock, log',
  audit: 'hash-chained record',
  identity: 'accounts, codes',
  outbox: 'mails and SMS to one person',
  territory: 'communes and contours',
  schemes: 'configuration of a dispositif',
  members: 'businesses and contacts',
  dues: 'what members owe',
  changes: 'acts on many members, merges',
  imports: 'lists in and out',
  enrolment: 'requests to join, charters',
  reports: 'calls to 17',
  deliveries: 'the engine',
  messages: 'service messages',
  alerts: 'compose, order, follow',
  relays: 'alerts of neighbours',
  statistics: 'figures',
  history: 'what happened to a member',
  privacy: 'requests, retention, erasure',
  portal: 'what a merchant does',
  gateways: 'SMPP, HTTP, mail, card',
  demo: 'a filled scheme',
  commands: 'commands on data',
  start: 'builds and runs a process',
  cli: 'the command line',
}

/** Renders the page of the structure: rooms as boxes, their uses as arrows, and the tables of each. */
export function structurePage(): string {
  const boxes = ROOM_NAMES.map((room) => `  ${room}["<b>${room}</b><br>${PURPOSES[room]}"]`)
  const arrows = ROOM_NAMES.flatMap((room) => ROOMS[room].map((used) => `  ${room} --> ${used}`))
  const rows = Object.entries(TABLES).map(
    ([room, tables]) => `| ${room} | ${tables.map((table) => `\`${table}\``).join(', ')} |`,
  )
  return `# Structure

Written by \`npm run docs\` from \`scripts/rooms.ts\`, to which a test holds imports and SQL. An arrow means “uses”; a room also uses what those use.

\`\`\`mermaid
flowchart TB
${[...boxes, ...arrows].join('\n')}
\`\`\`

| Room | Its tables |
|---|---|
${rows.join('\n')}
`
}
