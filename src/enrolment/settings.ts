import { columnSettings } from '../schemes/column-settings.ts'
import { EnrolmentSettings } from '../schemes/contract.ts'

/** How businesses join, for requests submitted from then on. */
export const {
  get: getEnrolmentSettings,
  set: setEnrolmentSettings,
  writer: enrolmentSettingWriter,
} = columnSettings({
  subject: 'enrolment',
  action: 'enrolment.settings',
  parse: (stored) => EnrolmentSettings.parse(stored),
})
