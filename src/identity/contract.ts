import { z } from 'zod'

export const RoleName = z.enum(['operator', 'chief', 'magistrate', 'chamber', 'trade_chamber'])

/** The doors of the demo into the console: one a role, and an operator of the scheme next door. */
export const DemoDoor = z.object({
  as: z.enum([...RoleName.exclude(['trade_chamber']).options, 'neighbour']),
})
export type DemoDoor = z.infer<typeof DemoDoor>

/** Who is signed in and what they may do where. GET /api/session; 401 `not_signed_in` without a session. */
export const SessionView = z.object({
  user: z.object({ id: z.string(), name: z.string() }),
  /** The password was given by an administrator: until it is changed, all else answers 403 `password_due`. */
  passwordDue: z.boolean(),
  schemes: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      role: RoleName,
      agency: z.object({ name: z.string(), kind: z.string() }).nullable(),
      permissions: z.array(z.string()),
    }),
  ),
})
export type SessionView = z.infer<typeof SessionView>

/** What the web app needs before anyone signs in. GET /api/about, public. */
export const AboutView = z.object({
  version: z.string(),
  /** Demo mode: doors without password, simulated phones, banner. */
  demo: z.boolean(),
  mapTiles: z.string().nullable(),
  /** Mails leave from here: a code by mail can be asked for. */
  mails: z.boolean(),
})
export type AboutView = z.infer<typeof AboutView>

/** The body of every error. */
export const ErrorView = z.object({
  code: z.string(),
  /** For people, in the language of Accept-Language (French by default). */
  message: z.string(),
  problems: z.array(z.object({ code: z.string(), path: z.string().optional(), message: z.string() })),
})
export type ErrorView = z.infer<typeof ErrorView>

/** What is said to whoever asks for a code: the same whether anybody has the number. */
export const CodeTurn = z.object({
  /**
   * Whether this request is one that a code leaves for, if somebody has the number. False: another was asked for within the
   * minute, or the number had those of the day.
   */
  taken: z.boolean(),
  /** From when on another may be asked for. */
  nextAt: z.iso.datetime(),
})
export type CodeTurn = z.infer<typeof CodeTurn>
