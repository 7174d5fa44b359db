// Copies of the contracts' numbers: importing them would bring the whole validation library to the browser.
// limits.test.ts holds them together.

/** SMS parts that an alert may take at most. */
export const MAX_PARTS = 3
/** SMS parts that the answer to a caller may take at most. */
export const MAX_ANSWER_PARTS = 2

/** How long the button must be held to confirm. */
export const HOLD_MS = 1000
