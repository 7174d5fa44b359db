import { z } from 'zod'
import { ClientId, nameSchemas } from '../platform/http/endpoints.ts'
import { ChangeReason } from '../settings/contract.ts'

/** The duty of a person on call: to approve as the second person, to authorise, or to answer for the zone of their agency. */
export const OnCallRole = z.enum(['approver', 'magistrate', 'agency'])
export type OnCallRole = z.infer<typeof OnCallRole>

const Hour = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)

/** Weekly hours on call, in the time zone of the scheme. Equal hours: the whole day; an end before the start: the next day. */
export const OnCallHours = z.object({
  /** 0 is Monday. */
  days: z.array(z.number().int().min(0).max(6)).min(1).max(7),
  from: Hour,
  to: Hour,
  /** 1 is called first. */
  rank: z.number().int().min(1).max(9),
})
export type OnCallHours = z.infer<typeof OnCallHours>

export const OnCallPerson = z.object({
  id: z.uuid(),
  role: OnCallRole,
  name: z.string(),
  /** Magistrates only: "Parquet de Clermont-Ferrand"; null: that of the account. */
  service: z.string().nullable(),
  /** The account of the person, who is not called about an alert that they wrote. */
  userId: z.string().nullable(),
  agencyId: z.uuid().nullable(),
  /** E.164; of magistrates shown only to the users who manage them. */
  phone: z.string().nullable(),
  mail: z.string().nullable(),
  /** Empty: called only when everyone on call has been. */
  hours: z.array(OnCallHours),
  version: z.number(),
})
export type OnCallPerson = z.infer<typeof OnCallPerson>

export const OnCallAbsence = z.object({
  id: z.uuid(),
  personId: z.uuid(),
  /** The person who takes their place in the line; null: nobody. */
  substituteId: z.uuid().nullable(),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
})
export type OnCallAbsence = z.infer<typeof OnCallAbsence>

/** Roles that approve or authorise. */
export const APPROVER_ROLES = ['chief', 'magistrate'] as const

export const OnCallAccount = z.object({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.enum(APPROVER_ROLES)),
})
export type OnCallAccount = z.infer<typeof OnCallAccount>

/** GET /api/schemes/:scheme/on-call */
export const OnCallRota = z.object({
  people: z.array(OnCallPerson),
  /** Absences that have not ended. */
  absences: z.array(OnCallAbsence),
  /** IANA time zone of the hours. */
  timeZone: z.string(),
  /** The accounts that may approve or authorise. */
  accounts: z.array(OnCallAccount),
})
export type OnCallRota = z.infer<typeof OnCallRota>

/** The most people of one scheme. */
export const MAX_ON_CALL = 60

export const NewOnCallPerson = z.object({
  /** Chosen by the client, so that the same request can be sent again after a lost answer. */
  id: ClientId.optional(),
  role: OnCallRole,
  /** Not empty. It is checked with the rest, so that every problem is reported at once. */
  name: z.string().trim().max(120),
  /** Magistrates only; empty: that of the account. */
  service: z.string().trim().max(120).default(''),
  userId: z.string().max(64).nullable().default(null),
  agencyId: z.uuid().nullable().default(null),
  /** As typed; empty: none. */
  phone: z.string().trim().max(30).default(''),
  mail: z.string().trim().max(200).default(''),
  hours: z.array(OnCallHours).max(20).default([]),
  /** Magistrates only: why; another account puts them in force. */
  reason: ChangeReason.optional(),
})
export type NewOnCallPerson = z.infer<typeof NewOnCallPerson>

export const OnCallPersonChange = z.object({
  /** The version that was read. */
  version: z.number().int(),
  role: NewOnCallPerson.shape.role,
  name: NewOnCallPerson.shape.name,
  service: z.string().trim().max(120),
  userId: z.string().max(64).nullable(),
  agencyId: z.uuid().nullable(),
  phone: z.string().trim().max(30),
  mail: z.string().trim().max(200),
  hours: z.array(OnCallHours).max(20),
  reason: NewOnCallPerson.shape.reason,
})
export type OnCallPersonChange = z.infer<typeof OnCallPersonChange>

export const NewOnCallAbsence = z.object({
  /** Chosen by the client, so that the same request can be sent again after a lost answer. */
  id: ClientId.optional(),
  personId: z.uuid(),
  substituteId: z.uuid().nullable(),
  from: z.iso.datetime({ offset: true }),
  until: z.iso.datetime({ offset: true }),
})
export type NewOnCallAbsence = z.infer<typeof NewOnCallAbsence>

export const CallSubject = z.enum(['approval', 'authorisation', 'review'])
export type CallSubject = z.infer<typeof CallSubject>

/** The state of the SMS of a call: not handed to the provider, handed, on the phone, or refused, expired or dropped. */
export const CallSmsState = z.enum(['waiting', 'sent', 'delivered', 'failed'])
export type CallSmsState = z.infer<typeof CallSmsState>

/**
 * Reason for calling a person: first in line, nobody answered, the one before was not reached, a user asked, or everyone is
 * called.
 */
export const CallReason = z.enum(['first', 'next', 'unreached', 'asked', 'all'])
export type CallReason = z.infer<typeof CallReason>

export const CallView = z.object({
  no: z.number(),
  personId: z.uuid(),
  name: z.string(),
  at: z.iso.datetime(),
  why: CallReason,
  /** Whether they had been called before. */
  again: z.boolean(),
  sms: CallSmsState.nullable(),
  smsAt: z.iso.datetime().nullable(),
  mail: z.boolean(),
  /** Whether the call counts as unreached: its SMS failed, or was not delivered in time. */
  unreached: z.boolean(),
  openedAt: z.iso.datetime().nullable(),
})
export type CallView = z.infer<typeof CallView>

export const CallOutView = z.object({
  id: z.uuid(),
  alertId: z.uuid(),
  /** Null: the first message. */
  followUpId: z.uuid().nullable(),
  subject: CallSubject,
  role: OnCallRole,
  exercise: z.boolean(),
  startedAt: z.iso.datetime(),
  /** Oldest first. */
  calls: z.array(CallView),
  /** The next person and the time of their automatic call; `everyone`: all of the list at once. */
  next: z
    .object({ name: z.string().nullable(), everyone: z.boolean(), at: z.iso.datetime().nullable() })
    .nullable(),
  endedAt: z.iso.datetime().nullable(),
  endedWhy: z.string().nullable(),
  /** The person who answered, and their words; null: nobody, or they are with the message. */
  endedBy: z.string().nullable(),
  endedNote: z.string().nullable(),
  /** The elements that an authorisation is asked to cover, and who asked; null: it was asked with the submission. */
  scope: z.string().nullable(),
  askedBy: z.string().nullable(),
})
export type CallOutView = z.infer<typeof CallOutView>

export const CallOutList = z.object({ callOuts: z.array(CallOutView) })

/** POST /api/schemes/:scheme/call-outs/:id/next */
export const NextCall = z.object({
  /** Number of calls that were on screen; nothing happens when there are more by now. */
  after: z.number().int().min(0),
})
export type NextCall = z.infer<typeof NextCall>

nameSchemas({
  CallOutList,
  CallOutView,
  CallReason,
  CallSmsState,
  CallSubject,
  CallView,
  NewOnCallAbsence,
  NewOnCallPerson,
  NextCall,
  OnCallAbsence,
  OnCallAccount,
  OnCallHours,
  OnCallPerson,
  OnCallPersonChange,
  OnCallRole,
  OnCallRota,
})
