import { z } from 'zod'
import { Progress, ServiceStatus } from '../../deliveries/contract.ts'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { SeverityName } from '../../schemes/doctrine.ts'

/** POST /api/schemes/:scheme/walls */
export const NewWallDisplay = z.object({
  /** Chosen by the client, so that the same request can be sent again after a lost answer. */
  id: ClientId.optional(),
})
export type NewWallDisplay = z.infer<typeof NewWallDisplay>

/** Hours for which a wall display shows the room before it has to be opened again. */
export const WALL_HOURS = 12
/** Maximum alerts in progress and calls in a view; the counts are of all. */
export const WALL_LINES = 12

/** A screen on the wall of a control room that is open. */
export const WallDisplay = z.object({
  id: z.uuid(),
  openedAt: z.iso.datetime(),
  /** Name of the account. */
  openedBy: z.string(),
  expiresAt: z.iso.datetime(),
})
export type WallDisplay = z.infer<typeof WallDisplay>

/** Latest first. GET …/walls. */
export const WallDisplayList = z.object({ displays: z.array(WallDisplay) })
export type WallDisplayList = z.infer<typeof WallDisplayList>

const WallCategory = z.object({ labelFr: z.string(), labelEn: z.string(), severity: SeverityName })

/**
 * A wall display shows categories, communes, states, counts and times. It holds no name, number or free text, since a text may
 * name somebody.
 * GET /api/wall; 401 `not_signed_in` without an open display.
 */
export const WallView = z.object({
  scheme: z.object({ name: z.string(), timeZone: z.string() }),
  /** When it was read. */
  at: z.iso.datetime(),
  /** When the display ends. */
  expiresAt: z.iso.datetime(),
  messages: ServiceStatus.shape.messages,
  inProgress: z.number(),
  /** Alerts in progress, latest order first. */
  alerts: z.array(
    z.object({
      id: z.uuid(),
      category: WallCategory,
      commune: z.string(),
      exercise: z.boolean(),
      orderedAt: z.iso.datetime(),
      /** SMS of the first message. */
      progress: Progress.pick({ planned: true, waiting: true, delivered: true, failed: true }),
    }),
  ),
  waiting: z.number(),
  /** Calls that wait for a decision, longest first. */
  reports: z.array(
    z.object({
      id: z.uuid(),
      category: WallCategory,
      commune: z.string(),
      exercise: z.boolean(),
      calledAt: z.iso.datetime(),
      /** True while an operator is handling it. */
      claimed: z.boolean(),
    }),
  ),
  /** Alerts that wait for a second person. */
  submitted: z.number(),
  /** Alerts ordered within 24 hours, without exercises. */
  lastDay: z.number(),
})
export type WallView = z.infer<typeof WallView>

nameSchemas({ NewWallDisplay, WallDisplay, WallDisplayList, WallView })
