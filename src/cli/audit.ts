import { verifyAudit } from '../audit/verify.ts'
import { AppError } from '../errors.ts'
import { say } from '../messages/say.ts'
import type { DataCommand } from './command.ts'

/** `tocsin audit verify`: 0 when every chain is whole, 1 when one is broken, with the position. */
export const auditCommand: DataCommand = {
  files: () => [],
  async run(deps, args, _files, io) {
    if (args.length !== 1 || args[0] !== 'verify') {
      throw new AppError('usage', { values: { usage: 'tocsin audit verify' } })
    }
    const chains = await verifyAudit(deps.db)
    for (const { schemeId, entries, broken } of chains) {
      const chain = schemeId === '' ? say(io.lang, 'cli.audit.general') : schemeId
      if (broken) {
        const reason = say(io.lang, `cli.audit.${broken.reason}`)
        io.stderr(`${say(io.lang, 'cli.audit.broken', { chain, seq: String(broken.seq), reason })}\n`)
      } else {
        io.stdout(`${say(io.lang, 'cli.audit.whole', { chain, entries })}\n`)
      }
    }
    return chains.some((chain) => chain.broken) ? 1 : 0
  },
}
