import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply } from 'fastify'
import { AppError } from '../../errors.ts'
import type { App } from '../../platform/http/http.ts'

/** Vite puts a hash of the content in the names of these files, so they never change. */
const HASHED = /^assets\//
/** Headers that browsers read of a page only; they are half of what is sent with a small script or response. */
const ABOUT_PAGES = [
  'cross-origin-opener-policy',
  'origin-agent-cluster',
  'permissions-policy',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-frame-options',
  'x-permitted-cross-domain-policies',
  'x-xss-protection',
]
/** The content security policy of responses that are no pages: shown as one, they load nothing. */
const NO_PAGE = "default-src 'none';frame-ancestors 'none'"
/** Scripts of workers, which follow the policy that they are sent with. */
const WORKER = /worker|sw\.js$/
const YEAR_SECONDS = 365 * 24 * 3600

/** Sends the JSON of the API without the headers that browsers read of a page only: the first screen asks for much of it. */
export function trimJsonHeaders(app: App): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const isJson = String(reply.getHeader('content-type')).startsWith('application/json')
    if (isJson && request.url.startsWith('/api/')) setNonPageHeaders(reply)
    return payload
  })
}

function setNonPageHeaders(reply: FastifyReply): void {
  for (const name of ABOUT_PAGES) reply.removeHeader(name)
  reply.header('content-security-policy', NO_PAGE)
}

/**
 * Serves the built web app, precompressed where the build did so. Any other path, except of the API and of
 * missing assets, is answered with the page of the app, which routes it in the browser.
 */
export async function webRoutes(app: App, directory: string | undefined): Promise<void> {
  const isBuilt = directory !== undefined && existsSync(join(directory, 'index.html'))
  const page = isBuilt ? readFileSync(join(directory, 'index.html'), 'utf8') : ''
  const files = new Set(isBuilt ? listFiles(directory) : [])
  if (isBuilt) {
    await app.register(fastifyStatic, {
      root: directory,
      serve: false,
      preCompressed: true,
      cacheControl: false,
    })
  }

  app.get<{ Params: { '*': string } }>('/*', { config: { permission: 'public' } }, async (request, reply) => {
    const path = request.params['*']
    if (!isBuilt || path.startsWith('api/') || (HASHED.test(path) && !files.has(path))) {
      throw new AppError('not_found')
    }
    if (!files.has(path) || path === 'index.html') return sendPage(reply, page)
    if (WORKER.test(path)) for (const name of ABOUT_PAGES) reply.removeHeader(name)
    else setNonPageHeaders(reply)
    if (!HASHED.test(path)) return reply.header('cache-control', 'no-cache').sendFile(path)
    // Browsers never revalidate it, so it needs no etag.
    return reply
      .header('cache-control', `public, max-age=${YEAR_SECONDS}, immutable`)
      .sendFile(path, { etag: false, lastModified: false })
  })
}

/** The placeholder, in the built page, of the nonce of a response (vite.config.ts). */
const NONCE_PLACE = 'TOCSIN_NONCE'

/**
 * Sends the page with a nonce of its own, which lets its components insert style elements. Any other style element or attribute
 * in the page's HTML is blocked, and so is every inline script.
 */
function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64url')
  const policy = String(reply.getHeader('content-security-policy'))
  return reply
    .headers({
      'content-security-policy': policy.replace(
        "style-src 'self'",
        () => `style-src 'self' 'nonce-${nonce}'`,
      ),
      'cache-control': 'no-cache',
      'content-type': 'text/html; charset=utf-8',
    })
    .send(page.replaceAll(NONCE_PLACE, nonce))
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(directory.length).split(sep).filter(Boolean).join('/'),
    )
}
