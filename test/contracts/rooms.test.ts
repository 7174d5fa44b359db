import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { biomeOverrides, ROOM_NAMES, type RoomName, roomsUsedBy } from '../../scripts/rooms.ts'
import {
  arrowsOf,
  crossingFunctions,
  cyclesOf,
  hasDynamicTable,
  hasDynamicWrite,
  ROOM_RULES,
  readSources,
  type Source,
  tablesOf,
  tableUsesOf,
} from '../../scripts/rooms-check.ts'
import { FOREIGN_SQL } from '../../scripts/rooms-foreign.ts'
import { structurePage } from '../../scripts/structure.ts'
import { ROOT } from '../support/program.ts'

const sources = readSources(ROOT)

test.each(Object.entries(ROOM_RULES))('%s', (_rule, findProblems) => {
  expect(findProblems(sources)).toEqual([])
})

const roomsAbove = (room: RoomName) => ROOM_NAMES.filter((name) => roomsUsedBy(name).has(room))

/** May only be lowered, with the list: a room that needs another table asks for a function of the room that has it (ADR 21). */
const FOREIGN_TABLES = 53
const FOREIGN_STATEMENTS = 107

test('the list of foreign SQL gets shorter', () => {
  const counts = FOREIGN_SQL.flatMap(({ tables }) => Object.values(tables))
  expect(counts).toHaveLength(FOREIGN_TABLES)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(FOREIGN_STATEMENTS)
})

test('the graph that ARCHITECTURE.md writes is that of the table', () => {
  const [, line = ''] =
    /^\*\*Rooms are a graph\*\*[^:]*: (.*?); above/m.exec(
      readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'),
    ) ?? []
  const chains = [...line.matchAll(/`([^`]+)`/g)].map(([, chain = '']) =>
    chain.split(' ← ').map((names) => names.split(', ') as RoomName[]),
  )
  const arrows = chains.flatMap((chain) =>
    chain
      .slice(1)
      .flatMap((users, at) => users.flatMap((user) => (chain[at] ?? []).map((used) => ({ user, used })))),
  )
  expect(arrows.filter(({ user, used }) => !roomsUsedBy(user).has(used))).toEqual([])
  const written = new Set(chains.flat(2))
  const above = roomsAbove('changes').concat(roomsAbove('alerts'))
  expect(ROOM_NAMES.filter((name) => !written.has(name) && !above.includes(name))).toEqual([])
})

test('the import rules of Biome match the table', () => {
  const { overrides } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as { overrides: object[] }
  expect(overrides, 'npm run docs writes them').toEqual(biomeOverrides())
})

test('the diagram and the figures of the structure match the table and the sources', () => {
  expect(readFileSync(join(ROOT, 'docs/structure.md'), 'utf8'), 'npm run docs writes it').toBe(
    structurePage(sources),
  )
})

test('the tables of migrations are those that renames and removals leave', () => {
  const migrations = [
    'create table if not exists looks (id uuid);\ncreate table "user" (id text);\ncreate table one (id text);',
    'alter table looks rename to accesses;\nalter index looks_old rename to accesses_old;\ndrop table one, "user";',
  ]
  expect(tablesOf(migrations)).toEqual(['accesses'])
})

const sourceOf = (text: string, file = 'src/portal/one.ts'): Source => ({
  file,
  room: file.split('/')[1],
  text,
})

test.each([
  ["tx.updateTable('contacts').set({})", 'writes contacts'],
  ["tx.updateTable(isAlert ? 'alerts' : 'followUps')", 'writes alerts, writes follow_ups'],
  [
    "tx.selectFrom('deliveries as d').innerJoin('broadcasts as b', 'b.id', 'd.broadcastId')",
    'reads deliveries, reads broadcasts',
  ],
  [
    'sql`insert into members (id) select d.id from dues d, contacts c where true`',
    'writes members, reads dues, reads contacts',
  ],
  ['sql`update dues set paid = true`', 'writes dues'],
  ['const name = sql`members`', 'reads members'],
  ['// select from members', ''],
])('finds the tables of %s', (text, found) => {
  const uses = tableUsesOf(sourceOf(text)).map(({ how, table }) => `${how} ${table}`)
  expect(uses.join(', ')).toBe(found)
})

test.each([
  [`sql\`select from \${sql.table(name)}\``, true],
  [`sql\`select from \${sql.raw(name)}\``, true],
  ['tx.selectFrom(table).select("id")', true],
  ["tx.selectFrom('members').select('id')", false],
  ["tx.selectFrom(page.as('d'))", false],
  [`sql\`select from \${sql.table('members')}\``, false],
  [`await run(client, \`alter table \${name} disable trigger user\`)`, true],
  [`const text = \`insert into \${target} (id) values ($1)\``, true],
  [`sql\`select id from \${places}\``, false],
  [`throw new Error(\`no update from \${version}\`)`, false],
])('knows whether the table is known at run time only: %s', (text, isDynamic) => {
  expect(hasDynamicTable(sourceOf(text))).toBe(isDynamic)
})

test.each([
  [`sql\`update \${sql.table(name)} set a = 1\``, true],
  [`await run(\`truncate table \${name}\`)`, true],
  ['tx.deleteFrom(table).execute()', true],
  [`sql\`select from \${sql.table(name)}\``, false],
  [`await run(\`select count(*) from \${name}\`)`, false],
])('knows whether it is written: %s', (text, writes) => {
  expect(hasDynamicWrite(sourceOf(text))).toBe(writes)
})

test('finds functions of the database that touch tables of other rooms, by triggers and by SQL that runs them', () => {
  const migrations = [
    `create function note(ids uuid[]) returns void language sql as $$
  insert into departures select unnest(ids);
$$;
create function gone() returns trigger language plpgsql as $$
begin
  perform note(array[1]);
  update members set name = '';
end $$;
create trigger gone after delete on contacts for each statement execute function gone();
create function zone(scheme text) returns text language sql
  return (select time_zone from schemes where id = scheme);
create function old() returns text language sql as $$ select id from alerts $$;`,
    'drop function old();',
  ]
  const callers = [
    sourceOf(`sql\`select zone(\${id}), old()\``, 'src/platform/a.ts'),
    sourceOf(`sql\`select zone(\${id})\``, 'src/members/b.ts'),
  ]
  expect(crossingFunctions(migrations, callers)).toEqual([
    'gone of members writes departures',
    'zone of platform reads schemes',
  ])
})

test('finds cycles of imports at run time, and of those for types', () => {
  const tree = [
    sourceOf("import { a } from '../members/a.ts'", 'src/dues/b.ts'),
    sourceOf("import {\n  type B,\n  type C,\n} from '../dues/b.ts'", 'src/members/a.ts'),
    sourceOf(
      "import type { D } from '../members/a.ts'\nimport { type E, f } from '../dues/b.ts'",
      'src/cli/c.ts',
    ),
    sourceOf("const one = await import('../cli/c.ts')", 'src/start/d.ts'),
  ]
  expect(cyclesOf(arrowsOf(tree))).toEqual([['dues', 'members']])
  expect(cyclesOf(arrowsOf(tree, 'runtime'))).toEqual([])
  expect(arrowsOf(tree, 'runtime').map((arrow) => arrow.join(' '))).toEqual([
    'cli dues',
    'dues members',
    'start cli',
  ])
})
