import { createHmac, timingSafeEqual } from 'node:crypto'
import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto'
import type { Deps } from '../deps.ts'
import { acceptedSecrets, type Secrets } from '../platform/process/secrets.ts'

// better-auth signs cookies and encrypts the codes of applications with one secret. What the previous one signed or encrypted is
// turned into what the current one would have, before better-auth reads it.

/** Length of an HMAC-SHA256 in base64. */
const SIGNATURE_LENGTH = 44

/** Returns the headers with the cookies that the previous secret signed, signed anew by the current one. */
export function signCookiesAnew(secrets: Secrets, headers: Headers): Headers {
  const [current = '', previous] = acceptedSecrets(secrets)
  const cookie = headers.get('cookie')
  if (previous === undefined || cookie === null) return headers
  const renewed = new Headers(headers)
  const pairs = cookie.split(/;\s*/).map((pair) => {
    const [name = '', ...rest] = pair.split('=')
    const value = decode(rest.join('='))
    const at = value.length - SIGNATURE_LENGTH - 1
    if (at < 1 || value[at] !== '.') return pair
    const text = value.slice(0, at)
    const given = Buffer.from(value.slice(at + 1))
    const wanted = Buffer.from(signatureOf(previous, text))
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return pair
    return `${name}=${encodeURIComponent(`${text}.${signatureOf(current, text)}`)}`
  })
  renewed.set('cookie', pairs.join('; '))
  return renewed
}

function signatureOf(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64')
}

/** @returns the empty text for what is not encoded rightly */
function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return ''
  }
}

interface StoredCodes {
  readonly id: string
  readonly secret: string
  readonly backupCodes: string
}

/**
 * Encrypts the codes of an account with the current secret if the previous one encrypted them.
 * @returns whether this process can read them, also when the account has none
 */
export async function renewCodesOf(
  { db }: Pick<Deps, 'db'>,
  secrets: Secrets,
  userId: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('twoFactor')
    .select(['id', 'secret', 'backupCodes'])
    .where('userId', '=', userId)
    .executeTakeFirst()
  return row === undefined || (await renewRow({ db }, secrets, row)) !== 'unreadable'
}

/**
 * Does the same for all accounts, so that the previous secret can be removed although some users have not signed in meanwhile.
 * @returns how many accounts were renewed, and how many have codes that neither secret opens
 */
export async function renewAllCodes(
  { db }: Pick<Deps, 'db'>,
  secrets: Secrets,
): Promise<{ readonly renewed: number; readonly unreadable: number }> {
  if (acceptedSecrets(secrets).length === 1) return { renewed: 0, unreadable: 0 }
  const rows = await db.selectFrom('twoFactor').select(['id', 'secret', 'backupCodes']).execute()
  const count = { renewed: 0, unreadable: 0, current: 0 }
  for (const row of rows) count[await renewRow({ db }, secrets, row)] += 1
  return count
}

async function renewRow(
  { db }: Pick<Deps, 'db'>,
  secrets: Secrets,
  row: StoredCodes,
): Promise<'current' | 'renewed' | 'unreadable'> {
  const [current = '', previous] = acceptedSecrets(secrets)
  if ((await decrypted(current, row)) !== undefined) return 'current'
  const plain = previous === undefined ? undefined : await decrypted(previous, row)
  if (plain === undefined) return 'unreadable'
  await db
    .updateTable('twoFactor')
    .set({
      secret: await symmetricEncrypt({ key: current, data: plain.secret }),
      backupCodes: await symmetricEncrypt({ key: current, data: plain.backupCodes }),
    })
    .where('id', '=', row.id)
    // A recovery code that is used meanwhile stays used.
    .where('secret', '=', row.secret)
    .where('backupCodes', '=', row.backupCodes)
    .execute()
  return 'renewed'
}

async function decrypted(key: string, { secret, backupCodes }: StoredCodes) {
  try {
    return {
      secret: await symmetricDecrypt({ key, data: secret }),
      backupCodes: await symmetricDecrypt({ key, data: backupCodes }),
    }
  } catch {
    return undefined
  }
}
