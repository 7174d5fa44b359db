/** Minimum number of days between a warning and the suspension: long enough to read it and to pay. */
export const WARNING_DAYS = 15
