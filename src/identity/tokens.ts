import { createHash } from 'node:crypto'

/**
 * Hashes the secret token of a link or a cookie, of which the database stores nothing else. Links of invitations are hashed
 * as base64url (invitations.ts).
 */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
