import type { Config } from '../../config.ts'

/** A cookie of this program: the parts of its line that do not depend on its value. */
export interface CookieKind {
  readonly name: string
  /** Path over http, to which it is sent; over https it is sent to the whole site, as the prefix demands. */
  readonly path: string
  /** Added to the name over https, where the path does not tell apart several cookies of the name. */
  readonly suffix?: string
}

/** Prefix of names that a browser accepts over https only, for the whole of this host, from no other host (RFC 6265bis). */
export const HOST_PREFIX = '__Host-'

/** Returns whether browsers reach this installation over https, so that its cookies can have the prefix. */
export function isHttps(baseUrl: string | undefined): boolean {
  return baseUrl?.startsWith('https:') === true
}

/**
 * Makes the Set-Cookie line of a cookie that scripts cannot read and other sites cannot send. `Strict` breaks no link from a
 * mail or an SMS: the page that it opens needs no cookie, and the requests of that page come from this site.
 * @param value the empty one clears it
 */
export function cookieLine(
  { baseUrl }: Pick<Config, 'baseUrl'>,
  kind: CookieKind,
  value: string,
  maxAgeSeconds: number,
): string {
  const rest = `Max-Age=${value === '' ? 0 : maxAgeSeconds}; HttpOnly; SameSite=Strict`
  if (!isHttps(baseUrl)) return `${kind.name}=${value}; Path=${kind.path}; ${rest}`
  return `${hostNameOf(kind)}=${value}; Path=/; ${rest}; Secure`
}

/**
 * Reads a cookie of a request; undefined when it is missing or not of this form. A cookie without the prefix is read as well: of
 * http, and those that browsers kept from before 0.4.0.
 * @param form regular expression of the value
 */
export function readCookie(
  headers: { readonly cookie?: string | undefined },
  kind: CookieKind,
  form: RegExp,
): string | undefined {
  const values = new Map<string, string>()
  for (const pair of (headers.cookie ?? '').split(/;\s*/)) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at)
    // Of two with one name, that of the longer path comes first.
    if (at > 0 && !values.has(name)) values.set(name, pair.slice(at + 1))
  }
  const value = values.get(hostNameOf(kind)) ?? values.get(kind.name)
  return value !== undefined && form.test(value) ? value : undefined
}

function hostNameOf({ name, suffix }: CookieKind): string {
  return `${HOST_PREFIX}${name}${suffix === undefined ? '' : `-${suffix}`}`
}
