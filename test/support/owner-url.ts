/** Name and password of the login that owns the test databases, a superuser. */
export const OWNER = 'tocsin'

/** Returns the URL of the same database as its owner. */
export function asOwnerUrl(url: string): string {
  const owner = new URL(url)
  owner.username = OWNER
  owner.password = OWNER
  return owner.href
}
