import { parseArgs } from 'node:util'
import { readAnchorFile } from '../../audit/anchors/anchor-file.ts'
import { type Anchored, parseAnchors } from '../../audit/anchors/anchors.ts'
import { exportBundle } from '../../audit/anchors/bundle.ts'
import { type ChainReport, readAgainst, verifyAudit } from '../../audit/verify.ts'
import type { Deps } from '../../deps.ts'
import { formatMessage } from '../../i18n/format.ts'
import { inScheme } from '../../platform/db.ts'
import { findDecidedAlone } from '../../settings/alone.ts'
import { type CommandIo, dataCommand } from '../command.ts'
import { SEALS } from './seals.ts'

type Call =
  | { readonly verb: 'verify'; readonly anchors: string | undefined }
  | { readonly verb: 'key' }
  | { readonly verb: 'export'; readonly scheme: string }

function parseCall(args: readonly string[]): Call | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { anchors: { type: 'string' }, scheme: { type: 'string' } },
    })
    const [verb, ...rest] = positionals
    const { anchors, scheme } = values
    if (rest.length > 0) return undefined
    if (verb === 'verify' && scheme === undefined) return { verb, anchors }
    if (verb === 'key' && scheme === undefined && anchors === undefined) return { verb }
    if (verb === 'export' && anchors === undefined) return { verb, scheme: scheme ?? '' }
    return undefined
  } catch {
    return undefined
  }
}

/**
 * `tocsin audit verify` exits with 0 when every chain and anchor is intact, with 1 otherwise, and prints the positions; `key`
 * prints the public key; `export` prints the signed log of a scheme, or of the installation, as lines of JSON.
 */
export const auditCommand = dataCommand<Call>({
  usage: (lang) => formatMessage(lang, 'cli.audit.usage'),
  parse: parseCall,
  files: (call) => (call.verb === 'verify' && call.anchors !== undefined ? [call.anchors] : []),
  reads: () => true,
  async run(deps, call, files, io) {
    switch (call.verb) {
      case 'key':
        return printKey(deps, io)
      case 'export':
        return exportLog(deps, call.scheme, io)
      case 'verify':
        return verifyLog(deps, call.anchors === undefined ? undefined : files.get(call.anchors), io)
    }
  },
})

async function exportLog(deps: Deps, scheme: string, io: CommandIo): Promise<number> {
  const decidedAlone =
    scheme === '' ? undefined : await inScheme(deps.db, scheme, (tx) => findDecidedAlone(tx, scheme))
  for await (const line of exportBundle(deps, scheme, { decidedAlone })) io.stdout(`${line}\n`)
  return 0
}

/** @param anchors the content of a file of anchors; undefined: that of the settings is read */
async function verifyLog(deps: Deps, anchors: Uint8Array | undefined, io: CommandIo): Promise<number> {
  const { anchorFile } = deps.config.audit
  const outside =
    anchors !== undefined
      ? parseAnchors(new TextDecoder().decode(anchors))
      : anchorFile === undefined
        ? []
        : await readAnchorFile(anchorFile)
  const against = await readAgainst(deps, SEALS, outside)
  const { anchored } = against
  const chains = await verifyAudit(deps.db, against)
  for (const chain of chains) printChain(chain, io)
  printAnchors(anchored, outside.length, io)
  return chains.some((chain) => chain.broken || chain.facts) || anchored.problems.length > 0 ? 1 : 0
}

function printChain({ schemeId, entries, broken, facts = [] }: ChainReport, io: CommandIo): void {
  const chain = schemeId === '' ? formatMessage(io.lang, 'cli.audit.general') : schemeId
  if (broken) {
    const reason = formatMessage(io.lang, `cli.audit.${broken.reason}`)
    io.stderr(`${formatMessage(io.lang, 'cli.audit.broken', { chain, seq: String(broken.seq), reason })}\n`)
  } else {
    io.stdout(`${formatMessage(io.lang, 'cli.audit.whole', { chain, entries })}\n`)
  }
  for (const { kind, id, reason } of facts) {
    const what = formatMessage(io.lang, `cli.audit.facts.${kind}`)
    io.stderr(`${formatMessage(io.lang, `cli.audit.fact.${reason}`, { chain, what, id })}\n`)
  }
}

function printAnchors(anchored: Anchored, outside: number, io: CommandIo): void {
  const { count, last, problems, isSigned } = anchored
  if (last === undefined) io.stdout(`${formatMessage(io.lang, 'cli.audit.anchors.none')}\n`)
  else {
    const values = { count, outside, at: last.at.toISOString(), isSigned: String(isSigned) }
    io.stdout(`${formatMessage(io.lang, 'cli.audit.anchors', values)}\n`)
  }
  const { timestamps } = anchored
  if (timestamps.count > 0) {
    const { count, last, isChecked } = timestamps
    const values = {
      count,
      last: last?.at.toISOString() ?? 'none',
      n: last?.n ?? 0,
      by: last?.by ?? '',
      isChecked: String(isChecked),
    }
    io.stdout(`${formatMessage(io.lang, 'cli.audit.timestamps', values)}\n`)
  }
  for (const { n, reason } of problems) {
    io.stderr(`${formatMessage(io.lang, `cli.audit.anchor.${reason}`, { n: String(n) })}\n`)
  }
}

function printKey({ auditKeys }: Deps, io: CommandIo): number {
  const { current } = auditKeys
  if (current === undefined) {
    io.stderr(`${formatMessage(io.lang, 'cli.audit.noKey')}\n`)
    return 1
  }
  io.stdout(`${current.publicKey}\n`)
  return 0
}
