import { columnSettings } from '../schemes/column-settings.ts'
import { EnrolmentSettings } from '../schemes/contract.ts'

/** The enrolment settings of a scheme, which apply to requests submitted after a change. */
export const {
  get: getEnrolmentSettings,
  set: setEnrolmentSettings,
  writer: enrolmentSettingWriter,
} = columnSettings({
  subject: 'enrolment',
  action: 'enrolment.settings',
  parse: (stored) => EnrolmentSettings.parse(stored),
})
