import { globSync } from 'node:fs'
import type { Endpoint } from '../src/platform/http/endpoints.ts'

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
    .filter((file) => file !== 'src/platform/http/endpoints.ts')
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

/** Writes web/api/operations.ts: the path of each operation for the client, and its declaration for the types. */
export async function operationsFile(): Promise<string> {
  const groups = await readEndpointGroups()
  const files = [...new Set(groups.map(({ file }) => file))]
  const imports = files.map((file) => {
    const names = groups.filter((group) => group.file === file).map(({ name }) => name)
    return `import type { ${names.join(', ')} } from '../../${file}'`
  })
  const all = groups.flatMap(({ name, endpoints }) => endpoints.map((endpoint) => ({ name, endpoint })))
  return `// Written by \`npm run docs\` from the endpoints that src/ declares.
${imports.join('\n')}

/** The declarations of all endpoints, for types only. */
export interface Operations {
${all.map(({ name, endpoint: { id } }) => `  ${id}: typeof ${name}.${id}`).join('\n')}
}

export const operations = {
${all.map(({ endpoint: { id, method, path } }) => `  ${id}: '${method} ${path}',`).join('\n')}
} as const satisfies Record<keyof Operations, string>
`
}
