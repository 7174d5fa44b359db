export type Call = <T>(method: string, path: string, body?: unknown) => Promise<T>

/**
 * Makes a client of the API of a running server with one session: it sends back the first cookie that it receives.
 */
export function createCall(address: string | undefined): Call {
  let cookie = ''
  return async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: { 'content-type': 'application/json', cookie },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = await response.text()
    if (!response.ok) throw new Error(`${response.status} ${answer}`)
    cookie ||= response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    return JSON.parse(answer) as T
  }
}

/** Returns a body without the id of its request, by which two answers that say the same differ. */
export function bodyWithoutId({ body }: { readonly body: string }): string {
  return body.replace(/,?"requestId":"[^"]*"/, '')
}
