import type { HttpProvider, ProviderWebhook } from './provider.ts'

/** Time for which calls that the former secret authenticates are still accepted: the provider is told the new one meanwhile. */
export const FORMER_SECRET_MS = 24 * 3_600_000

/** A provider whose secrets can be replaced while it is used. */
export interface RenewableProvider {
  readonly provider: HttpProvider
  /** Uses another provider of the same kind and account, with other secrets, from the next request on. */
  renew(next: HttpProvider): void
}

/** Makes a provider that passes everything on to the last one that it was given. */
export function createRenewable(first: HttpProvider, nowMs: () => number): RenewableProvider {
  let current = first
  let former: { readonly webhook: ProviderWebhook | undefined; readonly untilMs: number } | undefined
  const { query, cancel, webhook } = first

  function isAuthentic(request: Parameters<ProviderWebhook['isAuthentic']>[0]): boolean {
    if (current.webhook?.isAuthentic(request) === true) return true
    return former !== undefined && nowMs() < former.untilMs && former.webhook?.isAuthentic(request) === true
  }

  return {
    renew(next) {
      former = { webhook: current.webhook, untilMs: nowMs() + FORMER_SECRET_MS }
      current = next
    },
    provider: {
      kind: first.kind,
      batchSize: first.batchSize,
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
