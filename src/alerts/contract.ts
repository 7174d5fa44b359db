import { z } from 'zod'
import { DeliveryStateName, DeliveryView, Progress } from '../deliveries/contract.ts'
import { descriptionLevels } from '../guard/finding.ts'
import { type RemarkCode, remarkKinds } from '../guard/guard.ts'
import { ClientId, nameSchemas } from '../platform/http/endpoints.ts'
import { AlertStateName } from '../reports/contract.ts'
import { CategoryLevel, ContentLevel, DoctrineAnswers, SeverityName } from '../schemes/doctrine.ts'
import { Area, CommuneCode } from '../territory/contract.ts'
import { ApprovalView, AuthorisationView, GivenAuthorisation } from './approval/contract.ts'
import { BroadcastView, FollowUpView, OutcomeView } from './follow-up/contract.ts'

/** Maximum number of SMS parts of an alert. */
export const MAX_PARTS = 3

export const AudienceQuery = z.object({
  area: Area,
  /** Trade codes; empty: all trades of the scheme. */
  trades: z.array(z.string().max(60)).max(100).default([]),
  /** Severity of the alert: decides which recipients are held back. `alert` when absent. */
  severity: SeverityName.optional(),
  /** True for an exercise, which costs nothing and takes simulated routes. */
  exercise: z.boolean().optional(),
})
export type AudienceQuery = z.infer<typeof AudienceQuery>

/** The exact recipients of a broadcast ordered now. POST /audience/preview */
export const AudienceView = z.object({
  /** Number of members reached: with at least one reachable contact that is not held back. */
  members: z.number(),
  /** Number of messages to send, one for each distinct phone. */
  channels: z.object({ sms: z.number() }),
  /** Number of members of the area and trades without a reachable contact. */
  unreachable: z.number(),
  /** Numbers held back by reason: quiet hours, else weekly budget. They are notified in the morning digest. */
  leftOut: z.object({ quiet: z.number(), fatigue: z.number() }),
  /** Numbers of recipients that had already received 2, 3, 4 or more alerts in the last 7 days. */
  solicitation: z.object({ two: z.number(), three: z.number(), fourOrMore: z.number() }),
  /** Number of observers that get a copy, not counted above. */
  copies: z.array(z.object({ name: z.string() })),
  byTrade: z.array(z.object({ trade: z.string(), sms: z.number(), members: z.number() })),
  byCommune: z.array(z.object({ code: z.string(), name: z.string(), sms: z.number(), members: z.number() })),
  communes: z.number(),
  /** Communes that a circle may contain but whose point is unknown. Screens must show them. */
  withoutPoint: z.array(z.object({ code: z.string(), name: z.string() })),
  /** For a text of one part; multiply by the parts. */
  costCents: z.number(),
  /** Duration by the measured pace of the scheme's routes (`secondsToSend`); null without a route. */
  pace: z.object({ latencySeconds: z.number(), partsPerSecond: z.number() }).nullable(),
  /** SHA-256 of the communes and trades. An order repeats the hash that was on screen. */
  hash: z.string(),
})
export type AudienceView = z.infer<typeof AudienceView>

/** A page of the recipients held back. Query of POST /audience/held-back and GET /alerts/:id/held-back */
export const HeldBackPage = z.object({
  /** Number of rows before the page. */
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export type HeldBackPage = z.infer<typeof HeldBackPage>

/** Sorted by name of the member, one row for each number. */
export const HeldBackList = z.object({
  recipients: z.array(
    z.object({
      memberId: z.uuid(),
      name: z.string(),
      commune: z.string(),
      /** Masked except for the last two digits. */
      phone: z.string(),
      /** Quiet hours, or over the weekly budget of alerts. */
      reason: z.enum(['quiet', 'fatigue']),
      /** Alerts of the same severity that the number received in the seven days before; null: no longer known. */
      alerts: z.number().nullable(),
      /** Time of the digest: the end of the quiet hours, or the morning. */
      dueAt: z.iso.datetime(),
      /** When the digest was sent; null: not yet, or the alert had sent nothing. */
      notifiedAt: z.iso.datetime().nullable(),
    }),
  ),
  /** Number of rows on all pages. */
  total: z.number(),
})
export type HeldBackList = z.infer<typeof HeldBackList>

/** The draft that the operator writes. POST /alerts creates a draft from a waiting report, PUT /alerts/:id changes it. */
export const AlertDraft = z.object({
  text: z.string().max(1000),
  area: Area,
  trades: z.array(z.string().max(60)).max(100).default([]),
  /** Hours until it expires; the scheme's default when absent. */
  lifetimeHours: z.number().int().min(1).max(72).optional(),
  /** When absent, a draft keeps its answers; a new one starts unanswered, at the level of its category. */
  doctrine: DoctrineAnswers.optional(),
  /** The reason to alert about a place outside the agency's zone. */
  outsideZoneReason: z.string().trim().max(500).optional(),
})
export type AlertDraft = z.infer<typeof AlertDraft>

export const NewAlert = AlertDraft.extend({ id: ClientId.optional(), reportId: z.uuid() })
export type NewAlert = z.infer<typeof NewAlert>

/** A request that names the version it was based on. POST /alerts/:id/follow-ups/:followUp/approve, /discard */
export const VersionRead = z.object({ version: z.int32().min(1) })
export type VersionRead = z.infer<typeof VersionRead>

/**
 * A request to order or submit: it names the version that was read, so that exactly this version is sent. POST
 * /alerts/:id/submit
 */
export const AlertRequest = VersionRead.extend({
  /**
   * The audience that was on screen, with its count of members: refused if the area now resolves to other communes.
   * When absent, the audience of the version, or of its submission, is used.
   */
  audience: z
    .object({ hash: z.string().regex(/^[0-9a-f]{64}$/), members: z.int().min(0).max(100_000_000) })
    .optional(),
  /** Ids of alerts that may be about the same incident and that the user has confirmed. */
  confirmNear: z.array(z.uuid()).max(50).optional(),
})
export type AlertRequest = z.infer<typeof AlertRequest>

/**
 * An order, by its author or by the second person. The reason is required if the facts became old meanwhile. POST
 * /alerts/:id/broadcast, /approve
 */
export const BroadcastOrder = AlertRequest.extend({ reason: z.string().trim().max(500).optional() })
export type BroadcastOrder = z.infer<typeof BroadcastOrder>

/** A decision with its reason. POST /alerts/:id/return (to its author), /reject (for good) */
export const VersionReason = VersionRead.extend({ reason: z.string().trim().min(1).max(500) })
export type VersionReason = z.infer<typeof VersionReason>

/** An emergency order of a chief without a second person, with its reason. POST /alerts/:id/override */
export const OverrideOrder = AlertRequest.extend({ reason: z.string().trim().min(1).max(500) })
export type OverrideOrder = z.infer<typeof OverrideOrder>

/** The verdict of another chief or a magistrate on an override. POST /alerts/:id/review */
export const AlertReview = z.object({
  verdict: z.enum(['justified', 'not_justified']),
  note: z.string().trim().min(1).max(1000),
})
export type AlertReview = z.infer<typeof AlertReview>

/** Asks for the authorisation of the content of this version. POST /alerts/:id/ask-authorisation */
export const AuthorisationRequest = VersionRead.extend({
  /** The elements that it is to cover. */
  scope: GivenAuthorisation.shape.scope,
})
export type AuthorisationRequest = z.infer<typeof AuthorisationRequest>

/** A magistrate's authorisation of the content of this version. POST /alerts/:id/authorisation */
export const NewAuthorisation = GivenAuthorisation.extend(VersionRead.shape)
export type NewAuthorisation = z.infer<typeof NewAuthorisation>

/** A draft with changes. PUT /alerts/:id */
export const ChangedAlert = AlertDraft.extend({ trades: AlertDraft.shape.trades.unwrap() })
  .partial()
  .extend({ version: z.int32().min(1) })
export type ChangedAlert = z.infer<typeof ChangedAlert>

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
    severity: SeverityName,
    /** Initial level of its alerts: `prevention` marks a category of prevention messages. */
    level: CategoryLevel,
  }),
  commune: z.object({ code: z.string(), name: z.string() }),
  reportId: z.uuid(),
  /** Empty when hidden. */
  text: z.string(),
  /** Whether the reader may not see the text, nor the notes about it. */
  hidden: z.boolean(),
  /** The text as phones show it, after folding; null until ordered. */
  sentText: z.string().nullable(),
  parts: z.number().nullable(),
  sender: z.string(),
  area: Area,
  areaLabel: z.string(),
  /** Place named in its texts: that of the facts, or the area for a category whose template uses the area. */
  placeWords: z.string(),
  trades: z.array(z.string()),
  simulated: z.boolean(),
  /** Whether it is an exercise: always simulated, not counted in statistics, hidden from members. */
  exercise: z.boolean(),
  /** Whether each recipient gets a mark of their own after the reference; `63-26-0142-?????` until it is sent. */
  traced: z.boolean(),
  doctrine: DoctrineAnswers,
  authorisation: AuthorisationView.nullable(),
  /** Words that a chief allowed although they are the name of a member. */
  passed: z.array(z.string()),
  approval: ApprovalView,
  /** Set while it waits for a second person. */
  submission: z
    .object({
      /** Number of members it would have reached at the submission; null: not known. */
      members: z.number().nullable(),
      /** Whether the content or the communes of its area changed since, so that it can only be returned or rejected. */
      changed: z.boolean(),
    })
    .nullable(),
  zone: z.object({
    /** Whether the place is in the zone of the sending agency. */
    inside: z.boolean(),
    /** The agency in whose zone the place is, if it is another one. */
    agency: z.string().nullable(),
    /** The reason to send it nonetheless. */
    reason: z.string().nullable(),
  }),
  /**
   * SHA-256 of everything that an approval or an authorisation covers: text as sent, audience, level, sender, route.
   * Null if the text is hidden, since a reader who knows the rest could test texts against it.
   */
  contentHash: z.string().nullable(),
  /** Time of the offence according to the caller. */
  occurredAt: z.iso.datetime(),
  calledAt: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  orderedAt: z.iso.datetime().nullable(),
  orderedBy: z.string().nullable(),
  expiresAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  closedBy: z.string().nullable(),
  /** Progress of the first message; null until ordered. */
  progress: Progress.nullable(),
  /** The first message and its follow-ups, in the order of sending. */
  broadcasts: z.array(BroadcastView),
  /** The written follow-ups except the dropped ones, oldest first. */
  followUps: z.array(FollowUpView),
  /** Null: not recorded. */
  outcome: OutcomeView.nullable(),
})
export type AlertView = z.infer<typeof AlertView>

/** The incident to compare: a report, or a call being entered. POST, since the words may name people. */
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
  category: z.object({ code: z.string(), labelFr: z.string(), labelEn: z.string(), severity: SeverityName }),
  commune: z.object({ code: z.string(), name: z.string() }),
  areaLabel: z.string(),
  /** When it was sent, or when it was started if it has not been. */
  at: z.iso.datetime(),
  by: z.string(),
  /** Whether the order must list it in `confirmNear`; an unfinished draft is shown only. */
  mustConfirm: z.boolean(),
  /** Time between the two incidents, or since it was sent, whichever is less. */
  minutes: z.number(),
  /** 0 in the same commune; null: the position of one of the communes is unknown. */
  kilometres: z.number().nullable(),
  like: z.enum(['category', 'words']),
})
export type NearAlert = z.infer<typeof NearAlert>

/** POST /alerts/near */
export const NearList = z.object({ alerts: z.array(NearAlert) })
export type NearList = z.infer<typeof NearList>

/** The facts that the content guard needs to run in the browser. GET /guard-facts */
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
 * The content guard's remarks on an alert or a follow-up, for the users who decide on it. GET /alerts/:id/remarks,
 * /alerts/:id/follow-ups/:followUp/remarks
 */
export const RemarkList = z.object({
  remarks: z.array(
    z.object({
      code: z.enum(Object.keys(remarkKinds) as RemarkCode[]),
      /** Range in the text, in UTF-16 code units; 0 and 0: the whole text. */
      start: z.number(),
      end: z.number(),
      /** `block`: the message cannot be sent with it. */
      severity: z.enum(['block', 'warn']),
      /** Lowest level at which it is allowed; null: never. */
      allowedFrom: ContentLevel.nullable(),
      pass: z.enum(['possible', 'done']).optional(),
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
    'authorisation_asked',
    'authorisation_declined',
    'authorised',
    'authorisation_void',
    'authorisation_confirmed',
    'authorisation_denied',
    'words_passed',
    'zone_told',
    'first_submit',
    'all_accepted',
    'resent',
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
  /** Names and figures used in its text. */
  values: z.record(z.string(), z.union([z.string(), z.number()])),
})
export type AlertEvent = z.infer<typeof AlertEvent>

/** A point of the time curve: number of deliveries in each state at that instant. */
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
  /** Deliveries by commune, for the map of the progress. */
  byCommune: z.array(
    z.object({ code: z.string(), name: z.string(), planned: z.number(), delivered: z.number() }),
  ),
  /** Number of recipients held back by reason, and how many of them got their digest. */
  heldBack: z.object({ quiet: z.number(), fatigue: z.number(), notified: z.number() }),
  /** Delivery state of each observer's copy of the last message. */
  copies: z.array(z.object({ name: z.string(), state: DeliveryStateName })),
  /** Contacts who confirmed on the portal that they read it. */
  reads: z.number(),
})
export type AlertPage = z.infer<typeof AlertPage>

export const AlertQuery = z.object({
  state: AlertStateName.optional(),
  /** `open`: broadcasting, active or updated. */
  open: z.stringbool().optional(),
  /** Whether it was ever ordered; false: in preparation, pending or rejected. */
  ordered: z.stringbool().optional(),
  /** `false`: no exercises; `true`: exercises only. */
  exercise: z.stringbool().optional(),
  /** Searches reference, commune, category and area; also the text for users who may read every text. */
  q: z.string().trim().max(100).optional(),
  /** `next` of the previous page. */
  before: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export type AlertQuery = z.infer<typeof AlertQuery>

/** GET /alerts: latest first. */
export const AlertList = z.object({
  alerts: z.array(AlertView),
  /** Pass it as `before` to get the next page; null on the last page. */
  next: z.string().nullable(),
})
export type AlertList = z.infer<typeof AlertList>

/** Days for which an alert about an agency's zone, sent by another agency, concerns that agency. */
export const ZONE_DAYS = 7

/** GET /alerts/current: latest first. */
export const CurrentAlerts = z.object({
  alerts: z.array(AlertView),
  /** Ids of those that other agencies sent in the last days (ZONE_DAYS) about the zone of the reader's agency. */
  inZone: z.array(z.uuid()),
})
export type CurrentAlerts = z.infer<typeof CurrentAlerts>

/** Alerts older than this many days are not shown as recent. */
export const RECENT_DAYS = 7
/** Maximum number of recent alerts: more than a week of the busiest known schemes. */
export const RECENT_MAX = 100

/** An alert sent in the last days, as the alert room's map and its legend show it. */
export const RecentAlert = AlertView.pick({
  id: true,
  reference: true,
  commune: true,
}).extend({
  category: AlertView.shape.category.omit({ level: true }),
  orderedAt: z.iso.datetime(),
})
export type RecentAlert = z.infer<typeof RecentAlert>

/** GET /alerts/recent: latest first, without exercises. */
export const RecentAlertList = z.object({ alerts: z.array(RecentAlert) })
export type RecentAlertList = z.infer<typeof RecentAlertList>

/** An alert that has not left, or whose follow-up waits, and what a change of the scheme does to it. */
export const AffectedAlert = z.object({
  id: z.uuid(),
  reference: z.string(),
  /** Commune of the facts. */
  commune: z.string(),
  /** `follow_up`: a follow-up of it waits for a decision or a correction. */
  state: z.enum([...AlertStateName.options, 'follow_up']),
  /** Empty for a sector: its communes change. */
  effects: z.array(
    z.enum([
      'approval_needed',
      'approval_dropped',
      'descriptions_refused',
      'descriptions_allowed',
      'reason_needed',
      'reason_dropped',
      'zone_reason_needed',
      'zone_reason_dropped',
      'override_refused',
      'override_allowed',
      'unanswered',
      'calls',
      'audience',
    ]),
  ),
})
export type AffectedAlert = z.infer<typeof AffectedAlert>

/** POST /alerts/:id/pass: lets a member's name that is an ordinary word stand in the text of an alert. */
export const WordsPass = z.object({
  /** As they stand in the text. */
  words: z.string().trim().min(1).max(80),
  reason: z.string().trim().min(1).max(500),
  /** The text in which they stand, of a follow-up that is being written; by default that of the alert. */
  text: z.string().max(2000).optional(),
})
export type WordsPass = z.infer<typeof WordsPass>

export const AffectedAlerts = z.object({ alerts: z.array(AffectedAlert) })
export type AffectedAlerts = z.infer<typeof AffectedAlerts>

/** GET /alerts/:id/deliveries */
export const DeliveryList = z.object({
  deliveries: z.array(DeliveryView),
  /** Number of rows on all pages, in the requested state. */
  total: z.number(),
})
export type DeliveryList = z.infer<typeof DeliveryList>

/**
 * Server-sent events of GET /api/schemes/:scheme/live: `event:` is the type, `data:` one of these as JSON. `opened` is the
 * first: the changes of the milliseconds before follow it, so that a client reads again only what it read earlier.
 * `progress` carries the figures; `report`, `alert`, `relay` and `scheme` tell the client what to read again. A comment line every
 * 15 s keeps the connection open. It requires `alert.read`: a trade chamber, which reads no alert, has no stream.
 */
export const LiveMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('opened'), coversMs: z.int() }),
  z.object({
    type: z.literal('progress'),
    alertId: z.uuid(),
    progress: Progress,
    /** Progress of every message of the alert. */
    broadcasts: z.array(z.object({ id: z.uuid(), progress: Progress })),
  }),
  z.object({ type: z.literal('report'), reportId: z.uuid() }),
  z.object({ type: z.literal('alert'), alertId: z.uuid() }),
  z.object({ type: z.literal('relay') }),
  z.object({ type: z.literal('scheme') }),
])
export type LiveMessage = z.infer<typeof LiveMessage>

nameSchemas({
  AffectedAlert,
  AffectedAlerts,
  AlertEvent,
  AlertList,
  AlertPage,
  AlertRequest,
  AlertReview,
  AlertView,
  AudienceQuery,
  AudienceView,
  BroadcastOrder,
  ChangedAlert,
  CurrentAlerts,
  CurvePoint,
  DeliveryList,
  GuardFactsView,
  LiveMessage,
  NearAlert,
  NearList,
  NearQuery,
  NewAlert,
  AuthorisationRequest,
  NewAuthorisation,
  OverrideOrder,
  RecentAlert,
  RecentAlertList,
  RemarkList,
  HeldBackList,
  VersionRead,
  VersionReason,
  WordsPass,
})
