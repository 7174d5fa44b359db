import { z } from 'zod'
import type { ValuesOf } from './setting.ts'

const COMPANY_API = 'https://recherche-entreprises.api.gouv.fr'

/** The setting of the map. */
export const mapSettings = {
  TOCSIN_MAP_TILES: {
    schema: z
      .string()
      .regex(/^https?:\/\/[^\s/{}]+\/.*\{z\}/)
      .optional(),
    meaning: 'Raster tiles behind the map, as https://host/{z}/{x}/{y}.png; none by default.',
    meaningFr: 'Tuiles d’image sous la carte, comme https://hôte/{z}/{x}/{y}.png ; aucune par défaut.',
  },
} as const

/** Settings of contours, the register of companies, mail and cards. */
export const serviceSettings = {
  TOCSIN_GEO_API: {
    schema: z.url().default('https://geo.api.gouv.fr'),
    meaning: 'Service the communes’ contours are imported from.',
    meaningFr: 'Service d’où viennent les contours des communes.',
  },
  TOCSIN_COMPANY_API: {
    schema: z.union([z.literal('off'), z.url()]).optional(),
    meaning:
      'Register of companies that fills a business by its SIRET when a merchant joins; off: entered by hand. Default: https://recherche-entreprises.api.gouv.fr, and off in the demo, which knows some businesses of its own.',
    meaningFr:
      'Répertoire qui remplit un commerce par son SIRET quand un commerçant s’inscrit ; off : saisi à la main. Par défaut : https://recherche-entreprises.api.gouv.fr, et off dans la démonstration, qui connaît quelques commerces à elle.',
  },
  TOCSIN_SMTP_URL: {
    secret: true,
    schema: z
      .string()
      .regex(/^smtps?:\/\/[^/]+$/)
      .refine((url) => URL.canParse(url))
      .optional(),
    meaning:
      'Mail server: smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465. Without it, merchants get no mail; the demo keeps its own.',
    meaningFr:
      'Serveur de courriel : smtp://utilisateur:motdepasse@hôte:587 (STARTTLS) ou smtps://utilisateur:motdepasse@hôte:465. Sans lui, les commerçants ne reçoivent pas de courriel ; la démonstration garde les siens.',
  },
  TOCSIN_MAIL_FROM: {
    schema: z
      .string()
      .regex(/^([^<>\r\n]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/)
      .max(200)
      .optional(),
    meaning: 'Sender of mails, as "Alerte commerces <alerte@cci.example>". Required with TOCSIN_SMTP_URL.',
    meaningFr:
      'Expéditeur des courriels, comme « Alerte commerces <alerte@cci.example> ». Obligatoire avec TOCSIN_SMTP_URL.',
  },
  TOCSIN_STRIPE_KEY: {
    secret: true,
    schema: z
      .string()
      .regex(/^(sk|rk)_\w{8,}$/)
      .optional(),
    meaning:
      'Secret key of the Stripe account that dues are paid to by card. Without it, no card is taken; nor in the demo. Needs the package stripe beside the program; a start without it says which version.',
    meaningFr:
      'Clé secrète du compte Stripe où les cotisations sont payées par carte. Sans elle, aucune carte n’est acceptée ; en démonstration non plus. Demande le paquet stripe à côté du programme ; un démarrage sans lui dit en quelle version.',
  },
  TOCSIN_STRIPE_WEBHOOK_SECRET: {
    secret: true,
    schema: z
      .string()
      .regex(/^whsec_\w{6,}$/)
      .optional(),
    meaning:
      'Secret by which Stripe signs its calls to BASE_URL/api/payments/card (checkout.session.completed, charge.refunded). Required with TOCSIN_STRIPE_KEY.',
    meaningFr:
      'Secret par lequel Stripe signe ses appels à BASE_URL/api/payments/card (checkout.session.completed, charge.refunded). Obligatoire avec TOCSIN_STRIPE_KEY.',
  },
  TOCSIN_STRIPE_API: {
    schema: z.url().default('https://api.stripe.com'),
    meaning: 'Where the API of Stripe is found.',
    meaningFr: 'Adresse de l’API de Stripe.',
  },
} as const

type ServiceValues = ValuesOf<typeof mapSettings & typeof serviceSettings>

/** Services of others that the program uses, except SMS and sign-in. */
export interface ServiceConfig {
  readonly mapTiles: string | undefined
  readonly geoApi: string
  /** Undefined: no register except the demo's data. */
  readonly companyApi: string | undefined
  /** Undefined: no mail is sent. */
  readonly mail: { readonly url: string; readonly from: string } | undefined
  /** Undefined: no card payments. */
  readonly stripe: { readonly key: string; readonly webhookSecret: string; readonly api: string } | undefined
}

/** Puts together the settings of these services. */
export function toServiceConfig(v: ServiceValues, demo: boolean): ServiceConfig {
  return {
    mapTiles: v.TOCSIN_MAP_TILES,
    geoApi: v.TOCSIN_GEO_API,
    companyApi: companyApiOf(v.TOCSIN_COMPANY_API, demo),
    mail: mailOf(v),
    stripe: stripeOf(v),
  }
}

function companyApiOf(given: string | undefined, demo: boolean): string | undefined {
  const chosen = given ?? (demo ? 'off' : COMPANY_API)
  return chosen === 'off' ? undefined : chosen
}

function mailOf({ TOCSIN_SMTP_URL: url, TOCSIN_MAIL_FROM: from }: ServiceValues): ServiceConfig['mail'] {
  return url === undefined || from === undefined ? undefined : { url, from }
}

function stripeOf(v: ServiceValues): ServiceConfig['stripe'] {
  const { TOCSIN_STRIPE_KEY: key, TOCSIN_STRIPE_WEBHOOK_SECRET: webhookSecret, TOCSIN_STRIPE_API: api } = v
  return key === undefined || webhookSecret === undefined ? undefined : { key, webhookSecret, api }
}
