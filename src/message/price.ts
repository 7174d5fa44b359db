/** Returns the price of SMS parts, in cents, rounded up. */
export function costCents(parts: number, priceMillicents: number): number {
  return Math.ceil((parts * priceMillicents) / 1000)
}
