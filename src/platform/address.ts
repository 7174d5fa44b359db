import type { Config } from '../config.ts'

/** Builds a public URL: from the configured base URL, or from this machine's port in a demo. */
export function publicAddress({ baseUrl, port }: Pick<Config, 'baseUrl' | 'port'>, path: string): string {
  return new URL(path, baseUrl ?? `http://localhost:${port}`).href
}
