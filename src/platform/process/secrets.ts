import { createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../errors.ts'
import { DAY_MS } from '../../message/clock.ts'

/** The secret of an installation, and the one that it replaces for a time. */
export interface Secrets {
  /** Signs, encrypts and derives everything that is written. */
  readonly current: string
  /** The replaced secret: values made with it are still accepted, and no new ones are made. */
  readonly previous?: string | undefined
}

/** Days for which a replaced secret is accepted: a week to restart every process, and to remove it. */
export const PREVIOUS_SECRET_DAYS = 7

/** Returns the secrets of a process, of which the previous one is accepted for its days from the replacement on. */
export function endingSecrets(
  { current, previous }: Secrets,
  { replacedAt, now }: { readonly replacedAt: Date; readonly now: () => Date },
): Secrets {
  const endMs = replacedAt.getTime() + PREVIOUS_SECRET_DAYS * DAY_MS
  return {
    current,
    get previous() {
      return now().getTime() < endMs ? previous : undefined
    },
  }
}

/** Returns the secrets whose work is accepted, the current one first. @throws AppError `internal` without a secret */
export function acceptedSecrets(secrets: Secrets | undefined): string[] {
  // Commands run without a secret and send nothing. What is derived without one could be forged by anyone.
  if (secrets === undefined || secrets.current === '') throw new AppError('internal')
  const { current, previous } = secrets
  return previous === undefined || previous === current ? [current] : [current, previous]
}

/** Returns the HMAC of a text under the current secret. @throws AppError `internal` without a secret */
export function hmacOf(secrets: Secrets | undefined, text: string): Buffer {
  const [current = ''] = acceptedSecrets(secrets)
  return hmac(current, text)
}

/** Returns the HMACs of a text under each accepted secret, the current one first. @throws AppError `internal` without a secret */
export function acceptedHmacsOf(secrets: Secrets | undefined, text: string): Buffer[] {
  return acceptedSecrets(secrets).map((secret) => hmac(secret, text))
}

/** Returns whether a signature in base64url is the HMAC of a text under an accepted secret. */
export function isSignatureOf(secrets: Secrets | undefined, text: string, signature: string): boolean {
  const given = Buffer.from(signature, 'base64url')
  return acceptedHmacsOf(secrets, text).some(
    (wanted) => wanted.length === given.length && timingSafeEqual(wanted, given),
  )
}

function hmac(secret: string, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest()
}
