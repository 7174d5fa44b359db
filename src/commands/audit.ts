import { verifyAudit } from '../audit/verify.ts'
import { formatMessage } from '../i18n/format.ts'
import { dataCommand } from './command.ts'

/** `tocsin audit verify`: exits with 0 when every chain is intact, 1 when one is broken, and prints the position. */
export const auditCommand = dataCommand({
  usage: () => 'tocsin audit verify',
  parse: (args) => (args.length === 1 && args[0] === 'verify' ? 'verify' : undefined),
  reads: () => true,
  async run(deps, _call, _files, io) {
    const chains = await verifyAudit(deps.db)
    for (const { schemeId, entries, broken } of chains) {
      const chain = schemeId === '' ? formatMessage(io.lang, 'cli.audit.general') : schemeId
      if (broken) {
        const reason = formatMessage(io.lang, `cli.audit.${broken.reason}`)
        io.stderr(
          `${formatMessage(io.lang, 'cli.audit.broken', { chain, seq: String(broken.seq), reason })}\n`,
        )
      } else {
        io.stdout(`${formatMessage(io.lang, 'cli.audit.whole', { chain, entries })}\n`)
      }
    }
    return chains.some((chain) => chain.broken) ? 1 : 0
  },
})
