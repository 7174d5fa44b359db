import { type RawBuilder, sql } from 'kysely'
import { plainOf } from '../../cipher/plain.ts'

const ACCENTED = 'àâäáãåçéèêëíìîïñóòôöõúùûüýÿ'
const PLAIN = 'aaaaaaceeeeiiiinooooouuuuyy'

/**
 * SQL: whether a text contains what was typed, whatever the case and the accents: "republique" is found in "place de la
 * République". It works on every database, without an extension.
 */
export function containsTyped(text: RawBuilder<unknown>, typed: string): RawBuilder<boolean> {
  const wanted = `%${plainOf(typed).replace(/[\\%_]/g, '\\$&')}%`
  return sql<boolean>`replace(replace(translate(lower(${text}), ${ACCENTED}, ${PLAIN}), 'œ', 'oe'), 'æ', 'ae') like ${wanted}`
}
