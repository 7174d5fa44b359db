import type { FastifyReply } from 'fastify'
import type { Deps } from '../../deps.ts'
import { parseMail, parseMobile } from '../../members/rules.ts'
import { DAY_MS } from '../../message/clock.ts'
import { cookieLine, readCookie } from '../../platform/http/cookies.ts'
import type { RateLimited } from '../../platform/http/endpoints.ts'
import { networkOf } from '../../platform/http/network.ts'
import { hmacOf, isSignatureOf } from '../../platform/process/secrets.ts'
import type { Holder } from '../store.ts'

// A browser on which a number or an address was proved keeps a proof of it, so that codes which strangers request for it do not
// count against this browser. The proof grants no access, and names nobody.

const COOKIE = { name: 'tocsin.portal-device', path: '/api/portal' }
/** The longest that browsers keep a cookie. */
const DAYS = 400
/** A family or a shop shares a browser; the oldest proof goes first. */
const MAX_PROOFS = 4

/** A request with its headers. */
type WithCookies = Pick<RateLimited, 'headers'>

type Needs = Pick<Deps, 'secret' | 'now'>

/** Returns whether this number or address was proved in the browser that sends the request. */
export function isKnownDevice(deps: Needs, request: WithCookies, holder: Holder): boolean {
  return readProofs(request).some((proof) => isProofOf(deps, proof, holder))
}

/** Lets the browser remember that this number or address was proved in it. */
export function rememberDevice(
  deps: Needs & Pick<Deps, 'config'>,
  request: WithCookies,
  reply: FastifyReply,
  holder: Holder,
): void {
  const others = readProofs(request).filter((proof) => !isProofOf(deps, proof, holder))
  const proofs = [proofFor(deps, dayOf(deps.now()) + DAYS, holder), ...others].slice(0, MAX_PROOFS)
  reply.header('set-cookie', cookieLine(deps.config, COOKIE, proofs.join('~'), DAYS * 86_400))
}

/**
 * Returns what a request for a code counts by: the browser, if it has a proof of the number or address in the body, otherwise
 * the network, because anyone can send a made-up cookie, or none.
 */
export function codeRequestKey(deps: Needs, request: RateLimited): string {
  const { phone, mail } = request.body as { readonly phone?: string; readonly mail?: string }
  const typed = phone === undefined ? parseMail(mail ?? '') : parseMobile(phone)
  const value = 'value' in typed ? typed.value : ''
  const holder = phone === undefined ? { mail: value } : { phone: value }
  return readProofs(request).find((proof) => isProofOf(deps, proof, holder)) ?? networkOf(request.ip)
}

function readProofs(request: WithCookies): string[] {
  const cookie = String(request.headers.cookie ?? '')
  const form = /^\d{5}\.[\w-]{43}(?:~\d{5}\.[\w-]{43}){0,3}$/
  return readCookie({ cookie }, COOKIE, form)?.split('~') ?? []
}

function isProofOf(deps: Needs, proof: string, holder: Holder): boolean {
  const until = Number(proof.slice(0, 5))
  if (until < dayOf(deps.now())) return false
  return isSignatureOf(deps.secret, signedText(until, holder), proof.slice(6))
}

/** @param until the last day on which the proof counts, in days since the epoch */
function proofFor({ secret }: Pick<Deps, 'secret'>, until: number, holder: Holder): string {
  return `${until}.${hmacOf(secret, signedText(until, holder)).toString('base64url')}`
}

function signedText(until: number, holder: Holder): string {
  const of = 'phone' in holder ? `phone:${holder.phone}` : `mail:${holder.mail}`
  return `tocsin:portal-device:${until}:${of}`
}

function dayOf(now: Date): number {
  return Math.floor(now.getTime() / DAY_MS)
}
