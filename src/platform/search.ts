import { type RawBuilder, sql } from 'kysely'

const ACCENTED = 'àâäáãåçéèêëíìîïñóòôöõúùûüýÿ'
const PLAIN = 'aaaaaaceeeeiiiinooooouuuuyy'

/** Returns a text in the form that `contains` compares: lower case, without accents or ligatures. */
function plainOf(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replace(/œ/g, 'oe').replace(/æ/g, 'ae')
}

/**
 * SQL: whether a text contains what was typed, whatever the case and the accents: "republique" is found in "place de la
 * République". It works on every database, without an extension.
 */
export function contains(text: RawBuilder<unknown>, typed: string): RawBuilder<boolean> {
  const wanted = `%${plainOf(typed).replace(/[\\%_]/g, '\\$&')}%`
  return sql<boolean>`replace(replace(translate(lower(${text}), ${ACCENTED}, ${PLAIN}), 'œ', 'oe'), 'æ', 'ae') like ${wanted}`
}
