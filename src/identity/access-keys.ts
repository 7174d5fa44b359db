import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'

/**
 * Creates a key that opens one thing until an instant, for somebody who proved with a code that they may. Nothing is stored: the
 * key carries its end and a signature.
 */
export function createAccessKey(deps: Pick<Deps, 'secret'>, of: string, until: Date): string {
  const end = String(until.getTime())
  return `${end}.${signatureOf(deps, of, end)}`
}

/** Returns whether a key opens this and has not expired. */
export function checkAccessKey(deps: Pick<Deps, 'secret' | 'now'>, of: string, key: string): boolean {
  const [end = '', signature = ''] = key.split('.')
  const wanted = Buffer.from(signatureOf(deps, of, end))
  const given = Buffer.from(signature)
  if (wanted.length !== given.length || !timingSafeEqual(wanted, given)) return false
  return Number(end) > deps.now().getTime()
}

function signatureOf({ secret }: Pick<Deps, 'secret'>, of: string, end: string): string {
  // Without a secret anyone could forge keys.
  if (secret === undefined || secret === '') throw new AppError('internal')
  return createHmac('sha256', secret).update(`tocsin:access:${of}:${end}`).digest('base64url')
}
