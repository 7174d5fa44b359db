import type { Config } from '../config.ts'
import { demoBusinesses } from '../demo/companies.ts'
import type { CardPayments } from '../dues/collect/card.ts'
import { type CompanyRegistry, offlineRegistry } from '../enrolment/registry.ts'
import { createCompanySearch } from '../gateways/companies/recherche-entreprises.ts'
import type { IdentityProvider } from '../identity/provider/provider.ts'
import type { Mailer } from '../outbox/contract.ts'
import { optionalPackages } from '../platform/process/version.ts'
import { loadOptional } from './optional.ts'

/** Creates the register from which joining businesses are filled in; a demo without one knows some businesses of its own. */
export function createCompanyRegistry({
  companyApi,
  demo,
}: Pick<Config, 'companyApi' | 'demo'>): CompanyRegistry {
  return companyApi === undefined
    ? offlineRegistry(demo ? demoBusinesses : [])
    : createCompanySearch(companyApi)
}

/** Creates the sender of mails of the settings; undefined without one. */
export async function createConfiguredMailer({ mail }: Pick<Config, 'mail'>): Promise<Mailer | undefined> {
  if (mail === undefined) return undefined
  return (await import('../gateways/mail/smtp.ts')).createSmtpMailer(mail.url, mail.from)
}

/**
 * Creates the card payments of the settings; undefined without an account.
 * @throws AppError when the optional package of the provider is missing
 */
export async function createConfiguredCards({
  stripe,
}: Pick<Config, 'stripe'>): Promise<CardPayments | undefined> {
  if (stripe === undefined) return undefined
  const { createStripeCards } = await loadOptional(
    'TOCSIN_STRIPE_KEY',
    [`stripe@${optionalPackages.stripe}`],
    () => import('../gateways/card/stripe.ts'),
  )
  return createStripeCards(stripe)
}

/** Creates the identity provider of the settings; undefined without one. */
export async function createConfiguredProvider({
  identityProvider,
}: Pick<Config, 'identityProvider'>): Promise<IdentityProvider | undefined> {
  if (identityProvider === undefined) return undefined
  return (await import('../gateways/openid/provider.ts')).createIdentityProvider(identityProvider)
}
