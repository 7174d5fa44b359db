import { z } from 'zod'

type Schema = z.core.$ZodType

/** Strict copies made so far, which also end the recursion of schemas that contain themselves. */
const copies = new WeakMap<Schema, Schema>()

/**
 * Copies a schema with every object in it strict: an unknown key is an error instead of being dropped. The original stays as
 * it is, because it also reads what the program stored and answered.
 * @throws Error for an intersection, because neither side knows the keys of the other
 */
export function makeStrict<T extends Schema>(schema: T): T {
  const known = copies.get(schema)
  if (known !== undefined) return known as T
  const definition = strictDefinition(schema)
  // Only schemas that contain others are copied: the definition of some others lacks their checks.
  const copy = definition === undefined ? schema : (z.core.clone(schema as Schema, definition) as T)
  copies.set(schema, copy)
  return copy
}

/** Returns undefined for a schema that contains no other. */
function strictDefinition(schema: Schema): Schema['_zod']['def'] | undefined {
  const { def } = schema._zod as z.core.$ZodTypes['_zod']
  switch (def.type) {
    case 'object':
      return Object.defineProperty({ ...def, catchall: def.catchall ?? z.never() }, 'shape', {
        get: () => strictShape(def.shape),
        enumerable: true,
      })
    case 'array':
      return { ...def, element: makeStrict(def.element) } as typeof def
    case 'union':
      return { ...def, options: def.options.map((option) => makeStrict(option)) } as typeof def
    case 'record':
      return { ...def, valueType: makeStrict(def.valueType) } as typeof def
    case 'tuple':
      return { ...def, items: def.items.map((item) => makeStrict(item)) } as typeof def
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'nonoptional':
    case 'catch':
      return { ...def, innerType: makeStrict(def.innerType) } as typeof def
    case 'pipe':
      return { ...def, in: makeStrict(def.in), out: makeStrict(def.out) } as typeof def
    case 'lazy':
      return { ...def, getter: () => makeStrict(def.getter()) } as typeof def
    case 'intersection':
      throw new Error('an intersection cannot be makeStrict: extend the object instead')
    default:
      return undefined
  }
}

function strictShape(shape: Readonly<Record<string, Schema>>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(shape).map(([key, value]) => [key, makeStrict(value)]))
}

/** Changes of stored settings in a request: any of their values, at any depth. Lists are replaced as a whole. */
export type Changes<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Changes<T[K]> | undefined }
    : T

/**
 * Builds the schema of an update of settings. A value with a default may be absent; it then keeps its stored value
 * (`withChanges`) and is not reset to the default.
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

/** Returns stored settings with the changes of a request applied; absent values are kept. */
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
