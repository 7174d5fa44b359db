import { z } from 'zod'
import { ClientId, nameSchemas } from '../../platform/http/endpoints.ts'
import { ChangeReason } from '../../settings/contract.ts'

/** A service of the State that gets a copy of every message of an alert. */
export const ObserverView = z.object({
  id: z.uuid(),
  /** "Préfecture du Puy-de-Dôme". */
  name: z.string(),
  /** E.164 */
  phone: z.string(),
  /** Code of its agency in the scheme, if it has one: a chamber gets no copy of identifying details. */
  agency: z.string().nullable(),
})
export type ObserverView = z.infer<typeof ObserverView>

/** Maximum number of observers of a scheme. */
export const MAX_OBSERVERS = 30

/** Adds one observer. POST /api/schemes/:scheme/observers */
export const NewObserver = z.object({
  /** Chosen by the client, so that the same request can be sent again after a lost answer. */
  id: ClientId.optional(),
  name: z.string().trim().min(1).max(120),
  /** As typed by the user. */
  phone: z.string().trim().min(1).max(30),
  agency: z.string().max(60).nullable().default(null),
  /** Reason for which it gets the texts; another account puts it in force. */
  reason: ChangeReason.optional(),
})
export type NewObserver = z.infer<typeof NewObserver>

/** Replaces all observers. PUT /api/schemes/:scheme/observers */
export const ObserverList = z.object({
  observers: z
    .array(NewObserver.omit({ id: true, reason: true }).extend({ agency: NewObserver.shape.agency.unwrap() }))
    .max(MAX_OBSERVERS),
  /** Reason for the change; required when an observer is new or changed. */
  reason: ChangeReason.optional(),
})
export type ObserverList = z.infer<typeof ObserverList>

nameSchemas({ NewObserver, ObserverList, ObserverView })
