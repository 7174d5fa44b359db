import type { BroadcastKind, Severity } from '../../schema.ts'
import { eventWords } from '../../schemes/texts/whereabouts.ts'
import type { Area, SimpleArea } from '../../territory/contract.ts'

/** One message of an alert to be exported in the Common Alerting Protocol. */
export interface CapMessage {
  readonly kind: BroadcastKind
  readonly text: string
  readonly orderedAt: Date
}

/** The facts of an alert needed for its export. */
export interface CapAlert {
  readonly schemeId: string
  readonly schemeName: string
  /** Host name of this installation, which makes identifiers globally unique. */
  readonly host: string
  readonly reference: string
  readonly simulated: boolean
  readonly exercise: boolean
  readonly severity: Severity
  readonly label: string
  readonly area: Area
  readonly areaLabel: string
  /** The place as named in its texts: that of the facts, or the area. */
  readonly placeWords: string
  readonly communeCode: string
  readonly occurredAt: Date
  readonly expiresAt: Date
  /** The messages sent to members, in order; the last one is exported and refers to all earlier ones. */
  readonly messages: readonly [CapMessage, ...CapMessage[]]
}

const severities: Readonly<Record<Severity, string>> = {
  vital: 'Severe',
  alert: 'Moderate',
  notice: 'Minor',
}

/** Message kinds that end an alert: they cancel the earlier messages. Thanks are sent after the end. */
function msgTypeOf(kind: BroadcastKind): 'Alert' | 'Update' | 'Cancel' {
  if (kind === 'first') return 'Alert'
  return kind === 'all_clear' || kind === 'closing' ? 'Cancel' : 'Update'
}

const responses: Readonly<Partial<Record<BroadcastKind, string>>> = {
  all_clear: 'AllClear',
  closing: 'AllClear',
  thanks: 'None',
}

/**
 * Returns the last of these messages in CAP 1.2 (OASIS, July 2010) for another alert system. It is never public, and
 * exercises and simulations are marked as such.
 */
export function capXml(alert: CapAlert): string {
  const { messages } = alert
  const last = messages.at(-1) ?? messages[0]
  const sender = `${alert.schemeId}@${alert.host}`
  const identifierOf = (index: number) => (index === 0 ? alert.reference : `${alert.reference}.${index + 1}`)
  const before = messages
    .slice(0, -1)
    .map((message, index) => `${sender},${identifierOf(index)},${instant(message.orderedAt)}`)
  const isOver = msgTypeOf(last.kind) === 'Cancel' || last.kind === 'thanks'
  const expiresAt = new Date(Math.max(last.orderedAt.getTime(), alert.expiresAt.getTime()))
  const info = [
    element('language', 'fr-FR'),
    element('category', 'Security'),
    element('event', alert.label),
    element('responseType', responses[last.kind] ?? 'Monitor'),
    element('urgency', isOver ? 'Past' : alert.severity === 'notice' ? 'Expected' : 'Immediate'),
    element('severity', severities[alert.severity]),
    element('certainty', 'Observed'),
    element('effective', instant(last.orderedAt)),
    element('onset', instant(alert.occurredAt)),
    element('expires', instant(expiresAt)),
    element('senderName', alert.schemeName),
    element('headline', eventWords(alert.label, alert.placeWords)),
    element('description', last.text),
    nested('parameter', [element('valueName', 'reference'), element('value', alert.reference)]),
    nested('area', [
      element('areaDesc', alert.areaLabel),
      ...geocodesOf(alert).map(([valueName, value]) =>
        nested('geocode', [element('valueName', valueName), element('value', value)]),
      ),
    ]),
  ]
  const content = [
    element('identifier', identifierOf(messages.length - 1)),
    element('sender', sender),
    element('sent', instant(last.orderedAt)),
    element('status', alert.exercise ? 'Exercise' : alert.simulated ? 'Test' : 'Actual'),
    element('msgType', msgTypeOf(last.kind)),
    element('scope', 'Restricted'),
    element('restriction', `Membres et services associés du dispositif ${alert.schemeName}`),
    ...(before.length === 0 ? [] : [element('references', before.join(' '))]),
    element('incidents', alert.reference),
    nested('info', info),
  ]
  return `<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">\n${content.join('\n')}\n</alert>\n`
}

/** Returns the areas by INSEE codes: those of the incident and those named by the audience. */
function geocodesOf({ area, communeCode }: CapAlert): [string, string][] {
  const parts: readonly SimpleArea[] = area.kind === 'union' ? area.areas : [area]
  const codes = parts.flatMap((part): [string, string][] => {
    switch (part.kind) {
      case 'commune':
      case 'neighbours':
        return [['INSEE-COM', part.code]]
      case 'communes':
        return part.codes.map((code) => ['INSEE-COM', code])
      case 'epci':
        return [['SIREN-EPCI', part.code]]
      case 'arrondissement':
        return [['INSEE-ARR', part.code]]
      case 'departement':
        return [['INSEE-DEP', part.code]]
      case 'region':
        return [['INSEE-REG', part.code]]
      default:
        return []
    }
  })
  const all: [string, string][] = [['INSEE-COM', communeCode], ...codes]
  return [...new Map(all.map((one) => [one.join(' '), one])).values()]
}

/** Formats an instant for CAP, which requires a numeric offset: "2026-03-12T17:30:00+00:00". */
function instant(at: Date): string {
  return `${at.toISOString().slice(0, 19)}+00:00`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function element(name: string, text: string): string {
  const written = text
    .toWellFormed()
    // Characters that XML 1.0 cannot contain.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is left out
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
  return `<${name}>${written}</${name}>`
}

function nested(name: string, elements: readonly string[]): string {
  return `<${name}>\n${elements.join('\n')}\n</${name}>`
}
