/** Days for which reports, alerts and their texts are kept. The forces' record of calls is kept for two years at most. */
export const REPORTS_KEPT_DAYS = 730
