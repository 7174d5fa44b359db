import { EnrolmentSettings } from '../schemes/contract.ts'
import { columnSettings } from '../schemes/settings/column-settings.ts'

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
