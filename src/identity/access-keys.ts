import type { Deps } from '../deps.ts'
import { hmacOf, isSignatureOf } from '../platform/process/secrets.ts'

/**
 * Creates a key that opens one thing until an instant, for a person who proved with a code that they may. Nothing is stored: the
 * key carries its end and a signature.
 */
export function createAccessKey(deps: Pick<Deps, 'secret'>, of: string, until: Date): string {
  const end = String(until.getTime())
  return `${end}.${hmacOf(deps.secret, signedText(of, end)).toString('base64url')}`
}

/** Returns whether a key opens this and has not expired. */
export function checkAccessKey(deps: Pick<Deps, 'secret' | 'now'>, of: string, key: string): boolean {
  const [end = '', signature = ''] = key.split('.')
  return isSignatureOf(deps.secret, signedText(of, end), signature) && Number(end) > deps.now().getTime()
}

function signedText(of: string, end: string): string {
  return `tocsin:access:${of}:${end}`
}
