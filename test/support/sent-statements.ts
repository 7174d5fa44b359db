import pg from 'pg'
import { vi } from 'vitest'

/** A statement sent by the program. */
export interface SentStatement {
  readonly text: string
  readonly values: readonly unknown[]
  /** The statement that limited its transaction to a scheme (`inScheme`), and so to a role. */
  readonly binding: Omit<SentStatement, 'binding'> | undefined
}

/**
 * Records the statements of every connection of this process, each text once, with its longest values, which show
 * what a large batch looks like.
 */
export function noteStatements(): { readonly sent: ReadonlyMap<string, SentStatement>; stop(): void } {
  const sent = new Map<string, SentStatement>()
  const sizes = new Map<string, number>()
  const bindings = new WeakMap<object, SentStatement>()
  const query = pg.Client.prototype.query
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...all: unknown[]
  ) {
    const [first, second] = all as [string | { text: string; values?: unknown[] }, unknown]
    const text = typeof first === 'string' ? first : first.text
    const given = typeof first === 'string' ? second : first.values
    const values = Array.isArray(given) ? given : []
    const statement = { text, values, binding: bindings.get(this) }
    if (/^(begin|start|commit|rollback)/i.test(text)) bindings.delete(this)
    else if (/set_config\('role'/.test(text)) bindings.set(this, statement)
    else if (/^\s*(\/\*.*?\*\/\s*)?(select|with|insert|update|delete|merge)\b/i.test(text)) {
      const size = values.reduce((sum: number, value) => sum + sizeOf(value), 0)
      if (size >= (sizes.get(text) ?? 0)) {
        sizes.set(text, size)
        sent.set(text, statement)
      }
    }
    return (query as (...args: unknown[]) => unknown).apply(this, all)
  } as never)
  return { sent, stop: () => spy.mockRestore() }
}

function sizeOf(value: unknown): number {
  return Array.isArray(value) || Buffer.isBuffer(value) || typeof value === 'string' ? value.length : 1
}

/** A node of a plan in EXPLAIN (format json). */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Parent Relationship'?: string
  readonly 'CTE Name'?: string
  readonly 'Subplan Name'?: string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows'?: number
  readonly 'Actual Loops'?: number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

/**
 * Returns the plan of a statement for its own values, or the generic one of a prepared statement, in the role in
 * which it was sent. The statement is not run.
 */
export async function planOf(
  client: pg.ClientBase,
  { text, values, binding }: SentStatement,
  kind: 'custom' | 'generic',
): Promise<PlanNode> {
  await client.query('begin')
  try {
    if (binding !== undefined) await client.query(binding.text, [...binding.values])
    const explain = `explain (${kind === 'generic' ? 'generic_plan, ' : ''}format json) ${text}`
    const { rows } = await (kind === 'generic' ? client.query(explain) : client.query(explain, [...values]))
    return rows[0]['QUERY PLAN'][0].Plan
  } finally {
    await client.query('rollback')
  }
}

/**
 * Runs a statement again and returns how many rows it reads of each table, also those that its conditions remove. What it writes is
 * rolled back.
 */
export async function rowsReadBy(
  client: pg.ClientBase,
  { text, values, binding }: SentStatement,
): Promise<Readonly<Record<string, number>>> {
  await client.query('begin')
  try {
    if (binding !== undefined) await client.query(binding.text, [...binding.values])
    const { rows } = await client.query(`explain (analyze, timing off, format json) ${text}`, [...values])
    const read: Record<string, number> = {}
    visit(rows[0]['QUERY PLAN'][0].Plan, (node) => {
      const table = node['Relation Name']
      if (table === undefined) return
      const each = (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)
      read[table] = (read[table] ?? 0) + each * (node['Actual Loops'] ?? 0)
    })
    return read
  } finally {
    await client.query('rollback')
  }
}

/**
 * Lists unnecessary repeated scans of a plan: parameter values on the inner side of a nested loop, directly or
 * through a CTE.
 */
export function repeatedScans(plan: PlanNode): string[] {
  const ofValues = new Set<string>()
  visit(plan, (node) => {
    const name = node['Subplan Name']?.match(/^CTE (.*)/)?.[1]
    if (name !== undefined && contains(node, (inner) => readsValues(inner, ofValues))) ofValues.add(name)
  })
  const found: string[] = []
  visit(plan, (node) => {
    if (node['Node Type'] !== 'Nested Loop') return
    const inner = node.Plans?.find((child) => child['Parent Relationship'] === 'Inner')
    if (inner === undefined) return
    visit(inner, (one) => {
      if (readsValues(one, ofValues)) found.push(`${one['Node Type']} ${one['CTE Name'] ?? ''}`.trim())
    })
  })
  return found
}

function readsValues(node: PlanNode, ctesOfValues: ReadonlySet<string>): boolean {
  const type = node['Node Type']
  return (
    type === 'Function Scan' ||
    (type === 'CTE Scan' && ctesOfValues.has(node['CTE Name'] ?? '')) ||
    (type === 'ProjectSet' && node.Plans?.every((child) => child['Node Type'] === 'Result') === true)
  )
}

/** Visits children first. An InitPlan is evaluated once and is not part of the loop that it is attached to. */
function visit(node: PlanNode, look: (node: PlanNode) => void): void {
  for (const child of node.Plans ?? []) visit(child, look)
  look(node)
}

function contains(node: PlanNode, isIt: (node: PlanNode) => boolean): boolean {
  return isIt(node) || (node.Plans ?? []).some((child) => contains(child, isIt))
}
