import { z } from 'zod'
import { DeliveryStateName, DeliveryView, Progress } from '../deliveries/contract.ts'
import { descriptionLevels } from '../guard/finding.ts'
import { type RemarkCode, remarkKinds } from '../guard/guard.ts'
import { ClientId, nameSchemas } from '../platform/endpoints.ts'
import { CategoryLevel, ContentLevel, DoctrineAnswers, SeverityName } from '../schemes/doctrine.ts'
import { Area, CommuneCode } from '../territory/contract.ts'
import { ApprovalView, AuthorisationView, AuthorisationWord } from './approval/contract.ts'
import { BroadcastView, FollowUpView, OutcomeView } from './follow-up/contract.ts'

/** SMS parts that an alert may take at most. */
export const MAX_PARTS = 3

export const AudienceQuery = z.object({
  area: Area,
  /** Trade codes; empty: all of the scheme. */
  trades: z.array(z.string().max(60)).max(100).default([]),
  /** Of the alert: decides who is left in peace. `alert` when absent. */
  severity: SeverityName.optional(),
})
export type AudienceQuery = z.infer<typeof AudienceQuery>

/** Exactly who a broadcast would reach now. POST /audience/preview */
export const AudienceView = z.object({
  /** Members that get it: with at least one reachable contact that is not left in peace. */
  members: z.number(),
  /** Messages to send, one a distinct phone, by channel. */
  channels: z.object({ sms: z.number() }),
  /** Members of the area and trades that no channel reaches. */
  unreachable: z.number(),
  /** Numbers held back, each for one reason: its quiet hours, else its weekly budget. They are told in the morning. */
  leftOut: z.object({ quiet: z.number(), fatigue: z.number() }),
  /** Of the messages to send, those to numbers that had 2, 3, 4 or more alerts in the last 7 days. */
  solicitation: z.object({ two: z.number(), three: z.number(), fourOrMore: z.number() }),
  /** Services of the State that get a copy; not counted above. */
  copies: z.array(z.object({ name: z.string() })),
  byTrade: z.array(z.object({ trade: z.string(), sms: z.number(), members: z.number() })),
  byCommune: z.array(z.object({ code: z.string(), name: z.string(), sms: z.number(), members: z.number() })),
  communes: z.number(),
  /** Communes the area could not place (radius only): say them, never drop them silently. */
  withoutPoint: z.array(z.object({ code: z.string(), name: z.string() })),
  /** For a text of one part; multiply by the parts. */
  costCents: z.number(),
  /** How fast messages leave by the routes of the scheme, as measured of late (`secondsToSend`); null without a route. */
  pace: z.object({ latencySeconds: z.number(), partsPerSecond: z.number() }).nullable(),
  /** SHA-256 of the communes and trades: an order names the one that was on screen. */
  hash: z.string(),
})
export type AudienceView = z.infer<typeof AudienceView>

/** A page of those left in peace. Query of POST /audience/held-back and GET /alerts/:id/held-back */
export const SparedPage = z.object({
  /** Rows before the page. */
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type SparedPage = z.infer<typeof SparedPage>

/** By name of the member, one row a number. */
export const SparedList = z.object({
  spared: z.array(
    z.object({
      memberId: z.uuid(),
      name: z.string(),
      commune: z.string(),
      /** Masked but for the last two digits. */
      phone: z.string(),
      /** In its quiet hours, or over its budget of alerts. */
      reason: z.enum(['quiet', 'fatigue']),
      /** Alerts of the same severity that the number had in the seven days before; null: not known any more. */
      alerts: z.number().nullable(),
      /** When it is told: at the end of its quiet hours, or in the morning. */
      tellAt: z.iso.datetime(),
      /** When it was; null: not yet, or nothing had been sent. */
      toldAt: z.iso.datetime().nullable(),
    }),
  ),
  /** Of all pages. */
  total: z.number(),
})
export type SparedList = z.infer<typeof SparedList>

/** What the operator composes. POST /alerts creates a draft from a waiting report, PUT /alerts/:id changes it. */
export const AlertDraft = z.object({
  text: z.string().max(1000),
  area: Area,
  trades: z.array(z.string().max(60)).max(100).default([]),
  /** Hours until it expires; the scheme's default when absent. */
  lifetimeHours: z.number().int().min(1).max(72).optional(),
  /** Absent: as the draft has them; in a new one not answered, at the level of its category. */
  doctrine: DoctrineAnswers.optional(),
  /** Why the alert is given about a place outside the agency's zone. */
  outsideZoneReason: z.string().trim().max(500).optional(),
})
export type AlertDraft = z.infer<typeof AlertDraft>

export const NewAlert = AlertDraft.extend({ id: ClientId.optional(), reportId: z.uuid() })
export type NewAlert = z.infer<typeof NewAlert>

/** An act on the version that was read. POST /alerts/:id/follow-ups/:followUp/approve, /discard */
export const VersionRead = z.object({ version: z.int32().min(1) })
export type VersionRead = z.infer<typeof VersionRead>

/**
 * A request for an order: names the version that was read, so that what was read is what is sent.
 * POST /alerts/:id/submit (lay it before a second person)
 */
export const AlertRequest = VersionRead.extend({
  /**
   * The audience that was on screen, with its count of members: refused when the area means other communes now. Absent:
   * as it was when the version was written, or submitted.
   */
  audience: z
    .object({ hash: z.string().regex(/^[0-9a-f]{64}$/), members: z.int().min(0).max(100_000_000) })
    .optional(),
  /** Alerts that may be about the same incident, looked at: this one leaves all the same. */
  confirmNear: z.array(z.uuid()).max(50).optional(),
})
export type AlertRequest = z.infer<typeof AlertRequest>

/**
 * An order, of its author or of the second person, with why it still leaves where the facts grew old meanwhile.
 * POST /alerts/:id/broadcast, /approve
 */
export const BroadcastOrder = AlertRequest.extend({ reason: z.string().trim().max(500).optional() })
export type BroadcastOrder = z.infer<typeof BroadcastOrder>

/** The same, with why. POST /alerts/:id/return (to its author), /reject (for good) */
export const VersionReason = VersionRead.extend({ reason: z.string().trim().min(1).max(500) })
export type VersionReason = z.infer<typeof VersionReason>

/** The order of a chief who goes without the second person, with why. POST /alerts/:id/override */
export const OverrideOrder = AlertRequest.extend({ reason: z.string().trim().min(1).max(500) })
export type OverrideOrder = z.infer<typeof OverrideOrder>

/** The word of another chief or a magistrate on an override. POST /alerts/:id/review */
export const AlertReview = z.object({
  verdict: z.enum(['justified', 'not_justified']),
  note: z.string().trim().min(1).max(1000),
})
export type AlertReview = z.infer<typeof AlertReview>

/** What a magistrate agreed to, for the content of this version. POST /alerts/:id/authorisation */
export const NewAuthorisation = AuthorisationWord.extend(VersionRead.shape)
export type NewAuthorisation = z.infer<typeof NewAuthorisation>

/** A changed draft. PUT /alerts/:id */
export const ChangedAlert = AlertDraft.extend({ trades: AlertDraft.shape.trades.unwrap() })
  .partial()
  .extend({ version: z.int32().min(1) })
export type ChangedAlert = z.infer<typeof ChangedAlert>

export const AlertStateName = z.enum([
  'draft',
  'submitted',
  'returned',
  'rejected',
  'approved',
  'broadcasting',
  'active',
  'updated',
  'ended',
  'cancelled',
  'expired',
  'discarded',
])

export const AlertView = z.object({
  id: z.uuid(),
  /** 63-26-0142 */
  reference: z.string(),
  version: z.number(),
  state: AlertStateName,
  category: z.object({
    code: z.string(),
    labelFr: z.string(),
    labelEn: z.string(),
    severity: z.string(),
    /** At what level its alerts begin: `prevention` marks the category of prevention messages. */
    level: CategoryLevel,
  }),
  commune: z.object({ code: z.string(), name: z.string() }),
  reportId: z.uuid(),
  /** Empty when hidden. */
  text: z.string(),
  /** The reader may not see the text, nor what was written about it. */
  hidden: z.boolean(),
  /** As phones show it, after folding; null until ordered. */
  sentText: z.string().nullable(),
  parts: z.number().nullable(),
  sender: z.string(),
  area: Area,
  areaLabel: z.string(),
  /** Where its texts say that it is: the place of the facts, or the area for a category that speaks of it. */
  placeWords: z.string(),
  trades: z.array(z.string()),
  simulated: z.boolean(),
  /** Of an exercise: simulated wherever it is, kept out of statistics, hidden from members. */
  exercise: z.boolean(),
  /** Each recipient gets a mark of their own behind the reference: `63-26-0142-???` until it leaves. */
  traced: z.boolean(),
  doctrine: DoctrineAnswers,
  authorisation: AuthorisationView.nullable(),
  approval: ApprovalView,
  /** While it waits for a second person. */
  submission: z
    .object({
      /** Members whom it would have reached then; null: not known. */
      members: z.number().nullable(),
      /** The content, or the meaning of its area, is another now: it can only be returned or rejected. */
      changed: z.boolean(),
    })
    .nullable(),
  zone: z.object({
    /** Whether the place is in the zone of the agency that gives the alert. */
    inside: z.boolean(),
    /** The agency in whose zone it is, when outside. */
    agency: z.string().nullable(),
    /** Why the alert is given nonetheless. */
    reason: z.string().nullable(),
  }),
  /**
   * SHA-256 of all that an approval or an authorisation is given for: text as sent, audience, level, sender, route. Null
   * where the text is hidden: whoever knows the rest could try texts against it.
   */
  contentHash: z.string().nullable(),
  /** When the offence was, as the caller told it. */
  occurredAt: z.iso.datetime(),
  calledAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  orderedAt: z.iso.datetime().nullable(),
  orderedBy: z.string().nullable(),
  expiresAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  closedBy: z.string().nullable(),
  /** Of the first message; null until ordered. */
  progress: Progress.nullable(),
  /** The first message, then what followed it, in the order that phones got them. */
  broadcasts: z.array(BroadcastView),
  /** What somebody wrote to follow it up and did not drop, oldest first. */
  followUps: z.array(FollowUpView),
  /** What came of it; null: not recorded. */
  outcome: OutcomeView.nullable(),
})
export type AlertView = z.infer<typeof AlertView>

/** Minutes and kilometres within which two alerts of like category or words may be about one incident. */
export const NEAR_MINUTES = 30
export const NEAR_KM = 5

/** Of which incident: a report, or a call that is being entered. POST, since the words may name people. */
export const NearQuery = z.union([
  z.object({ reportId: z.uuid(), words: z.string().max(1000).optional() }),
  z.object({
    categoryCode: z.string().max(60),
    communeCode: CommuneCode,
    /** Now when absent. */
    occurredAt: z.iso.datetime({ offset: true }).optional(),
    exercise: z.boolean().optional(),
    words: z.string().max(1000).optional(),
  }),
])
export type NearQuery = z.infer<typeof NearQuery>

/** An alert that may be about the same incident. */
export const NearAlert = z.object({
  id: z.uuid(),
  reference: z.string(),
  state: AlertStateName,
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), severity: z.string() }),
  commune: z.object({ code: z.string(), name: z.string() }),
  areaLabel: z.string(),
  /** When it left; when it was begun, for one that has not. */
  at: z.iso.datetime(),
  by: z.string(),
  /** Whether the order has to name it in `confirmNear`; one that is only being written is pointed out. */
  mustConfirm: z.boolean(),
  /** Between the two incidents, or since it left, whichever is less. */
  minutes: z.number(),
  /** 0 in the same commune; null: the place of one of the communes is unknown. */
  kilometres: z.number().nullable(),
  like: z.enum(['category', 'words']),
})
export type NearAlert = z.infer<typeof NearAlert>

/** POST /alerts/near */
export const NearList = z.object({ alerts: z.array(NearAlert) })
export type NearList = z.infer<typeof NearList>

/** What the content guard must know of a scheme, so that it runs in the browser. GET /guard-facts. */
export const GuardFactsView = z.object({
  memberNames: z.array(z.string()).readonly(),
  places: z.array(z.string()).readonly(),
  advice: z.string(),
  maxParts: z.number(),
  descriptionLevel: ContentLevel.extract(descriptionLevels),
  timeZone: z.string(),
})
export type GuardFactsView = z.infer<typeof GuardFactsView>

/**
 * What the content guard says of an alert, or of a follow-up, for whoever decides on it.
 * GET /alerts/:id/remarks, /alerts/:id/follow-ups/:followUp/remarks
 */
export const RemarkList = z.object({
  remarks: z.array(
    z.object({
      code: z.enum(Object.keys(remarkKinds) as RemarkCode[]),
      /** Where in the text, in UTF-16 code units; 0 and 0: of the whole. */
      start: z.number(),
      end: z.number(),
      /** `block`: it does not leave so. */
      severity: z.enum(['block', 'warn']),
      /** From which level on it is allowed; null: at none. */
      allowedFrom: ContentLevel.nullable(),
    }),
  ),
})
export type RemarkList = z.infer<typeof RemarkList>

/** One line of the alert's timeline. */
export const AlertEvent = z.object({
  at: z.iso.datetime(),
  kind: z.enum([
    'called',
    'reported',
    'drafted',
    'changed',
    'ordered',
    'submitted',
    'taken_back',
    'returned',
    'rejected',
    'approved',
    'overridden',
    'reviewed',
    'authorised',
    'authorisation_void',
    'zone_told',
    'first_submit',
    'all_accepted',
    'done',
    'updated',
    'corrected',
    'all_clear',
    'follow_up_submitted',
    'follow_up_returned',
    'follow_up_rejected',
    'follow_up_discarded',
    'follow_up_approved',
    'follow_up_overridden',
    'follow_up_reviewed',
    'closing_message',
    'thanked',
    'outcome',
    'discarded',
    'stopped',
    'ended',
    'expired',
  ]),
  by: z.string().nullable(),
  reason: z.string().nullable(),
  /** Names and figures for its text. */
  values: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type AlertEvent = z.infer<typeof AlertEvent>

/** A point of the time curve: deliveries in each state at that instant. */
export const CurvePoint = z.object({
  ms: z.number(),
  accepted: z.number(),
  delivered: z.number(),
  failed: z.number(),
})

/** GET /alerts/:id */
export const AlertPage = z.object({
  alert: AlertView,
  events: z.array(AlertEvent),
  curve: z.array(CurvePoint),
  /** Deliveries by commune, for the map that turns green. */
  byCommune: z.array(
    z.object({ code: z.string(), name: z.string(), planned: z.number(), delivered: z.number() }),
  ),
  /** Numbers left in peace, why, and how many were told since. */
  heldBack: z.object({ quiet: z.number(), fatigue: z.number(), told: z.number() }),
  /** What became of the copy of the last message to each observer of the State. */
  copies: z.array(z.object({ name: z.string(), state: DeliveryStateName })),
  /** Contacts who said on the portal that they read it. */
  reads: z.number(),
})
export type AlertPage = z.infer<typeof AlertPage>

export const AlertQuery = z.object({
  state: AlertStateName.optional(),
  /** `open`: broadcasting, active or updated. */
  open: z.stringbool().optional(),
  /** Whether it was ever ordered: what is being written, waits for a second person or was refused by one is not. */
  ordered: z.stringbool().optional(),
  /** Reference, commune, category or area; words of the text too, for who may read every text. */
  q: z.string().trim().max(100).optional(),
  /** `open`: overrides that nobody signed yet. */
  review: z.literal('open').optional(),
  /** `open`: those with a follow-up that waits for a person: submitted, returned, or an override to be signed. */
  followUp: z.literal('open').optional(),
  /** `ours`: those that another agency sent about a place in the zone of the reader's. */
  zone: z.literal('ours').optional(),
  /** `createdAt` of the last row of the page before. */
  before: z.iso.datetime().optional(),
  /** Its `id`, so that two alerts of the same instant are both shown. */
  beforeId: z.uuid().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export type AlertQuery = z.infer<typeof AlertQuery>

/** GET /alerts: latest first. */
export const AlertList = z.object({ alerts: z.array(AlertView) })
export type AlertList = z.infer<typeof AlertList>

/** Alerts older than this many days are not shown as recent. */
export const RECENT_DAYS = 7
/** Recent alerts at most: more than a week of the busiest schemes known. */
export const RECENT_MAX = 100

/** An alert that left in the last days: what the map of the room draws and its legend lists. */
export const RecentAlert = AlertView.pick({
  id: true,
  reference: true,
  commune: true,
}).extend({
  category: AlertView.shape.category.omit({ level: true }),
  orderedAt: z.iso.datetime(),
})
export type RecentAlert = z.infer<typeof RecentAlert>

/** GET /alerts/recent: latest first, exercises left out. */
export const RecentAlertList = z.object({ alerts: z.array(RecentAlert) })
export type RecentAlertList = z.infer<typeof RecentAlertList>

/** GET /alerts/:id/deliveries */
export const DeliveryList = z.object({
  deliveries: z.array(DeliveryView),
  /** Of all pages, in the state asked. */
  total: z.number(),
})
export type DeliveryList = z.infer<typeof DeliveryList>

/**
 * Server-sent events of GET /api/schemes/:scheme/live: `event:` is the type, `data:` one of these as JSON.
 * `progress` carries the figures; `report`, `alert`, `relay` and `scheme` say what to read
 * again. A comment line every 15 s keeps it open. It asks for `alert.read`: a trade chamber, which reads no alert, has
 * no stream.
 */
export const LiveMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('progress'),
    alertId: z.uuid(),
    progress: Progress,
    /** Of every message of the alert. */
    broadcasts: z.array(z.object({ id: z.uuid(), progress: Progress })),
  }),
  z.object({ type: z.literal('report'), reportId: z.uuid() }),
  z.object({ type: z.literal('alert'), alertId: z.uuid() }),
  z.object({ type: z.literal('relay') }),
  z.object({ type: z.literal('scheme') }),
])
export type LiveMessage = z.infer<typeof LiveMessage>

nameSchemas({
  AlertEvent,
  AlertList,
  AlertPage,
  AlertRequest,
  AlertReview,
  AlertStateName,
  AlertView,
  AudienceQuery,
  AudienceView,
  BroadcastOrder,
  ChangedAlert,
  CurvePoint,
  DeliveryList,
  GuardFactsView,
  LiveMessage,
  NearAlert,
  NearList,
  NearQuery,
  NewAlert,
  NewAuthorisation,
  OverrideOrder,
  RecentAlert,
  RecentAlertList,
  RemarkList,
  SparedList,
  VersionRead,
  VersionReason,
})
