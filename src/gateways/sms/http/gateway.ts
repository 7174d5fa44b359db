import { createHttpClient } from './client.ts'
import type { HttpGatewayDeps } from './client-settings.ts'
import { createGeneric } from './generic.ts'
import { createOvh } from './ovh.ts'
import type { HttpProvider, WebhookGateway } from './provider.ts'
import type { HttpGatewaySettings } from './settings.ts'
import { createSmsmode } from './smsmode.ts'
import { createTwilio } from './twilio.ts'

/** Creates a gateway to the configured provider. It is not started, but can already answer the provider's calls. */
export function createHttpGateway(settings: HttpGatewaySettings, deps: HttpGatewayDeps = {}): WebhookGateway {
  return createHttpClient(settings, providerOf(settings), deps)
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
