import type { UndoResult } from '../../../../src/changes/contract.ts'
import type { FormatMessage } from '../../../ui/format/text.ts'

/** Names what a change touched of a member: "adresse, métier". */
export function sayFields(t: FormatMessage, fields: UndoResult['kept'][number]['fields']): string {
  return fields.map((field) => t(`changes.field.${field}`)).join(', ')
}
