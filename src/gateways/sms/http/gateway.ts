import { webhookSecretOf } from '../../secrets.ts'
import { createHttpClient } from './client.ts'
import type { HttpGatewayDeps } from './client-settings.ts'
import type { HttpProvider, WebhookGateway } from './provider.ts'
import { createGeneric } from './providers/generic.ts'
import { createOvh } from './providers/ovh.ts'
import { createSmsmode } from './providers/smsmode.ts'
import { createTwilio } from './providers/twilio.ts'
import { createRenewable, type ProviderWithSecret } from './renewable.ts'
import type { HttpGatewaySettings } from './settings.ts'

/** A gateway whose secrets can be replaced while it sends. */
export interface RenewableWebhookGateway extends WebhookGateway {
  /** Uses the secrets of settings that differ in nothing else from the next request on. */
  renew(settings: HttpGatewaySettings): void
}

/** Creates a gateway to the configured provider. It is not started, but can already answer the provider's calls. */
export function createHttpGateway(
  settings: HttpGatewaySettings,
  deps: HttpGatewayDeps = {},
): RenewableWebhookGateway {
  const { provider, renew } = createRenewable(withSecret(settings), deps.now ?? Date.now)
  return {
    ...createHttpClient(settings, provider, deps),
    renew: (next) => renew(withSecret(next)),
  }
}

function withSecret(settings: HttpGatewaySettings): ProviderWithSecret {
  return { provider: providerOf(settings), webhookSecret: webhookSecretOf(settings) }
}

function providerOf(settings: HttpGatewaySettings): HttpProvider {
  switch (settings.kind) {
    case 'ovh':
      return createOvh(settings)
    case 'smsmode':
      return createSmsmode(settings)
    case 'twilio':
      return createTwilio(settings)
    case 'http':
      return createGeneric(settings)
  }
}
