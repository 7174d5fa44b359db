/** Longest code made from a name; a number may follow. */
const LONGEST = 50

/**
 * Makes a code from a name, such as metiers-de-bouche.
 * @param of `empty`: the code of a name without letters; `isTaken`: whether something else has a code
 */
export function codeFromName(
  name: string,
  of: { readonly empty: string; readonly isTaken: (code: string) => boolean },
): string {
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '')
    .slice(0, LONGEST)
    .replace(/-+$/, '')
  const base = plain === '' ? of.empty : plain
  let code = base
  for (let n = 2; of.isTaken(code); n++) code = `${base}-${n}`
  return code
}
