import { createHmac } from 'node:crypto'
import {
  codeOf,
  fieldOf,
  healthOf,
  idOf,
  phoneOf,
  readStatus,
  referenceOf,
  saidStatus,
  textOf,
} from './answers.ts'
import { REFUSALS, THROTTLED } from './codes.ts'
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
} from './provider.ts'
import type { GenericSettings, Template } from './settings.ts'
import { fieldsOf, hasToken, headerOf, isSame, queryOf } from './webhook.ts'

type Receipts = NonNullable<GenericSettings['receipts']>
type Meaning = 'accepted' | 'unknown' | GenericSettings['answer']['refusals'][string]
type Values = Readonly<Record<string, string>>

/** The value that a JSON pointer names (RFC 6901); undefined when there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** What differs from one recipient to the next. */
const OF_RECIPIENT = /\{(to|digits|reference)\}/

/** Replaces `{name}` by its value; a name that has none stays as it is. */
function fill(template: string, values: Values): string {
  return template.replace(/\{([\w:]+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] as string) : whole,
  )
}

/**
 * The JSON of a template: strings filled, a string that is only `{validitySeconds}` as a number, and a list whose only
 * item speaks of a recipient repeated for each.
 */
function fillJson(template: Template, values: Values, each: readonly Values[]): unknown {
  if (typeof template === 'string') {
    return template === '{validitySeconds}' ? Number(values.validitySeconds) : fill(template, values)
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
 * Any provider with an HTTP API, by its description in the settings.
 *
 * Placeholders: `{to}` (E.164), `{digits}` (without the plus sign), `{from}`, `{text}`, `{reference}` (1 to 65535, to
 * be given back in receipts), `{validitySeconds}`, `{encoding}` (`GSM-7` or `UCS-2`), `{secret:NAME}`. They are escaped
 * for where they stand: address, form or JSON.
 */
export function createGeneric(settings: GenericSettings): HttpProvider {
  const { request, answer, receipts, batchSize } = settings
  const secrets = Object.fromEntries(
    Object.entries(settings.secrets).map(([name, value]) => [`secret:${name}`, value]),
  )

  const escaped = (values: Values): Values =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encodeURIComponent(value)]))
  const filledHeaders = (headers: Values): Values =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value, secrets)]))

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
    const fields = Object.entries(body.fields).map(([name, value]) => [name, fill(value, values)])
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
        url: fill(request.url, escaped({ ...values, ...each[0] })),
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
            // Whatever the provider thinks of it, its answer shows that it is there.
            request: () => ({ method: 'HEAD', url: new URL(fill(request.url, {})).origin, headers: {} }),
            read: () => ({ isUp: true }),
          }
        : {
            request: () => ({
              method: settings.probe?.method ?? 'GET',
              url: fill(settings.probe?.url ?? '', escaped(secrets)),
              headers: filledHeaders(settings.probe?.headers ?? {}),
            }),
            read: healthOf,
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
  const said = saidStatus(answer.status)
  const meaning = settings.http[String(answer.status)]
  const usual = readStatus(answer, nowMs)
  if (meaning === 'unknown') return { kind: 'unknown', said }
  if (meaning === 'throttled') {
    const retryAfterMs = usual?.kind === 'throttled' ? usual.retryAfterMs : undefined
    return { kind: 'throttled', code: THROTTLED, retryAfterMs }
  }
  if (meaning !== undefined) return refusedAs(meaning, recipients, said)
  if (usual !== undefined) return usual
  if (answer.status >= 400) return refusedAs('refused', recipients, said)
  if (answer.json === undefined) {
    // Some answer 200 with nothing but the id.
    const id = settings.id === '' && recipients.length === 1 ? idOf(answer.text.trim()) : undefined
    if (id === undefined) return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
    return { kind: 'each', verdicts: [{ accepted: [id] }] }
  }
  return settings.items === undefined
    ? readWhole(settings, answer.json, recipients, said)
    : readItems(settings, settings.items, answer.json, recipients)
}

/** A whole request refused. What may be for one number among several is asked again, number by number. */
function refusedAs(
  meaning: keyof typeof REFUSALS,
  recipients: readonly OutgoingRecipient[],
  said: ReturnType<typeof saidStatus>,
): BatchAnswer {
  if ((meaning === 'number' || meaning === 'receiver' || meaning === 'refused') && recipients.length > 1) {
    return { kind: 'split' }
  }
  return { kind: 'refused', refusal: REFUSALS[meaning], said, isAccount: meaning === 'account' }
}

/** What a table of the settings says of a value; nothing of what every object inherits. */
function ownOf<T>(table: Readonly<Record<string, T>>, value: unknown): T | undefined {
  const isScalar = typeof value !== 'object' && value !== undefined
  return isScalar ? (fieldOf(table, String(value)) as T | undefined) : undefined
}

/** What `status` says of an item. A word that the settings do not name may be that of a message taken. */
function meaningOf(settings: GenericSettings['answer'], item: unknown): Meaning {
  if (settings.status === undefined) return 'accepted'
  const value = valueAt(item, settings.status)
  const known = ownOf(settings.refusals, value)
  if (known !== undefined) return known
  const isAccepted = settings.accepted?.some((accepted) => String(accepted) === String(value)) ?? true
  return isAccepted ? 'accepted' : 'unknown'
}

function readWhole(
  settings: GenericSettings['answer'],
  json: unknown,
  recipients: readonly OutgoingRecipient[],
  said: ReturnType<typeof saidStatus>,
): BatchAnswer {
  const meaning = meaningOf(settings, json)
  if (meaning === 'throttled') return { kind: 'throttled', code: THROTTLED, retryAfterMs: undefined }
  if (meaning === 'unknown') return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
  if (meaning !== 'accepted') return refusedAs(meaning, recipients, said)
  const found = valueAt(json, settings.id)
  // Neither an id nor a word: what looks well may be an error told with a good status.
  if (found === undefined && settings.status === undefined) {
    return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
  }
  const ids = Array.isArray(found) ? found : [found]
  // As many ids as recipients, or none can be told apart.
  const isClear = ids.length === recipients.length
  return {
    kind: 'each',
    verdicts: recipients.map((_, at): Verdict => {
      const id = isClear ? idOf(ids[at]) : undefined
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
  const items = valueAt(json, pointer)
  if (!Array.isArray(items)) return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
  const byPhone =
    to === undefined ? undefined : new Map(items.map((item) => [phoneOf(valueAt(item, to)), item as unknown]))
  return {
    kind: 'each',
    verdicts: recipients.map(({ phone }, at): Verdict => {
      const item = byPhone === undefined ? (items[at] as unknown) : byPhone.get(phone)
      // Not named, or by a number written in another way than ours: nothing says that it was not taken.
      if (item === undefined) return { unknown: true }
      const meaning = meaningOf(settings, item)
      if (meaning === 'unknown') return { unknown: true }
      if (meaning === 'throttled') return { refused: REFUSALS.later }
      if (meaning !== 'accepted') return { refused: REFUSALS[meaning] }
      const id = idOf(valueAt(item, settings.id))
      if (id === undefined && settings.status === undefined) return { unknown: true }
      return { accepted: id === undefined ? [] : [id] }
    }),
  }
}

function createWebhook(settings: Receipts): ProviderWebhook {
  const { proof, method, format } = settings
  return {
    methods: [method],

    isAuthentic(request) {
      switch (proof.type) {
        case 'token':
          return hasToken(request, proof.secret)
        case 'header':
          return isSame(headerOf(request, proof.header), proof.secret)
        case 'hmac': {
          const signature = createHmac(proof.algorithm, proof.secret)
            .update(format === 'query' ? Buffer.from(queryOf(request)) : request.body)
            .digest(proof.encoding)
          return isSame(headerOf(request, proof.header)?.trim(), proof.prefix + signature)
        }
      }
    },

    read(request) {
      const content = contentOf(request, format)
      const items = settings.items === undefined ? [content] : valueAt(content, settings.items)
      return content === undefined || !Array.isArray(items) ? undefined : readCalls(settings, items)
    },
  }
}

function contentOf(request: WebhookRequest, format: Receipts['format']): unknown {
  if (format === 'query') return fieldsOf(queryOf(request))
  const text = request.body.toString('utf8')
  if (format === 'form') return fieldsOf(text)
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
    pointer === undefined ? undefined : valueAt(item, pointer)
  for (const item of items) {
    const words = field(item, settings.inbound?.text)
    if (settings.inbound !== undefined && typeof words === 'string') {
      const from = phoneOf(field(item, settings.inbound.from))
      if (from === undefined) return undefined
      inbound.push({ from, to: textOf(field(item, settings.inbound.to)) ?? '', text: words })
      continue
    }
    const messageId = idOf(valueAt(item, settings.id))
    if (messageId === undefined) return undefined
    receipts.push({
      messageId,
      state: ownOf(settings.states, valueAt(item, settings.state)) ?? 'unknown',
      phone: phoneOf(field(item, settings.to)),
      errorCode: codeOf(field(item, settings.error)),
      reference: referenceOf(field(item, settings.reference)),
    })
  }
  return { receipts, inbound }
}
