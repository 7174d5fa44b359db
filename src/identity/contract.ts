import { z } from 'zod'
import { nameSchemas } from '../platform/http/endpoints.ts'
import { PasskeyList } from './passkeys/webauthn-contract.ts'

export const MIN_PASSWORD = 12
export const MAX_PASSWORD = 128

export const RoleName = z.enum([
  'operator',
  'chief',
  'magistrate',
  'chamber',
  'trade_chamber',
  'admin',
  'break_glass',
])

/** Sign-in buttons of the demo for the console: one for each role, and one for an operator of the neighbouring scheme. */
export const DemoDoor = z.object({
  as: z.enum([...RoleName.exclude(['admin', 'break_glass']).options, 'neighbour']),
})
export type DemoDoor = z.infer<typeof DemoDoor>

/**
 * The signed-in user and their permissions in each scheme; of the administrator of an installation without schemes, those in the one
 * with the empty id. GET /api/session; 401 `not_signed_in` without a session.
 */
export const SessionView = z.object({
  user: z.object({ id: z.string(), name: z.string() }),
  /** True while the password is one that an administrator set: until it is changed, other endpoints answer 403 `password_due`. */
  passwordDue: z.boolean(),
  /** Minutes without activity of the user after which the session is locked; null: it is not. */
  idleMinutes: z.number().nullable(),
  schemes: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      /** Time zone of the hours and days that are shown. */
      timeZone: z.string(),
      role: RoleName,
      agency: z.object({ name: z.string(), kind: z.string() }).nullable(),
      /** Codes of the trades to which the role is limited; null: it is not limited. */
      trades: z.array(z.string()).nullable(),
      permissions: z.array(z.string()),
      /** The sign-in that the scheme requires of the role, while the session lacks it: it then has no permission. */
      needs: z.enum(['second_factor', 'provider']).nullable(),
    }),
  ),
})
export type SessionView = z.infer<typeof SessionView>

/** The only event of the stream of a session: it is open. GET /api/session/live. */
export const SessionSign = z.object({ type: z.literal('open') })

/** Whether the session is locked, and what unlocks it. GET /api/session/lock. */
export const LockView = z.object({
  locked: z.boolean(),
  user: z.object({ id: z.string(), name: z.string() }),
  idleMinutes: SessionView.shape.idleMinutes,
  /** The account has a passkey. */
  passkey: z.boolean(),
  password: z.boolean(),
  /** A code is asked for beside the password. */
  code: z.boolean(),
  /** The account can prove itself at the identity provider. */
  provider: z.boolean(),
  /** A session of the demo, which nothing proves. */
  demo: z.boolean(),
})
export type LockView = z.infer<typeof LockView>

/** The factors of the signed-in account. GET /api/account/security. */
export const AccountSecurity = z.object({
  mail: z.string(),
  /** False: it has none, as the accounts of a demo, so codes would complete nothing. */
  hasPassword: z.boolean(),
  /** Latest first. */
  passkeys: PasskeyList.shape.passkeys,
  /** Codes of an application, asked for after the password; null: none. They are unreadable once TOCSIN_SECRET has changed. */
  codes: z.object({ recoveryCodesLeft: z.number(), isReadable: z.boolean() }).nullable(),
  /** Whether it is linked to an identity at the identity provider of the installation. */
  provider: z.boolean(),
})
/** A secret for an application that makes codes, and recovery codes. They are shown once. */
export const CodeSetup = z.object({
  /** Base32, to be typed where the picture cannot be scanned. */
  secret: z.string(),
  /** The secret as a QR code: a picture in SVG. */
  qr: z.string(),
  recoveryCodes: z.array(z.string()),
})
export type CodeSetup = z.infer<typeof CodeSetup>

export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })
export type RecoveryCodes = z.infer<typeof RecoveryCodes>

export type AccountSecurity = z.infer<typeof AccountSecurity>

/** A signed-in browser. */
export const DeviceSession = z.object({
  id: z.string(),
  browser: z.enum(['chrome', 'edge', 'firefox', 'opera', 'safari', 'other']),
  system: z.enum(['windows', 'mac', 'ios', 'android', 'linux', 'other']),
  /** The network from which it signed in, without its last part; null: not known. */
  network: z.string().nullable(),
  since: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
})
export type DeviceSession = z.infer<typeof DeviceSession>

export const DeviceSessions = z.object({ sessions: z.array(DeviceSession) })
export type DeviceSessions = z.infer<typeof DeviceSessions>

/** The open sessions of the signed-in account, or of the holder of a number or address. GET /api/account/sessions, /api/portal/sessions. */
export const OwnSessions = DeviceSessions.extend({
  /** Id of the session of the request. */
  current: z.string(),
})
export type OwnSessions = z.infer<typeof OwnSessions>

/** `id`: one session; absent: all of them, or of one's own all but that of the request. */
export const EndSessions = z.object({ id: z.string().max(64).optional() })
export type EndSessions = z.infer<typeof EndSessions>

/** The address at the identity provider to which the browser goes to sign its user in. */
export const ProviderAddress = z.object({ address: z.url() })
export type ProviderAddress = z.infer<typeof ProviderAddress>

/** The query with which the identity provider sent the browser back. */
export const ProviderReturn = z.object({ answer: z.string().max(8000) })

/** The visit to the identity provider that ended, and the session as it is then. */
export const ProviderVisitView = z.object({ purpose: z.enum(['sign-in', 'factor']), session: SessionView })
export type ProviderVisitView = z.infer<typeof ProviderVisitView>

/** `address`: where the browser goes to sign out at the identity provider too; null: nowhere. */
export const SignedOut = z.object({ address: z.url().nullable() })

/** Settings that the web app needs before anyone signs in. GET /api/about, public. */
export const AboutView = z.object({
  version: z.string(),
  /** Demo mode: sign-in without a password, simulated phones, a banner. */
  demo: z.boolean(),
  mapTiles: z.string().nullable(),
  /** True when this installation sends mail, so that a code can be requested by mail. */
  mails: z.boolean(),
  /** Name of the identity provider by which agents may sign in; null: there is none. */
  provider: z.string().nullable(),
  /** Contact for merchants at the chamber of each scheme, by the name of the chamber. */
  chambers: z.array(z.object({ name: z.string(), phone: z.string(), mail: z.string(), hours: z.string() })),
})
export type AboutView = z.infer<typeof AboutView>

/** The body of every error. */
export const ErrorView = z.object({
  code: z.string(),
  /** Text for people, in the language of Accept-Language (French by default). */
  message: z.string(),
  problems: z.array(z.object({ code: z.string(), path: z.string().optional(), message: z.string() })),
  /** The request in the log, also in the header X-Request-Id; absent when none was read. */
  requestId: z.string().optional(),
})
export type ErrorView = z.infer<typeof ErrorView>

/** The response to a request for a code, which is the same whether or not someone has the number. */
export const CodeTurn = z.object({
  /**
   * True when this request sends a code, provided that someone has the number. False when another was requested within the
   * minute, or the number has had its codes of the day.
   */
  accepted: z.boolean(),
  /** The time from which another code may be requested. */
  nextAt: z.iso.datetime(),
})
export type CodeTurn = z.infer<typeof CodeTurn>

/** The language of the screen, which is also that of mails and of SMS of service. */
export const LanguageChoice = z.object({ lang: z.enum(['fr', 'en']) })
export type LanguageChoice = z.infer<typeof LanguageChoice>

nameSchemas({
  LanguageChoice,
  AboutView,
  AccountSecurity,
  CodeSetup,
  RecoveryCodes,
  CodeTurn,
  DemoDoor,
  DeviceSession,
  DeviceSessions,
  EndSessions,
  ErrorView,
  LockView,
  OwnSessions,
  ProviderAddress,
  ProviderReturn,
  ProviderVisitView,
  RoleName,
  SessionSign,
  SignedOut,
  SessionView,
})
