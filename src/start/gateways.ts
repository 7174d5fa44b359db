import type { SmsGateway } from '../deliveries/gateway.ts'
import type { GatewaySettings } from '../gateways/settings.ts'
import { createHttpGateway } from '../gateways/sms/http/gateway.ts'
import { createSmppGateway } from '../gateways/sms/smpp/client.ts'
import type { BaseDeps } from './deps.ts'

/** A gateway whose secrets can be replaced while it sends. */
export interface RenewableGateway extends SmsGateway {
  /** Uses the secrets of settings that differ in nothing else (`withoutSecrets`). */
  renewSecrets(settings: GatewaySettings): void
}

/** Creates the configured gateway without starting it. */
export function createGateway(
  settings: GatewaySettings,
  { now, random, log }: Pick<BaseDeps, 'now' | 'random' | 'log'>,
): RenewableGateway {
  const deps = { now: () => now().getTime(), random, log }
  if (settings.kind !== 'smpp') {
    const gateway = createHttpGateway({ ...settings, simulated: false }, deps)
    return Object.assign(gateway, {
      renewSecrets(next: GatewaySettings) {
        if (next.kind === settings.kind) gateway.renew({ ...next, simulated: false })
      },
    })
  }
  const { bind, windowPerLink, responseSeconds, ...rest } = settings
  const gateway = createSmppGateway(
    {
      ...rest,
      bindMode: bind,
      window: windowPerLink,
      responseTimeoutMs: responseSeconds * 1000,
      refusesSimulator: !rest.simulated,
    },
    deps,
  )
  return Object.assign(gateway, {
    renewSecrets(next: GatewaySettings) {
      if (next.kind === 'smpp') gateway.renewPassword(next.password)
    },
  })
}
