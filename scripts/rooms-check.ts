import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOM_NAMES, type RoomName, roomsUsedBy, TABLES } from './rooms.ts'
import { DYNAMIC_SQL, FOREIGN_FUNCTIONS, FOREIGN_SQL } from './rooms-foreign.ts'

/** A source file without tests. */
export interface Source {
  readonly file: string
  /** Undefined for the files of `src/` itself, which describe the whole. */
  readonly room: string | undefined
  readonly text: string
}

export function readSources(root: string): Source[] {
  return globSync('src/**/*.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.endsWith('.test.ts'))
    .sort()
    .map((file) => ({ file, room: roomOf(file), text: readFileSync(join(root, file), 'utf8') }))
}

function roomOf(file: string): string | undefined {
  const [, name, rest] = file.split('/')
  return rest === undefined ? undefined : name
}

interface Import {
  readonly file: string
  /** The imported file. */
  readonly path: string
  /** Whether it is gone at run time. */
  readonly isType: boolean
}

/** Lists the files of the project that a file imports, for values or types, static or lazy. */
export function importsOf({ file, text }: Source): Import[] {
  return [
    ...text.matchAll(/(?:^(?:import|export)\s([^;'"]*?)\bfrom\s*|\bimport\(\s*)'(\.{1,2}\/[^']+)'/gm),
  ].map(([, names, path = '']) => ({
    file,
    path: normalize(join(file, '..', path)).replaceAll('\\', '/'),
    isType: names !== undefined && isTypeOnly(names),
  }))
}

function isTypeOnly(names: string): boolean {
  if (names.startsWith('type ')) return true
  const [, list] = /^\{([^}]*)\}\s*$/.exec(names) ?? []
  return list?.split(',').every((name) => /^\s*(?:type\s|$)/.test(name)) ?? false
}

/** Lists the imports between two rooms, as "room other", each once. */
export function arrowsOf(sources: readonly Source[], which: 'all' | 'runtime' = 'all'): [string, string][] {
  const arrows = new Map<string, [string, string]>()
  for (const source of sources) {
    for (const { path, isType } of importsOf(source)) {
      const other = path.startsWith('src/') ? roomOf(path) : undefined
      if (source.room === undefined || other === undefined || other === source.room) continue
      if (which === 'runtime' && isType) continue
      arrows.set(`${source.room} ${other}`, [source.room, other])
    }
  }
  return [...arrows.values()].sort()
}

/** Groups the rooms that reach each other by arrows: each group is a cycle. */
export function cyclesOf(arrows: readonly (readonly [string, string])[]): string[][] {
  const next = Map.groupBy(arrows, ([from]) => from)
  const reachedFrom = (room: string): Set<string> => {
    const reached = new Set<string>()
    const open = [room]
    for (let one = open.pop(); one !== undefined; one = open.pop()) {
      for (const [, other] of next.get(one) ?? []) {
        if (!reached.has(other)) open.push(other)
        reached.add(other)
      }
    }
    return reached
  }
  const reach = new Map([...next.keys()].map((room) => [room, reachedFrom(room)]))
  const groups: string[][] = []
  for (const [room, reached] of reach) {
    if (!reached.has(room) || groups.some((group) => group.includes(room))) continue
    groups.push([...reached].filter((other) => reach.get(other)?.has(room)).sort())
  }
  return groups
}

const ownerOf = new Map<string, RoomName>(
  Object.entries(TABLES).flatMap(([room, tables]) =>
    tables.map((table) => [table, room as RoomName] as const),
  ),
)

/** A statement of a room that names a table. */
export interface TableUse {
  readonly room: string
  readonly table: string
  readonly how: 'reads' | 'writes'
  readonly file: string
}

const WRITES = [
  /\b(?:insert into|delete from|merge into|truncate)\s+"?([a-z_]+)/g,
  /\bupdate\s+"?([a-z_]+)"?(?:\s+(?:as\s+)?\w+)?\s+set\b/g,
  // The table that `updateMatched` (platform/database/merge.ts) writes, with its alias.
  /\btable: '([a-z_]+) [a-z]'/g,
]
const READS = [
  /\b(?:from|join|using)\s+"?([a-z_]+)/g,
  // The further tables of a list: "from deliveries d, broadcasts b".
  /,\s*"?([a-z_]+)"?\s+(?:as\s+)?[a-z]{1,2}\b(?=\s*(?:,|where|join|left|on|order|group|\)|`|$))/gm,
  // A name alone, put into a statement elsewhere.
  /\bsql(?:<[^>`]*>)?`\s*([a-z_]+)\s*`/g,
]
const CALLS = {
  writes: /\.(?:insertInto|updateTable|deleteFrom|mergeInto)\(([^()]*)/g,
  reads:
    /\.?\b(?:selectFrom|innerJoin|leftJoin|rightJoin|fullJoin|innerJoinLateral|leftJoinLateral|using)\(([^()]*)/g,
}
const DYNAMIC = [
  /\bsql\.table\((?!['"])/,
  /\b(?:from|join|using|into|update)\s+\$\{sql\.(?:raw|ref|id|lit)\(/,
  /\.(?:insertInto|updateTable|deleteFrom|mergeInto|selectFrom|innerJoin|leftJoin)\(\s*[a-z]\w*\s*[,)]/,
  // A statement for the driver, written as a plain string.
  /(?<=[\s(,=:?])`\s*(?:select|insert|update|delete|alter|truncate|lock|copy|with)\b[^`]*?\b(?:from|join|using|into|update|table)\s+\$\{/i,
]
const DYNAMIC_WRITES = [
  /\b(?:into|update|delete from|truncate)\s+\$\{sql\.(?:table|raw|ref|id)\((?!['"])/,
  /(?<=[\s(,=:?])`\s*(?:insert|update|delete|alter|truncate)\b[^`]*?\b(?:into|update|from|table)\s+\$\{/i,
  /\.(?:insertInto|updateTable|deleteFrom|mergeInto)\(\s*[a-z]\w*\s*[,)]/,
]

/** Returns whether a file has a statement whose table is known at run time only. */
export function hasDynamicTable({ text }: Source): boolean {
  return DYNAMIC.some((pattern) => withoutComments(text).search(pattern) >= 0)
}

/** Returns whether a file has a statement that writes a table known at run time only. */
export function hasDynamicWrite({ text }: Source): boolean {
  return DYNAMIC_WRITES.some((pattern) => withoutComments(text).search(pattern) >= 0)
}

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const withoutComments = (text: string) =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*(?:\/\/|--).*$/gm, '').replaceAll(/^import[\s\S]*?from '.*'$/gm, '')

/** Lists the tables that the SQL of a file names, in templates and by the builder. */
export function tableUsesOf({ file, room, text }: Source): TableUse[] {
  if (room === undefined) return []
  const code = withoutComments(text)
  const inTemplates = (patterns: readonly RegExp[]) =>
    patterns.flatMap((pattern) => [...code.matchAll(pattern)].map(([, name = '']) => name))
  const inCalls = (pattern: RegExp) =>
    [...code.matchAll(pattern)].flatMap(([, argument = '']) =>
      [...argument.matchAll(/'([A-Za-z]+)(?: as \w+)?'/g)].map(([, name = '']) => snake(name)),
    )
  const dynamic = DYNAMIC_SQL.filter((one) => one.file === file).flatMap(({ tables }) =>
    tables === 'all' ? [] : tables,
  )
  const uses = {
    writes: [...inTemplates(WRITES), ...inCalls(CALLS.writes)],
    reads: [...inTemplates(READS), ...inCalls(CALLS.reads), ...dynamic],
  }
  return (['writes', 'reads'] as const).flatMap((how) =>
    uses[how].filter((table) => ownerOf.has(table)).map((table) => ({ room, table, how, file })),
  )
}

/** Lists the statements that write a table of another room, or read one of a room that theirs does not use. */
export function foreignUsesOf(sources: readonly Source[]): TableUse[] {
  return sources.flatMap(tableUsesOf).filter(({ room, table, how }) => {
    const owner = ownerOf.get(table)
    if (owner === undefined || owner === room) return false
    return how === 'writes' || !roomsUsedBy(room as RoomName).has(owner)
  })
}

const named = ({ room, how, table }: Pick<TableUse, 'room' | 'how' | 'table'>) => `${room} ${how} ${table}`

/** The list of exceptions: "room how table", with the number of statements. */
const excepted = (): ReadonlyMap<string, number> =>
  new Map(
    FOREIGN_SQL.flatMap(({ room, how, tables }) =>
      Object.entries(tables).map(([table, count]): [string, number] => [named({ room, how, table }), count]),
    ),
  )

/** Counts the reads of tables of other rooms that a room uses, which the rules allow, and the pairs of rooms that have any. */
export function allowedReadsOf(sources: readonly Source[]): { reads: number; pairs: number } {
  const reads = sources.flatMap(tableUsesOf).flatMap(({ room, table, how }) => {
    const owner = ownerOf.get(table)
    const isAllowed = owner !== undefined && roomsUsedBy(room as RoomName).has(owner)
    return how === 'reads' && isAllowed && owner !== room ? [`${room} ${owner}`] : []
  })
  return { reads: reads.length, pairs: new Set(reads).size }
}

/** Lists the files of `src/` itself that import a room which imports them, for types at least: the cycles that are allowed. */
export function wholesInCycles(sources: readonly Source[]): string[] {
  const isUsed = (file: string, room: string) =>
    sources.some((source) => source.room === room && importsOf(source).some(({ path }) => path === file))
  return sources.flatMap((source) => {
    if (source.room !== undefined) return []
    const rooms = importsOf(source).flatMap(({ path }) => roomOf(path) ?? [])
    return rooms.some((room) => isUsed(source.file, room)) ? [source.file] : []
  })
}

/** Lists the names that only one of two sets has. */
function namesOfOne(some: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...some, ...others].filter((name) => some.has(name) !== others.has(name))
}

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** Lists the tables that are left once migrations, in their order, created, renamed and dropped them. */
export function tablesOf(migrations: readonly string[]): string[] {
  const tables = new Set<string>()
  for (const text of migrations) {
    const steps = text.matchAll(
      /^create table (?:if not exists )?"?(?<made>[a-z_0-9]+)|^alter table (?:if exists )?"?(?<from>[a-z_0-9]+)"?\s+rename to "?(?<to>[a-z_0-9]+)|^drop table (?:if exists )?(?<gone>[a-z_0-9", ]+)/gim,
    )
    for (const { groups: { made, from, to, gone } = {} } of steps) {
      for (const name of [from, ...(gone?.replaceAll('"', '').split(/,\s*/) ?? [])]) tables.delete(name ?? '')
      for (const name of [made, to]) if (name !== undefined) tables.add(name)
    }
  }
  return [...tables].sort()
}

function readMigrations(): string[] {
  const names = readdirSync(folder('migrations')).filter((name) => /^\d{4}_/.test(name))
  return names.sort().map((name) => readFileSync(join(folder('migrations'), name), 'utf8'))
}

interface DatabaseFunction {
  body: string
  /** Tables whose triggers run it. */
  readonly tables: string[]
}

/** Lists the functions that migrations, in their order, leave, with the tables whose triggers run them. */
function functionsOf(migrations: readonly string[]): Map<string, DatabaseFunction> {
  const functions = new Map<string, DatabaseFunction>()
  const statements = migrations.flatMap((text) =>
    withoutComments(text).split(/^(?=(?:create|grant|revoke|alter|drop|insert|update|delete|do|comment)\b)/m),
  )
  for (const statement of statements) {
    const [, isReplaced, name] = /^create (or replace )?function (\w+)\s*\(/.exec(statement) ?? []
    if (name !== undefined) {
      const before = functions.get(name)
      // Without "or replace" it is another function of the same name.
      const kept = isReplaced === undefined ? (before?.body ?? '') : ''
      functions.set(name, { body: kept + statement, tables: before?.tables ?? [] })
    }
    const [, table = '', run = ''] =
      /^create trigger [\s\S]*?\bon (\w+)[\s\S]*?execute function (\w+)\(/.exec(statement) ?? []
    functions.get(run)?.tables.push(table)
    const [, gone = ''] = /^drop function (?:if exists )?(\w+)/.exec(statement) ?? []
    functions.delete(gone)
  }
  return functions
}

/**
 * Lists the functions of the database that write a table of another room than those that run them, by a trigger of their tables or
 * in their SQL, or that read one of a room which these do not use.
 */
export function crossingFunctions(migrations: readonly string[], sources: readonly Source[]): string[] {
  const functions = functionsOf(migrations)
  const calledIn = (text: string) =>
    [...text.matchAll(/\b([a-z_]+)\(/g)].map(([, name = '']) => name).filter((name) => functions.has(name))
  const bodyOf = (name: string, above: readonly string[] = []): string => {
    const { body } = functions.get(name)!
    const inner = calledIn(body).filter((other) => other !== name && !above.includes(other))
    return [body, ...inner.map((other) => bodyOf(other, [...above, name]))].join('\n')
  }
  const callers = new Map<string, Set<string>>()
  for (const { room, text } of sources) {
    if (room === undefined) continue
    for (const name of calledIn(withoutComments(text)))
      callers.set(name, (callers.get(name) ?? new Set()).add(room))
  }
  const found = [...functions].flatMap(([name, { tables }]) => {
    const rooms = new Set([
      ...tables.flatMap((table) => ownerOf.get(table) ?? []),
      ...(callers.get(name) ?? []),
    ])
    const text = bodyOf(name)
    return [...rooms].flatMap((room) =>
      foreignUsesOf([{ file: 'migrations', room, text }]).map((use) => `${name} of ${named(use)}`),
    )
  })
  return [...new Set(found)].sort()
}

function readMigratedTables(): string[] {
  return tablesOf(readMigrations())
}

/** The rules between rooms; each lists what breaks it. */
export const ROOM_RULES: Readonly<Record<string, (sources: readonly Source[]) => string[]>> = {
  'every folder of src is a room of the table, and every room a folder': (sources) => {
    const folders = new Set(sources.flatMap(({ room }) => room ?? []))
    const rooms: ReadonlySet<string> = new Set(ROOM_NAMES)
    return namesOfOne(folders, rooms)
  },
  'every import, for types too, is of a room that the table names': (sources) =>
    sources.flatMap((source) => {
      const { room } = source
      if (room === undefined) return []
      const used: ReadonlySet<string> = roomsUsedBy(room as RoomName)
      return importsOf(source).flatMap(({ file, path }) => {
        const other = path.startsWith('src/') ? roomOf(path) : undefined
        const isAllowed = other === undefined || other === room || used.has(other)
        return isAllowed ? [] : [`${file} imports ${path}`]
      })
    }),
  'no rooms import each other in a cycle, for types too': (sources) =>
    cyclesOf(arrowsOf(sources)).map((rooms) => rooms.join(', ')),
  'SQL writes the tables of its own room and reads those of rooms that it uses, but for the list of exceptions':
    (sources) => {
      const allowed = excepted()
      const wrong = foreignUsesOf(sources).filter((use) => !allowed.has(named(use)))
      return [...new Set(wrong.map((use) => `${named(use)} (${use.file})`))].sort()
    },
  'the list of exceptions names nothing that is gone': (sources) => {
    const found = new Set(foreignUsesOf(sources).map(named))
    return [...excepted().keys()].filter((name) => !found.has(name))
  },
  'the list of exceptions says how many statements each has': (sources) => {
    const found = Map.groupBy(foreignUsesOf(sources), named)
    return [...excepted()].flatMap(([name, listed]) => {
      const count = found.get(name)?.length ?? 0
      return count === listed ? [] : [`${name}: ${count} statements, ${listed} on the list`]
    })
  },
  // SQL on a table without a room, or under a former name, would pass every rule above.
  'every table of the migrations has one room, and every table of a room is in the migrations': () => {
    const owned = Object.values(TABLES).flat()
    const twice = owned.filter((table, index) => owned.indexOf(table) !== index)
    return [...twice, ...namesOfOne(new Set(owned), new Set(readMigratedTables()))]
  },
  // Branches that were merged each with the next number would not start together.
  'no two migrations have one number': () => {
    const names = readdirSync(folder('migrations'))
    const byNumber = Map.groupBy(names, (name) => /^\d{4}/.exec(name)?.[0])
    return [...byNumber].flatMap(([number, same]) => (number !== undefined && same.length > 1 ? same : []))
  },
  'the table of a statement is written in it, but for the list of files': (sources) => {
    const dynamic = sources.filter(hasDynamicTable).map(({ file }) => file)
    const listed = DYNAMIC_SQL.map(({ file }) => file)
    return namesOfOne(new Set(dynamic), new Set(listed))
  },
  'the list of those files says which of them write': (sources) => {
    const writing = sources.filter(hasDynamicWrite).map(({ file }) => file)
    const listed = DYNAMIC_SQL.filter(({ how }) => how === 'writes').map(({ file }) => file)
    return namesOfOne(new Set(writing), new Set(listed))
  },
  'functions of the database keep to the tables of the rooms that run them, but for the list of exceptions': (
    sources,
  ) => {
    const found = crossingFunctions(readMigrations(), sources)
    const listed = FOREIGN_FUNCTIONS.flatMap(({ name, room, how, tables }) =>
      tables.map((table) => `${name} of ${named({ room, how, table })}`),
    )
    return namesOfOne(new Set(found), new Set(listed))
  },
}

// Run by `npm run check`: holds the rules and prints the figures.
if (import.meta.main) {
  const [root = folder('')] = process.argv.slice(2)
  const sources = readSources(root)
  let broken = 0
  for (const [rule, findProblems] of Object.entries(ROOM_RULES)) {
    const problems = findProblems(sources)
    broken += problems.length
    if (problems.length > 0) console.error(`${rule}:\n  ${problems.join('\n  ')}`)
  }
  const arrows = arrowsOf(sources)
  const runtime = cyclesOf(arrowsOf(sources, 'runtime')).length
  const foreign = foreignUsesOf(sources)
  const allowed = excepted()
  const stray = foreign.filter((use) => !allowed.has(named(use)))
  const { reads, pairs } = allowedReadsOf(sources)
  console.log(
    `${ROOM_NAMES.length} rooms, ${arrows.length} imports between them; ${runtime} runtime and ${cyclesOf(arrows).length} type cycles, ` +
      `not counting ${wholesInCycles(sources).length} files of src/ itself, which import rooms that import them; ` +
      `${reads} reads of tables of rooms that are used, in ${pairs} pairs of rooms; ` +
      `${stray.length} statements on foreign tables, ${foreign.length - stray.length} more by the list of exceptions`,
  )
  if (broken > 0) process.exitCode = 1
}
