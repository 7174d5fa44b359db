import { globSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { biomeOverrides, ROOM_NAMES, type RoomName, roomsUsedBy, TABLES } from '../../scripts/rooms.ts'
import { FOREIGN_SQL } from '../../scripts/rooms-foreign.ts'
import { structurePage } from '../../scripts/structure.ts'
import { ROOT } from '../support/program.ts'

const sources = globSync('src/**/*.ts', { cwd: ROOT })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.endsWith('.test.ts'))
  .sort()
  .map((file) => ({ file, room: roomOf(file), text: readFileSync(join(ROOT, file), 'utf8') }))

/** The room of a file; undefined for the files of `src/` itself, which describe the whole. */
function roomOf(file: string): RoomName | undefined {
  const [, name = '', rest] = file.split('/')
  return rest === undefined ? undefined : (name as RoomName)
}

/** The files that a file imports, for values or types, static or lazy. */
function importsOf({ file, text }: { readonly file: string; readonly text: string }): string[] {
  return [...text.matchAll(/(?:from|import\()\s*'(\.{1,2}\/[^']+)'/g)].map(([, path = '']) =>
    normalize(join(file, '..', path)).replaceAll('\\', '/'),
  )
}

test('every folder of src is a room of the table, and every room a folder', () => {
  const folders = new Set(sources.flatMap(({ room }) => room ?? []))
  expect([...folders].sort()).toEqual([...ROOM_NAMES].sort())
})

test('every import, for types too, is of a room that the table names', () => {
  const wrong = sources.flatMap(({ file, room, text }) => {
    if (room === undefined) return []
    const used = roomsUsedBy(room)
    return importsOf({ file, text })
      .filter((path) => path.startsWith('src/'))
      .filter((path) => {
        const other = roomOf(path)
        return other !== undefined && other !== room && !used.has(other)
      })
      .map((path) => `${file} imports ${path}`)
  })
  expect(wrong).toEqual([])
})

test('the import rules of Biome are those of the table', () => {
  const { overrides } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as { overrides: object[] }
  expect(overrides, 'npm run docs writes them').toEqual(biomeOverrides())
})

test('the page of the structure is that of the table', () => {
  expect(readFileSync(join(ROOT, 'docs/structure.md'), 'utf8'), 'npm run docs writes it').toBe(
    structurePage(),
  )
})

const ownerOf = new Map(
  Object.entries(TABLES).flatMap(([room, tables]) =>
    tables.map((table) => [table, room as RoomName] as const),
  ),
)

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const WRITES = [
  /\b(?:insert into|delete from|merge into|truncate)\s+"?([a-z_]+)/g,
  /\bupdate\s+"?([a-z_]+)"?(?:\s+(?:as\s+)?\w+)?\s+set\b/g,
  /\.(?:insertInto|updateTable|deleteFrom|mergeInto)\(\s*'([A-Za-z]+)/g,
]
const READS = [
  /\b(?:from|join|using)\s+"?([a-z_]+)/g,
  /\.?\b(?:selectFrom|innerJoin|leftJoin|rightJoin|fullJoin|innerJoinLateral|leftJoinLateral|using)\(\s*'([A-Za-z]+)/g,
]

interface Use {
  readonly room: RoomName
  readonly table: string
  readonly how: 'reads' | 'writes'
  readonly file: string
}

/** The tables that the SQL of a file names, in templates and by the builder. */
function usesOf({
  file,
  room,
  text,
}: {
  readonly file: string
  readonly room: RoomName
  readonly text: string
}): Use[] {
  const code = text
    .replaceAll(/\/\*[\s\S]*?\*\/|^\s*(?:\/\/|--).*$/gm, '')
    .replaceAll(/^import[\s\S]*?from '.*'$/gm, '')
  const find = (patterns: readonly RegExp[], how: Use['how']): Use[] =>
    patterns.flatMap((pattern) =>
      [...code.matchAll(pattern)].map(([, name = '']) => ({ room, table: snake(name), how, file })),
    )
  return [...find(WRITES, 'writes'), ...find(READS, 'reads')].filter(({ table }) => ownerOf.has(table))
}

/** Statements that touch a table of a room which theirs may not: they write another's, or read one of a room not used. */
const foreign = sources.flatMap((source) => {
  const { room } = source
  if (room === undefined) return []
  const used = roomsUsedBy(room)
  return usesOf({ ...source, room }).filter(({ table, how }) => {
    const owner = ownerOf.get(table)
    if (owner === undefined || owner === room) return false
    return how === 'writes' || !used.has(owner)
  })
})
const named = ({ room, how, table }: Pick<Use, 'room' | 'how' | 'table'>) => `${room} ${how} ${table}`
const excepted = new Set(
  FOREIGN_SQL.flatMap(({ room, how, tables }) => tables.map((table) => named({ room, how, table }))),
)

test('every table of the migrations has one room', () => {
  const migrations = globSync('migrations/*.sql', { cwd: ROOT }).map((file) =>
    readFileSync(join(ROOT, file), 'utf8'),
  )
  const namesIn = (pattern: RegExp) =>
    migrations.flatMap((text) => [...text.matchAll(pattern)].flatMap(([, names = '']) => names.split(', ')))
  const made = new Set(namesIn(/^create table (?:if not exists )?"?([a-z_]+)/gm))
  for (const table of namesIn(/^drop table ([a-z_, ]+);/gm)) made.delete(table)
  expect([...made].filter((table) => !ownerOf.has(table)).sort()).toEqual([])
  expect([...ownerOf.keys()].filter((table) => !made.has(table)).sort()).toEqual([])
})

test('SQL writes the tables of its own room and reads those of rooms that it uses, but for the list of exceptions', () => {
  const wrong = foreign.filter((use) => !excepted.has(named(use))).map((use) => `${named(use)} (${use.file})`)
  expect([...new Set(wrong)].sort()).toEqual([])
})

test('the list of exceptions names nothing that is gone', () => {
  const met = new Set(foreign.map(named))
  expect([...excepted].filter((name) => !met.has(name))).toEqual([])
})
