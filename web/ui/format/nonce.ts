/**
 * Returns the nonce of this page, by which its policy allows style elements; undefined in the development server, which sends
 * no policy.
 */
export function styleNonce(): string | undefined {
  return document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce
}
