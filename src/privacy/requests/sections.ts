/** Sections of the file of a person (src/privacy/file/sections.ts) that may have data of one who is no whole member. */
export const TRACE_SECTIONS = [
  'people',
  'charter',
  'enrolments',
  'onCall',
  'transfers',
  'smsChoices',
  'numbers',
  'alerts',
  'heldBack',
  'mails',
  'lists',
  'devices',
  'acts',
] as const
