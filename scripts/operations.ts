import { globSync } from 'node:fs'
import type { Endpoint } from '../src/platform/endpoints.ts'

const ROOT = new URL('../', import.meta.url)

/** The endpoints of one `declareEndpoints`. */
export interface EndpointGroup {
  /** The file, as `src/dues/endpoints.ts`. */
  readonly file: string
  readonly name: string
  readonly endpoints: readonly Endpoint[]
}

/** Reads every endpoint that the program declares. */
export async function readEndpointGroups(): Promise<EndpointGroup[]> {
  const files = globSync('src/*/**/endpoints.ts', { cwd: ROOT })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file !== 'src/platform/endpoints.ts')
    .sort()
  const groups = files.map(async (file) => {
    const exported = Object.entries((await import(new URL(file, ROOT).href)) as Record<string, object>)
    return exported
      .filter(([name]) => name.endsWith('Endpoints'))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, endpoints]) => ({ file, name, endpoints: Object.values(endpoints) as Endpoint[] }))
  })
  return (await Promise.all(groups)).flat()
}
