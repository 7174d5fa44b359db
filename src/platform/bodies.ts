import { z } from 'zod'

type Schema = z.core.$ZodType

/** Strict copies made so far: schemas that hold themselves end. */
const copies = new WeakMap<Schema, Schema>()

/**
 * Copies a schema with every object in it strict: a key that it does not name is an error, not silently dropped. The
 * schema itself stays as it is, since what the program stored or answers is read by it too.
 * @throws Error for an intersection, of which neither side could know the keys of the other
 */
export function strict<T extends Schema>(schema: T): T {
  const known = copies.get(schema)
  if (known !== undefined) return known as T
  const definition = strictDefinition(schema)
  // Only what holds other schemas is copied: of some others the checks are not in their definition.
  const copy = definition === undefined ? schema : (z.core.clone(schema as Schema, definition) as T)
  copies.set(schema, copy)
  return copy
}

/** Undefined for a schema that holds no other. */
function strictDefinition(schema: Schema): Schema['_zod']['def'] | undefined {
  const { def } = schema._zod as z.core.$ZodTypes['_zod']
  switch (def.type) {
    case 'object':
      return Object.defineProperty({ ...def, catchall: def.catchall ?? z.never() }, 'shape', {
        get: () => strictShape(def.shape),
        enumerable: true,
      })
    case 'array':
      return { ...def, element: strict(def.element) } as typeof def
    case 'union':
      return { ...def, options: def.options.map((option) => strict(option)) } as typeof def
    case 'record':
      return { ...def, valueType: strict(def.valueType) } as typeof def
    case 'tuple':
      return { ...def, items: def.items.map((item) => strict(item)) } as typeof def
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nonoptional':
    case 'catch':
      return { ...def, innerType: strict(def.innerType) } as typeof def
    case 'pipe':
      return { ...def, in: strict(def.in), out: strict(def.out) } as typeof def
    case 'lazy':
      return { ...def, getter: () => strict(def.getter()) } as typeof def
    case 'intersection':
      throw new Error('an intersection cannot be strict: extend the object instead')
    default:
      return undefined
  }
}

function strictShape(shape: Readonly<Record<string, Schema>>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(shape).map(([key, value]) => [key, strict(value)]))
}

/** What a request may change of stored settings: any of their values, at any depth; lists are replaced whole. */
export type Changes<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Changes<T[K]> | undefined }
    : T

/**
 * The body of an update of settings: every value that has a default may be absent, and is then kept as it is stored
 * (`withChanges`), not set back to its default.
 */
export function changesTo<T extends z.ZodObject>(settings: T): z.ZodType<Changes<z.output<T>>> {
  return withoutDefaults(settings) as unknown as z.ZodType<Changes<z.output<T>>>
}

function withoutDefaults(schema: Schema): Schema {
  const { def } = schema._zod as z.core.$ZodTypes['_zod']
  if (def.type === 'default' || def.type === 'prefault') return z.optional(withoutDefaults(def.innerType))
  if (def.type !== 'object') return schema
  const shape = Object.entries(def.shape).map(([key, value]) => [key, withoutDefaults(value)])
  return z.core.clone(schema, { ...def, shape: Object.fromEntries(shape) } as typeof def)
}

/** Stored settings with the changes of a request: what is absent stays. */
export function withChanges<T extends object>(stored: T, changes: Changes<NoInfer<T>>): T {
  const merged = { ...stored } as Record<string, unknown>
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) continue
    const before = merged[key]
    merged[key] = isObject(before) && isObject(value) ? withChanges(before, value) : value
  }
  return merged as T
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
