import { AppError } from '../../errors.ts'

export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The last row of a page: the value by which the list is ordered, and the id that tells equal ones apart. */
export interface Cursor {
  /** Without blanks. */
  readonly id: string
  readonly key: string
}

/** Returns the cursor as a client passes it back for the next page. */
export function encodeCursor({ id, key }: Cursor): string {
  return Buffer.from(`${id} ${key}`).toString('base64url')
}

/**
 * Parses a parameter that holds a cursor.
 * @param path the name of the parameter
 * @param shape of the ids and keys of this list
 * @throws AppError `invalid_input` for a cursor that no page returned
 */
export function decodeCursor(
  text: string,
  path: string,
  shape: { readonly id: RegExp; readonly key: RegExp },
): Cursor {
  const match = /^(\S+) ([^\0]*)$/.exec(Buffer.from(text, 'base64url').toString('utf8'))
  const [id = '', key = ''] = match?.slice(1) ?? []
  if (match === null || !shape.id.test(id) || !shape.key.test(key)) throw invalidCursor(path)
  return { id, key }
}

/** Makes the refusal of a cursor that no page returned. */
export function invalidCursor(path: string): AppError {
  return new AppError('invalid_input', { problems: [{ code: 'input.invalid', path }] })
}

/** The last row of a page that is ordered by an instant. */
export interface InstantCursor {
  readonly id: string
  readonly at: Date
}

export function encodeInstantCursor({ id, at }: InstantCursor): string {
  return encodeCursor({ id, key: at.toISOString() })
}

/** Parses a parameter that holds the cursor of a list ordered by an instant. @throws AppError like `decodeCursor` */
export function decodeInstantCursor(text: string, path: string, idShape: RegExp): InstantCursor {
  // PostgreSQL has no year 0.
  const shape = { id: idShape, key: /^(?!0000)\d{4}-\d\d-\d\dT[\d:.]+Z$/ }
  const { id, key } = decodeCursor(text, path, shape)
  const at = new Date(key)
  if (Number.isNaN(at.getTime())) throw invalidCursor(path)
  return { id, at }
}
