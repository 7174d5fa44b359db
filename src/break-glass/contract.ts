import { z } from 'zod'
import { RoleName } from '../identity/contract.ts'
import { nameSchemas } from '../platform/http/endpoints.ts'

/** A person of the two: the code of an envelope and a name, which everybody will read. */
const Holder = z.object({ code: z.string().max(60), name: z.string().max(120) })

/** POST /api/auth/break-glass, public. */
export const OpenBreakGlass = z.object({
  first: Holder,
  second: Holder,
  reason: z.string().max(300),
  /** An exercise: everything is the same, but the session may do nothing. */
  drill: z.boolean(),
})
export type OpenBreakGlass = z.infer<typeof OpenBreakGlass>

/** An opening of the break-glass account, as every user of the console sees it. */
export const BreakGlassOpening = z.object({
  id: z.string(),
  /** The names that the two persons typed. */
  names: z.array(z.string()),
  reason: z.string(),
  drill: z.boolean(),
  openedAt: z.iso.datetime(),
  /** When it ends, or would have ended, by itself. */
  endsAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  /** Name of the person who closed it; null: nobody did, or it is open. */
  closedBy: z.string().nullable(),
  closedWhy: z.enum(['person', 'time', 'session', 'replaced']).nullable(),
  /** Number of its acts on the record; null while it is open. */
  acts: z.int().nonnegative().nullable(),
  /** Whether it is the session of the request. */
  own: z.boolean(),
})
export type BreakGlassOpening = z.infer<typeof BreakGlassOpening>

/** The opening that is open, or that was closed in the last 24 hours. GET /api/break-glass. */
export const BreakGlassView = z.object({ opening: BreakGlassOpening.nullable() })
export type BreakGlassView = z.infer<typeof BreakGlassView>

/** The seal of the break-glass account, without its codes. */
export const BreakGlassSeal = z.object({
  no: z.int().positive(),
  sealedAt: z.iso.datetime(),
  sealedBy: z.string(),
  /** When it was opened; null: the envelopes are good. */
  brokenAt: z.iso.datetime().nullable(),
})
export type BreakGlassSeal = z.infer<typeof BreakGlassSeal>

/** `open` also while the seal is already made anew. */
export const BREAK_GLASS_STATES = ['never', 'sealed', 'broken', 'open'] as const

/** GET /api/installation/break-glass. */
export const BreakGlassStatus = z.object({
  /** `never`: no envelopes were ever made; `broken`: they were opened and must be made anew. */
  state: z.enum(BREAK_GLASS_STATES),
  seal: BreakGlassSeal.nullable(),
  /** The last openings, latest first. */
  openings: z.array(BreakGlassOpening),
  /** The page on which the envelopes are used. */
  address: z.url(),
  maySeal: z.boolean(),
})
export type BreakGlassStatus = z.infer<typeof BreakGlassStatus>

/** The codes of new envelopes, shown this once. */
export const SealedEnvelopes = z.object({
  no: z.int().positive(),
  sealedAt: z.iso.datetime(),
  address: z.url(),
  envelopes: z.array(z.object({ envelope: z.enum(['A', 'B']), code: z.string() })),
})
export type SealedEnvelopes = z.infer<typeof SealedEnvelopes>

/** GET /api/break-glass/schemes: the sign-in that each scheme requires, for the open break-glass account. */
export const LockedSchemes = z.object({
  schemes: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      /** The roles that need more than a password. */
      required: z.array(z.object({ role: RoleName, need: z.enum(['second_factor', 'provider']) })),
      /** Number of active accounts of chiefs, and of the chamber. */
      chiefs: z.int().nonnegative(),
      chambers: z.int().nonnegative(),
    }),
  ),
})
export type LockedSchemes = z.infer<typeof LockedSchemes>

nameSchemas({
  BreakGlassOpening,
  BreakGlassSeal,
  BreakGlassStatus,
  BreakGlassView,
  LockedSchemes,
  OpenBreakGlass,
  SealedEnvelopes,
})
