import type { Draft } from '../text/draft.ts'

/** Returns whether the caller of a draft seems to have a mobile that can receive a reply; the server decides. */
export function isAnswerable({ report, caller }: Pick<Draft, 'report' | 'caller'>): boolean {
  if (report !== null) return report.caller?.answerable ?? false
  if (caller.member !== null) return caller.member.phone !== null
  const typed = caller.text.replace(/\(0\)/g, '').replace(/[\s.()/-]/g, '')
  return (
    /^(?:(?:\+|00)33|0)[67]\d{8}$/.test(typed) || /^(?:\+|00)(?:262|5(?:08|90|94|96))\d{6,9}$/.test(typed)
  )
}
