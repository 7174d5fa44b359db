import { z } from 'zod'
import { REFUSALS, type RefusalName } from './codes.ts'

/**
 * Returns true when the URL is encrypted, or local (a relay, a test): secrets never leave the machine unencrypted.
 */
function isSafe(address: string): boolean {
  // Placeholders of a template stand for parts of a URL.
  const plain = address.replace(/\{[\w:-]+\}/g, '0')
  if (!URL.canParse(plain)) return false
  const { protocol, hostname } = new URL(plain)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback)
}

const address = z
  .string()
  .max(2000)
  .refine(isSafe, { params: { problem: 'config.https_required' } })
/** RFC 6901: `` is the whole, `/a/0` the first item of the field `a`. */
const pointer = z.string().regex(/^(\/[^/]*)*$/)
const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)
const headerValue = z.string().regex(/^[\t\x20-\x7e]*$/)
const refusal = z.enum(Object.keys(REFUSALS) as [RefusalName, ...RefusalName[]])

const RECEIPT_STATES = [
  'enroute',
  'delivered',
  'expired',
  'deleted',
  'undeliverable',
  'accepted',
  'unknown',
  'rejected',
] as const

/** Any JSON value; its strings are templates. */
const Template: z.ZodType<Template> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(Template), z.record(z.string(), Template)]),
)
export type Template = string | number | boolean | null | Template[] | { [field: string]: Template }

/**
 * Makes the settings of each kind of HTTP gateway, for a union by `kind`.
 * @param secret makes the field of a secret: plain text already read, or a reference to it.
 * @param common fields that every gateway of the caller has in addition
 */
export function httpSettings<Common extends z.core.$ZodLooseShape>(
  secret: () => z.ZodType<string, unknown>,
  common: Common,
) {
  const shared = {
    name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/),
    simulated: z.literal(false).default(false),
    /** Maximum messages without a response, over all workers: the number that a crash can leave in doubt. */
    window: z.int().min(1).max(5000).default(100),
    partsPerSecond: z.number().positive().max(100_000).optional(),
    /**
     * Timeout in seconds, after which the messages of a request are in doubt. Below 10, slow connections cause
     * doubt too.
     */
    responseSeconds: z.number().min(0.05).max(120).default(15),
    /** Public URL of this gateway's webhook, without its token: `https://…/api/gateways/<name>/webhook`. */
    callbackUrl: address.optional(),
    ...common,
  }
  /** Must be unguessable: it allows to forge receipts. */
  const webhookSecret = secret().pipe(z.string().min(16).max(200)).optional()

  const ovh = z.strictObject({
    kind: z.literal('ovh'),
    ...shared,
    baseUrl: address.default('https://eu.api.ovh.com/1.0'),
    /** For example `sms-xx12345-1`. */
    serviceName: z.string().regex(/^[\w-]{1,64}$/),
    /** API user of the SMS account, whose callback URL and quota then apply. */
    user: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .optional(),
    appKey: secret(),
    appSecret: secret(),
    consumerKey: secret(),
    batchSize: z.int().min(1).max(500).default(100),
    webhookSecret,
  })

  const smsmode = z.strictObject({
    kind: z.literal('smsmode'),
    ...shared,
    baseUrl: address.default('https://rest.smsmode.com'),
    apiKey: secret(),
    webhookSecret,
  })

  const twilio = z.strictObject({
    kind: z.literal('twilio'),
    ...shared,
    baseUrl: address.default('https://api.twilio.com'),
    accountSid: z.string().regex(/^AC[0-9a-fA-F]{32}$/),
    /** Also the key of Twilio's signatures. */
    authToken: secret(),
    /** Authenticates our requests with its secret in place of the account's token. */
    apiKey: z.strictObject({ sid: z.string().regex(/^SK[0-9a-fA-F]{32}$/), secret: secret() }).optional(),
    messagingServiceSid: z
      .string()
      .regex(/^MG[0-9a-fA-F]{32}$/)
      .optional(),
  })

  const request = z
    .strictObject({
      method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
      /** Placeholders are escaped. */
      url: address,
      headers: z.record(headerName, headerValue).default({}),
      body: z
        .discriminatedUnion('type', [
          z.strictObject({ type: z.literal('json'), value: Template }),
          z.strictObject({ type: z.literal('form'), fields: z.record(z.string(), z.string()) }),
        ])
        .optional(),
    })
    .refine(({ method, body }) => method !== 'GET' || body === undefined, {
      path: ['body'],
      params: { problem: 'config.get_body' },
    })

  const http = z.strictObject({
    kind: z.literal('http'),
    ...shared,
    /** Secrets by name, for `{secret:NAME}`. */
    secrets: z.record(z.string().regex(/^\w+$/), secret()).default({}),
    request,
    /** More than 1: the JSON body has a list with one item, repeated for each recipient. */
    batchSize: z.int().min(1).max(1000).default(1),
    /** A request without side effects that shows whether the provider is up. */
    probe: z
      .strictObject({
        method: z.enum(['GET', 'HEAD', 'POST']).default('GET'),
        url: address,
        headers: z.record(headerName, headerValue).default({}),
      })
      .optional(),
    answer: z.strictObject({
      /** List of results by recipient; absent: one result for all. */
      items: pointer.optional(),
      /** The recipient's number in an item; absent: items are in the order of the recipients. */
      to: pointer.optional(),
      /** The message id, or the list of all ids, in an item or in the response. */
      id: pointer,
      /** The status in an item or in the response. */
      status: pointer.optional(),
      /** Values of `status` that mean accepted; absent: all but those of `refusals`. */
      accepted: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
      refusals: z.record(z.string(), z.union([refusal, z.literal('throttled')])).default({}),
      /** Meanings by HTTP status, which take precedence over the usual ones. */
      http: z
        .record(
          z.string().regex(/^[2-5]\d\d$/),
          z.union([refusal, z.literal('throttled'), z.literal('unknown')]),
        )
        .default({}),
    }),
    receipts: z
      .strictObject({
        /** The proof by which the provider authenticates itself. */
        proof: z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('token'), secret: secret().pipe(z.string().min(16)) }),
          z.strictObject({
            type: z.literal('header'),
            header: headerName,
            secret: secret().pipe(z.string().min(16)),
          }),
          z.strictObject({
            type: z.literal('hmac'),
            header: headerName,
            secret: secret(),
            algorithm: z.enum(['sha1', 'sha256', 'sha512']).default('sha256'),
            encoding: z.enum(['hex', 'base64']).default('hex'),
            /** Prefix of the signature in the header, for example `sha256=`. */
            prefix: z.string().default(''),
            /**
             * The header with the time of the call, when the signature covers it and a separator before the body. A call that is
             * older is refused.
             */
            time: z
              .strictObject({
                header: headerName,
                separator: z.string().min(1).max(8).default('.'),
                windowSeconds: z.int().min(60).max(43_200).default(300),
              })
              .optional(),
          }),
        ]),
        method: z.enum(['GET', 'POST', 'PUT']).default('POST'),
        format: z.enum(['json', 'form', 'query']).default('json'),
        /** List of receipts; absent: the body is one. */
        items: pointer.optional(),
        id: pointer,
        state: pointer,
        states: z.record(z.string(), z.enum(RECEIPT_STATES)),
        to: pointer.optional(),
        reference: pointer.optional(),
        error: pointer.optional(),
        /** The time of a receipt; one that is older than a month, or has none, is refused. */
        time: pointer.optional(),
        /** Items that contain a text are messages from phones. */
        inbound: z
          .strictObject({
            from: pointer,
            to: pointer,
            text: pointer,
            /** The provider's id of the message, the same when it calls again. */
            id: pointer.optional(),
            /** The time of the message; one that is older than a week, or has none, is refused. */
            time: pointer.optional(),
          })
          .optional(),
      })
      // A signed call that was captured cannot be changed, but it could be sent again once it is forgotten.
      .refine(
        ({ proof, inbound }) =>
          proof.type !== 'hmac' ||
          proof.time !== undefined ||
          inbound === undefined ||
          (inbound.id ?? inbound.time) !== undefined,
        { path: ['inbound'], params: { problem: 'config.inbound_repeated' } },
      )
      .optional(),
  })

  return [ovh, smsmode, twilio, http] as const
}

/** Settings with resolved secrets. */
export const HttpGatewaySettings = z.discriminatedUnion(
  'kind',
  httpSettings(() => z.string().min(1).max(4096), {}),
)
export type HttpGatewaySettings = z.output<typeof HttpGatewaySettings>

export type OvhSettings = Extract<HttpGatewaySettings, { kind: 'ovh' }>
export type SmsmodeSettings = Extract<HttpGatewaySettings, { kind: 'smsmode' }>
export type TwilioSettings = Extract<HttpGatewaySettings, { kind: 'twilio' }>
export type GenericSettings = Extract<HttpGatewaySettings, { kind: 'http' }>
