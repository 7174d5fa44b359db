import { DAY_MS } from '../message/clock.ts'

/** A confirmation is dropped if it cannot be sent within a day. */
export const CONFIRMATION_VALID_MS = DAY_MS
