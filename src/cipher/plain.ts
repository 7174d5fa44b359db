/** Returns a text in the form in which searches compare it: lower case, without accents or ligatures. */
export function plainOf(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replace(/œ/g, 'oe').replace(/æ/g, 'ae')
}
