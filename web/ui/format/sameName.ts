const letters = new Intl.Collator('fr', { sensitivity: 'base', ignorePunctuation: true })

/** Tells whether two names are the same whatever their case, accents, hyphens and spaces. */
export function isSameName(a: string, b: string): boolean {
  return letters.compare(a, b) === 0
}
