import { AppError } from '../errors.ts'

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
  if (match === null || !shape.id.test(id) || !shape.key.test(key)) {
    throw new AppError('invalid_input', { problems: [{ code: 'input.invalid', path }] })
  }
  return { id, key }
}
