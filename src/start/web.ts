import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import { AppError } from '../errors.ts'
import type { App } from '../platform/http.ts'

/** Vite puts a hash of the content in the names of these files, so they never change. */
const HASHED = /^assets\//
const YEAR_SECONDS = 365 * 24 * 3600

/**
 * Serves the built web app, precompressed where the build did so. Any path that is neither a file nor of the API
 * is answered with the page of the app, which routes it in the browser.
 */
export async function webRoutes(app: App, directory: string | undefined): Promise<void> {
  const isBuilt = directory !== undefined && existsSync(join(directory, 'index.html'))
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
    if (!files.has(path)) return reply.header('cache-control', 'no-cache').sendFile('index.html')
    const cache = HASHED.test(path) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache'
    return reply.header('cache-control', cache).sendFile(path)
  })
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(directory.length).split(sep).filter(Boolean).join('/'),
    )
}
