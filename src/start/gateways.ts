import type { SmsGateway } from '../deliveries/gateway.ts'
import type { GatewaySettings } from '../gateways/settings.ts'
import { createHttpGateway } from '../gateways/sms/http/gateway.ts'
import { createSmppGateway } from '../gateways/sms/smpp/client.ts'
import type { BaseDeps } from './deps.ts'

/** Creates the configured gateway without starting it. */
export function createGateway(
  settings: GatewaySettings,
  { now, random, log }: Pick<BaseDeps, 'now' | 'random' | 'log'>,
): SmsGateway {
  const deps = { now: () => now().getTime(), random, log }
  if (settings.kind !== 'smpp') return createHttpGateway({ ...settings, simulated: false }, deps)
  const { bind, windowPerLink, responseSeconds, ...rest } = settings
  return createSmppGateway(
    {
      ...rest,
      bindMode: bind,
      window: windowPerLink,
      responseTimeoutMs: responseSeconds * 1000,
      refusesSimulator: !rest.simulated,
    },
    deps,
  )
}
