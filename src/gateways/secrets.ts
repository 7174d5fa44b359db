import type { GatewaySettings } from './settings.ts'
import type { HttpGatewaySettings } from './sms/http/settings.ts'

/**
 * Returns the settings of a gateway with a mark in place of each secret: two that are equal differ in secrets at most, which a
 * running gateway can replace.
 */
export function withoutSecrets(settings: GatewaySettings): object {
  switch (settings.kind) {
    case 'smpp':
      return { ...settings, password: isGiven(settings.password) }
    case 'ovh': {
      const { appKey, appSecret, consumerKey, webhookSecret, ...rest } = settings
      return { ...rest, webhookSecret: isGiven(webhookSecret) }
    }
    case 'smsmode': {
      const { apiKey, webhookSecret, ...rest } = settings
      return { ...rest, webhookSecret: isGiven(webhookSecret) }
    }
    case 'twilio': {
      const { authToken, apiKey, ...rest } = settings
      return { ...rest, apiKey: isGiven(apiKey) }
    }
    case 'http': {
      const { secrets, receipts, ...rest } = settings
      const proof = receipts && { ...receipts.proof, secret: isGiven(receipts.proof.secret) }
      return { ...rest, secrets: Object.keys(secrets).sort(), receipts: receipts && { ...receipts, proof } }
    }
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined
}

/** Returns the secret by which the provider's calls to us are authenticated; undefined: there are none. */
export function webhookSecretOf(settings: HttpGatewaySettings): string | undefined {
  switch (settings.kind) {
    case 'ovh':
    case 'smsmode':
      return settings.webhookSecret
    case 'twilio':
      return settings.authToken
    case 'http':
      return settings.receipts?.proof.secret
  }
}
