// Copies of the contracts' numbers: importing them would load the whole validation library in the browser.
// limits.test.ts compares them.

/** Maximum number of SMS parts of an alert. */
export const MAX_PARTS = 3
/** Maximum number of SMS parts of the reply to a caller. */
export const MAX_ANSWER_PARTS = 2

/** Time for which the button must be held to confirm. */
export const HOLD_MS = 1000
