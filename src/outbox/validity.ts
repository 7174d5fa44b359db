/** A confirmation is dropped if it cannot be sent within a day. */
export const CONFIRMATION_VALID_MS = 24 * 3_600_000
