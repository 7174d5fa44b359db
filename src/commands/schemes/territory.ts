import { createGeoApi } from '../../gateways/geo/geo-api.ts'
import { formatMessage } from '../../i18n/format.ts'
import type { Actor } from '../../permissions.ts'
import { getDepartement, importContours } from '../../territory/map/import.ts'
import { type CommandIo, dataCommand } from '../command.ts'

const actor: Actor = { kind: 'system', name: 'cli' }

interface ImportArguments {
  readonly departementCode: string
  readonly file: string | undefined
}

/** @returns undefined when the call is malformed */
function parseImport(args: readonly string[]): ImportArguments | undefined {
  const [verb, ...rest] = args
  if (verb !== 'import') return undefined
  let departementCode: string | undefined
  let file: string | undefined
  for (let i = 0; i < rest.length; i++) {
    const arg = rest[i] ?? ''
    const given =
      arg === '--file' ? rest[++i] : arg.startsWith('--file=') ? arg.slice('--file='.length) : undefined
    if (given !== undefined && given !== '' && file === undefined) file = given
    else if (!arg.startsWith('-') && departementCode === undefined) departementCode = arg.toUpperCase()
    else return undefined
  }
  return departementCode === undefined ? undefined : { departementCode, file }
}

/**
 * `tocsin territory import 63 [--file F.geojson]`: imports the contours of a département's communes, from a file
 * or from the service of the setting TOCSIN_GEO_API.
 */
export const territoryCommand = dataCommand({
  usage: (lang) => formatMessage(lang, 'cli.territory.usage'),
  parse: parseImport,
  files: ({ file }) => (file === undefined ? [] : [file]),
  reads: () => false,
  async run(deps, { departementCode, file }, files, io) {
    const bytes = file === undefined ? await download(departementCode) : (files.get(file) ?? new Uint8Array())
    const source = file === undefined ? createGeoApi(deps.config.geoApi).name : baseName(file)
    const done = await importContours(deps, actor, { departementCode, bytes, source })

    io.stdout(
      `${formatMessage(io.lang, 'cli.territory.imported', {
        name: done.departement.name,
        code: done.departement.code,
        matched: done.matched,
        neighbours: done.neighbours,
      })}\n`,
    )
    if (done.elsewhere > 0)
      io.stdout(`${formatMessage(io.lang, 'cli.territory.elsewhere', { count: done.elsewhere })}\n`)
    printCommunes(io, 'cli.territory.joined', done.joined)
    printCommunes(io, 'cli.territory.unmatched', done.unmatched)
    printCommunes(io, 'cli.territory.missing', done.missing)
    return 0

    async function download(code: string): Promise<Uint8Array> {
      const service = createGeoApi(deps.config.geoApi)
      const { name } = await getDepartement(deps, code)
      io.stderr(`${formatMessage(io.lang, 'cli.territory.asking', { name, source: service.name })}\n`)
      return service.fetchContours(code)
    }
  },
})

function printCommunes(
  io: CommandIo,
  key: string,
  communes: readonly { code: string; name: string }[],
): void {
  if (communes.length === 0) return
  io.stdout(`${formatMessage(io.lang, key, { count: communes.length })}\n`)
  for (const { code, name } of communes) io.stdout(`  ${code}  ${name}\n`)
}

/** The audit record keeps the file name only, since a full path may contain the name of a person. */
function baseName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path
}
