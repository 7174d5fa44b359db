import { getGuardFacts } from '../../alerts/compose/guard-facts.ts'
import type { Actor } from '../../permissions.ts'
import { dataCommand } from '../command.ts'
import { parseMessageCall, printMessage } from './message.ts'

const actor: Actor = { kind: 'system', name: 'cli' }

/**
 * `tocsin message "text" --scheme CODE [--level LEVEL] [--occurred-at INSTANT] [--json]`: as without a scheme, but
 * the guard also knows the members, places and advice of the scheme. The default level is established facts.
 */
export const schemeMessageCommand = dataCommand({
  usage: () =>
    'tocsin message "…" --scheme CODE [--level prevention|established|precise] [--occurred-at INSTANT] [--json] [--no-fold]',
  parse(args) {
    const call = parseMessageCall(args)
    if (typeof call === 'string' || call.scheme === undefined) return undefined
    return { ...call, scheme: call.scheme, level: call.level ?? 'established' }
  },
  reads: () => true,
  async run(deps, call, _files, io) {
    await printMessage(io, call, await getGuardFacts(deps, actor, call.scheme))
    return 0
  },
})
