import { DAY_MS } from '../../../message/clock.ts'
import type { HttpProvider, ProviderWebhook } from './provider.ts'

/** Time for which calls that the former secret authenticates are still accepted: the provider gets the new one meanwhile. */
export const FORMER_SECRET_MS = DAY_MS

/** A provider, and the secret that authenticates its calls to us. */
export interface ProviderWithSecret {
  readonly provider: HttpProvider
  /** Undefined: it does not call us. */
  readonly webhookSecret: string | undefined
}

/** A provider whose secrets can be replaced while it is used. */
export interface RenewableProvider {
  readonly provider: HttpProvider
  /** Uses another provider of the same kind and account, with other secrets, from the next request on. */
  renew(next: ProviderWithSecret): void
}

/** Makes a provider that passes everything on to the last one that it was given. */
export function createRenewable(first: ProviderWithSecret, nowMs: () => number): RenewableProvider {
  let { provider: current, webhookSecret } = first
  let formers: readonly { readonly webhook: ProviderWebhook | undefined; readonly untilMs: number }[] = []
  const { kind, batchSize, query, cancel, webhook } = first.provider

  function isAuthentic(request: Parameters<ProviderWebhook['isAuthentic']>[0]): boolean {
    if (current.webhook?.isAuthentic(request) === true) return true
    return formers.some((former) => nowMs() < former.untilMs && former.webhook?.isAuthentic(request) === true)
  }

  return {
    renew(next) {
      // Another secret may be replaced within the day: it does not end the time of the former secret of the webhook.
      if (next.webhookSecret !== webhookSecret) {
        const valid = formers.filter(({ untilMs }) => nowMs() < untilMs)
        formers = [...valid, { webhook: current.webhook, untilMs: nowMs() + FORMER_SECRET_MS }]
      }
      current = next.provider
      webhookSecret = next.webhookSecret
    },
    provider: {
      kind,
      batchSize,
      request: (...args) => current.request(...args),
      read: (...args) => current.read(...args),
      get probes() {
        return current.probes
      },
      ...(query && {
        query: {
          request: (...args) => (current.query ?? query).request(...args),
          read: (...args) => (current.query ?? query).read(...args),
        },
      }),
      ...(cancel && {
        cancel: {
          request: (...args) => (current.cancel ?? cancel).request(...args),
          read: (...args) => (current.cancel ?? cancel).read(...args),
        },
      }),
      webhook: webhook && { ...webhook, isAuthentic },
    },
  }
}
