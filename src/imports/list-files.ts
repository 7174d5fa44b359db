export const MAX_BYTES = 50 * 1024 * 1024

/** Media types that browsers and people use for lists in CSV or XLSX. */
export const LIST_TYPES = [
  'text/csv',
  'text/plain',
  'text/tab-separated-values',
  'application/csv',
  'application/vnd.ms-excel',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/octet-stream',
] as const
