import { plainOf } from '../cipher/plain.ts'

/** Maximum length of a code made from a name, without the number that may follow. */
const LONGEST = 50

/**
 * Makes a code from a name: "Métiers de bouche" gives metiers-de-bouche.
 * @param of `empty` is the code of a name without letters, and the prefix of the code of a name that starts with a digit; `isTaken`
 * tells whether something else has a code
 */
export function codeFromName(
  name: string,
  of: { readonly empty: string; readonly isTaken: (code: string) => boolean },
): string {
  const words = plainOf(name)
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  const whole = /^[a-z]/.test(words) ? words : [of.empty, words].filter((part) => part !== '').join('-')
  const base = whole.slice(0, LONGEST).replace(/-+$/, '')
  let code = base
  for (let n = 2; of.isTaken(code); n++) code = `${base}-${n}`
  return code
}
