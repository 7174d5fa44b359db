import { createHmac } from 'node:crypto'
import { REFUSALS, THROTTLED } from '../codes.ts'
import { isWithin, readTime } from '../freshness.ts'
import type {
  BatchAnswer,
  HttpProvider,
  OutgoingMessage,
  OutgoingRecipient,
  ProviderAnswer,
  ProviderWebhook,
  Verdict,
  WebhookContent,
  WebhookRequest,
} from '../provider.ts'
import type { GenericSettings, Template } from '../settings.ts'
import { firstHeader, hasToken, isSameSecret, parseForm, queryString } from '../webhook.ts'
import {
  readErrorCode,
  readField,
  readHealth,
  readMessageId,
  readReference,
  readStatus,
  readText,
  statusText,
  toE164,
} from './answers.ts'

type Receipts = NonNullable<GenericSettings['receipts']>
type Meaning = 'accepted' | 'unknown' | GenericSettings['answer']['refusals'][string]
type Values = Readonly<Record<string, string>>

/** Resolves a JSON pointer (RFC 6901); undefined when there is no such value. */
export function resolvePointer(root: unknown, pointer: string): unknown {
  let value = root
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** Matches placeholders that differ between recipients. */
const OF_RECIPIENT = /\{(to|digits|reference)\}/

/** Replaces each `{name}` by its value; unknown names are left unchanged. */
function fillTemplate(template: string, values: Values): string {
  return template.replace(/\{([\w:]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] as string) : whole,
  )
}

/**
 * Expands a JSON template: strings are filled, a string that is only `{validitySeconds}` becomes a number, and a
 * list whose only item refers to a recipient is repeated for each.
 */
function fillJson(template: Template, values: Values, each: readonly Values[]): unknown {
  if (typeof template === 'string') {
    return template === '{validitySeconds}' ? Number(values.validitySeconds) : fillTemplate(template, values)
  }
  if (Array.isArray(template)) {
    const [only] = template
    if (template.length === 1 && only !== undefined && OF_RECIPIENT.test(JSON.stringify(only))) {
      return each.map((own) => fillJson(only, { ...values, ...own }, [own]))
    }
    return template.map((item) => fillJson(item, values, each))
  }
  if (typeof template === 'object' && template !== null) {
    return Object.fromEntries(
      Object.entries(template).map(([name, item]) => [name, fillJson(item, values, each)]),
    )
  }
  return template
}

/**
 * Creates a provider with an HTTP API from its description in the settings.
 *
 * Placeholders: `{to}` (E.164), `{digits}` (without the plus sign), `{from}`, `{text}`, `{reference}` (1 to 65535,
 * returned in receipts), `{validitySeconds}`, `{encoding}` (`GSM-7` or `UCS-2`), `{secret:NAME}`. They are escaped
 * for their position: URL, form or JSON.
 */
export function createGeneric(settings: GenericSettings): HttpProvider {
  const { request, answer, receipts, batchSize } = settings
  const secrets = Object.fromEntries(
    Object.entries(settings.secrets).map(([name, value]) => [`secret:${name}`, value]),
  )

  const escaped = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeURIComponent(value)]))
  const filledHeaders = (headers: Values): Values =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fillTemplate(value, secrets)]))

  function bodyOf(
    message: Values,
    each: readonly Values[],
  ): { readonly type: string; readonly text: string } {
    const { body } = request
    if (body === undefined) return { type: '', text: '' }
    const values = { ...message, ...each[0] }
    if (body.type === 'json') {
      const text = JSON.stringify(fillJson(body.value, values, each))
      return { type: 'application/json; charset=utf-8', text }
    }
    const fields = Object.entries(body.fields).map(([name, value]) => [name, fillTemplate(value, values)])
    return {
      type: 'application/x-www-form-urlencoded; charset=utf-8',
      text: new URLSearchParams(Object.fromEntries(fields)).toString(),
    }
  }

  return {
    kind: 'http',
    batchSize,

    request(message, recipients) {
      const values = { ...secrets, ...valuesOf(message) }
      const each = recipients.map(valuesOfRecipient)
      const body = bodyOf(values, each)
      return {
        method: request.method,
        url: fillTemplate(request.url, escaped({ ...values, ...each[0] })),
        headers: {
          accept: 'application/json',
          ...(body.type === '' ? {} : { 'content-type': body.type }),
          ...filledHeaders(request.headers),
        },
        ...(body.type === '' ? {} : { body: body.text }),
      }
    },

    read: (given, recipients, nowMs) => readAnswer(answer, given, recipients, nowMs),

    probes: [
      settings.probe === undefined
        ? {
            // Any response shows that the provider is up.
            request: () => ({
              method: 'HEAD',
              url: new URL(fillTemplate(request.url, {})).origin,
              headers: {},
            }),
            read: () => ({ isUp: true }),
          }
        : {
            request: () => ({
              method: settings.probe?.method ?? 'GET',
              url: fillTemplate(settings.probe?.url ?? '', escaped(secrets)),
              headers: filledHeaders(settings.probe?.headers ?? {}),
            }),
            read: readHealth,
          },
    ],

    webhook: receipts === undefined ? undefined : createWebhook(receipts),
  }
}

function valuesOf(message: OutgoingMessage): Values {
  const { sender, text, encoding, validitySeconds } = message
  return { from: sender, text, encoding, validitySeconds: String(validitySeconds) }
}

function valuesOfRecipient({ phone, reference }: OutgoingRecipient): Values {
  return { to: phone, digits: phone.slice(1), reference: String(reference) }
}

function readAnswer(
  settings: GenericSettings['answer'],
  answer: ProviderAnswer,
  recipients: readonly OutgoingRecipient[],
  nowMs: number,
): BatchAnswer {
  const reason = statusText(answer.status)
  const meaning = settings.http[String(answer.status)]
  const usual = readStatus(answer, nowMs)
  if (meaning === 'unknown') return { kind: 'unknown', said: reason }
  if (meaning === 'throttled') {
    const retryAfterMs = usual?.kind === 'throttled' ? usual.retryAfterMs : undefined
    return { kind: 'throttled', code: THROTTLED, retryAfterMs }
  }
  if (meaning !== undefined) return refusedAs(meaning, recipients, reason)
  if (usual !== undefined) return usual
  if (answer.status >= 400) return refusedAs('refused', recipients, reason)
  if (answer.json === undefined) {
    // Some providers answer 200 with nothing but the id.
    const id = settings.id === '' && recipients.length === 1 ? readMessageId(answer.text.trim()) : undefined
    if (id === undefined) return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
    return { kind: 'each', verdicts: [{ accepted: [id] }] }
  }
  return settings.items === undefined
    ? readWhole(settings, answer.json, recipients, reason)
    : readItems(settings, settings.items, answer.json, recipients)
}

/**
 * Makes the outcome of a request refused as a whole. A refusal that may concern one of several numbers is repeated
 * number by number.
 */
function refusedAs(
  meaning: keyof typeof REFUSALS,
  recipients: readonly OutgoingRecipient[],
  said: ReturnType<typeof statusText>,
): BatchAnswer {
  if ((meaning === 'number' || meaning === 'receiver' || meaning === 'refused') && recipients.length > 1) {
    return { kind: 'split' }
  }
  return { kind: 'refused', refusal: REFUSALS[meaning], said, isAccount: meaning === 'account' }
}

/** Looks up a value in a table of the settings, ignoring inherited properties. */
function ownProperty<T>(table: Readonly<Record<string, T>>, value: unknown): T | undefined {
  const isScalar = typeof value !== 'object' && value !== undefined
  return isScalar ? (readField(table, String(value)) as T | undefined) : undefined
}

/** Interprets the `status` of an item. A status that the settings do not list may belong to an accepted message. */
function readMeaning(settings: GenericSettings['answer'], item: unknown): Meaning {
  if (settings.status === undefined) return 'accepted'
  const value = resolvePointer(item, settings.status)
  const known = ownProperty(settings.refusals, value)
  if (known !== undefined) return known
  const isAccepted = settings.accepted?.some((accepted) => String(accepted) === String(value)) ?? true
  return isAccepted ? 'accepted' : 'unknown'
}

function readWhole(
  settings: GenericSettings['answer'],
  json: unknown,
  recipients: readonly OutgoingRecipient[],
  said: ReturnType<typeof statusText>,
): BatchAnswer {
  const meaning = readMeaning(settings, json)
  if (meaning === 'throttled') return { kind: 'throttled', code: THROTTLED, retryAfterMs: undefined }
  if (meaning === 'unknown') return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
  if (meaning !== 'accepted') return refusedAs(meaning, recipients, said)
  const found = resolvePointer(json, settings.id)
  // Without an id and a status, a successful HTTP status may still carry an error.
  if (found === undefined && settings.status === undefined) {
    return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
  }
  const ids = Array.isArray(found) ? found : [found]
  // Ids are assigned only when there are as many as recipients.
  const isClear = ids.length === recipients.length
  return {
    kind: 'each',
    verdicts: recipients.map((_, at): Verdict => {
      const id = isClear ? readMessageId(ids[at]) : undefined
      return { accepted: id === undefined ? [] : [id] }
    }),
  }
}

function readItems(
  settings: GenericSettings['answer'],
  pointer: string,
  json: unknown,
  recipients: readonly OutgoingRecipient[],
): BatchAnswer {
  const { to } = settings
  const items = resolvePointer(json, pointer)
  if (!Array.isArray(items)) return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
  const byPhone =
    to === undefined
      ? undefined
      : new Map(items.map((item) => [toE164(resolvePointer(item, to)), item as unknown]))
  return {
    kind: 'each',
    verdicts: recipients.map(({ phone }, at): Verdict => {
      const item = byPhone === undefined ? (items[at] as unknown) : byPhone.get(phone)
      // The response lacks the recipient, or has its number in another notation: it may have been accepted.
      if (item === undefined) return { unknown: true }
      const meaning = readMeaning(settings, item)
      if (meaning === 'unknown') return { unknown: true }
      if (meaning === 'throttled') return { refused: REFUSALS.later }
      if (meaning !== 'accepted') return { refused: REFUSALS[meaning] }
      const id = readMessageId(resolvePointer(item, settings.id))
      if (id === undefined && settings.status === undefined) return { unknown: true }
      return { accepted: id === undefined ? [] : [id] }
    }),
  }
}

function createWebhook(settings: Receipts): ProviderWebhook {
  const { proof, method, format } = settings
  const signedTime = proof.type === 'hmac' ? proof.time : undefined
  return {
    methods: [method],

    isAuthentic(request) {
      switch (proof.type) {
        case 'token':
          return hasToken(request, proof.secret)
        case 'header':
          return isSameSecret(firstHeader(request, proof.header), proof.secret)
        case 'hmac': {
          const signed = createHmac(proof.algorithm, proof.secret)
          if (signedTime !== undefined)
            signed.update((firstHeader(request, signedTime.header) ?? '') + signedTime.separator)
          const signature = signed
            .update(format === 'query' ? Buffer.from(queryString(request)) : request.body)
            .digest(proof.encoding)
          return isSameSecret(firstHeader(request, proof.header)?.trim(), proof.prefix + signature)
        }
      }
    },

    ...(signedTime !== undefined && {
      isTimely(request: WebhookRequest, nowMs: number) {
        const sentMs = readTime(firstHeader(request, signedTime.header))
        return sentMs !== undefined && isWithin(sentMs, signedTime.windowSeconds * 1000, nowMs)
      },
    }),

    read(request) {
      const content = parseContent(request, format)
      const items = settings.items === undefined ? [content] : resolvePointer(content, settings.items)
      return content === undefined || !Array.isArray(items) ? undefined : readCalls(settings, items)
    },
  }
}

function parseContent(request: WebhookRequest, format: Receipts['format']): unknown {
  if (format === 'query') return parseForm(queryString(request))
  const text = request.body.toString('utf8')
  if (format === 'form') return parseForm(text)
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readCalls(settings: Receipts, items: readonly unknown[]): WebhookContent | undefined {
  const receipts: WebhookContent['receipts'][number][] = []
  const inbound: WebhookContent['inbound'][number][] = []
  const field = (item: unknown, pointer: string | undefined) =>
    pointer === undefined ? undefined : resolvePointer(item, pointer)
  // An item without the time that it has to have is as one of long ago.
  const time = (item: unknown, pointer: string | undefined) =>
    pointer === undefined ? undefined : (readTime(resolvePointer(item, pointer)) ?? Number.NaN)
  for (const item of items) {
    const words = field(item, settings.inbound?.text)
    if (settings.inbound !== undefined && typeof words === 'string') {
      const from = toE164(field(item, settings.inbound.from))
      if (from === undefined) return undefined
      inbound.push({
        id: readMessageId(field(item, settings.inbound.id)),
        content: JSON.stringify(item),
        sentMs: time(item, settings.inbound.time),
        from,
        to: readText(field(item, settings.inbound.to)) ?? '',
        text: words,
      })
      continue
    }
    const messageId = readMessageId(resolvePointer(item, settings.id))
    if (messageId === undefined) return undefined
    receipts.push({
      messageId,
      state: ownProperty(settings.states, resolvePointer(item, settings.state)) ?? 'unknown',
      phone: toE164(field(item, settings.to)),
      errorCode: readErrorCode(field(item, settings.error)),
      reference: readReference(field(item, settings.reference)),
      sentMs: time(item, settings.time),
    })
  }
  return { receipts, inbound }
}
