import { type ESTree, parseSync, Visitor } from 'vite'

/** Names that a source must mention to send a statement in no transaction of one scheme; other files are not parsed. */
const MENTIONS = /\bacrossSchemes\b|\b[dD]b\b|\bpool\b|\bsessions\b/

/**
 * Lists the functions and methods of a source that send a statement in no transaction of one scheme: they call
 * `acrossSchemes`, or use the handle of the database (`db`) or its pools in another way than to pass the handle to a function,
 * which is looked at itself. A handle under another name counts as used, so that none is missed.
 */
export function crossingFunctions(path: string, text: string): string[] {
  if (!MENTIONS.test(text)) return []
  const { program } = parseSync(path, text)
  const units = program.body.flatMap(unitsOf)
  const found = new Set<string>()
  const note = ({ start }: { readonly start: number }) => {
    const unit = units.find((one) => one.start <= start && start < one.end)
    if (unit !== undefined) found.add(unit.name)
  }
  new Visitor({
    CallExpression(call) {
      const { callee, arguments: given } = call
      if (callee.type === 'Identifier' && callee.name === 'acrossSchemes') note(call)
      if (given.some((one) => isNamed(one, 'pool'))) note(call)
      if (callee.type !== 'MemberExpression') return
      if (isNamed(callee.object, 'db')) note(call)
      const isPool = isNamed(callee.object, 'pool') || isNamed(callee.object, 'sessions')
      if (isPool && /^(query|connect)$/.test(nameOf(callee) ?? '')) note(call)
      if (nameOf(callee) === 'execute' && given.some((one) => isNamed(one, 'db'))) note(call)
    },
    TSAsExpression(cast) {
      if (isNamed(cast.expression, 'db')) note(cast)
    },
    VariableDeclarator({ id, init }) {
      if (init !== null && isNamed(init, 'db') && !isNamed(id, 'db')) note(init)
    },
    AssignmentExpression({ left, right }) {
      if (isNamed(right, 'db') && !isNamed(left, 'db')) note(right)
    },
    Property({ key, value }) {
      if (isNamed(key, 'db') && value.type === 'Identifier' && value.name !== 'db') note(value)
      if (!isNamed(key, 'db') && isNamed(value, 'db')) note(value)
    },
    Identifier(name) {
      const type = 'typeAnnotation' in name ? name.typeAnnotation : null
      if (type && name.name !== 'db' && /^:\s*Db\b/.test(text.slice(type.start, type.end))) note(name)
    },
  }).visit(program)
  return [...found].toSorted()
}

interface Unit {
  readonly name: string
  readonly start: number
  readonly end: number
}

/** Returns what a statement of a module declares, methods one by one. */
function unitsOf(statement: ESTree.Statement | ESTree.ModuleDeclaration): Unit[] {
  const declared = 'declaration' in statement && statement.declaration ? statement.declaration : statement
  const { start, end } = declared
  if (declared.type === 'FunctionDeclaration') return [{ name: declared.id?.name ?? 'default', start, end }]
  if (declared.type === 'VariableDeclaration')
    return declared.declarations.map(({ id, ...place }) => ({
      name: id.type === 'Identifier' ? id.name : 'constants',
      start: place.start,
      end: place.end,
    }))
  if (declared.type === 'ClassDeclaration')
    return declared.body.body.map((member) => ({
      name: `${declared.id?.name}.${'key' in member ? nameOfKey(member.key) : 'static'}`,
      start: member.start,
      end: member.end,
    }))
  return []
}

function nameOfKey(key: ESTree.PropertyKey): string {
  return 'name' in key && typeof key.name === 'string' ? key.name : 'computed'
}

/** Returns true for an identifier of this name, and for a member of this name of anything. */
function isNamed(node: ESTree.Node, name: string): boolean {
  return node.type === 'Identifier' ? node.name === name : nameOf(node) === name
}

function nameOf(node: ESTree.Node): string | undefined {
  return node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier'
    ? node.property.name
    : undefined
}
