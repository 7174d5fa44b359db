import { observerSettingWriter } from '../alerts/observers/actions.ts'
import { duesSettingWriter } from '../dues/reminders/campaign.ts'
import { enrolmentSettingWriter } from '../enrolment/settings.ts'
import { messageSettingWriter } from '../messages/settings.ts'
import { magistrateSettingWriter } from '../on-call/actions.ts'
import { roleSettingWriter } from '../people/roles/role-changes.ts'
import { doctrineSettingWriter } from '../schemes/actions.ts'
import { categorySettingWriter } from '../schemes/categories/actions.ts'
import { accessSettingWriter } from '../schemes/settings/access.ts'
import { generalSettingWriter } from '../schemes/settings/general.ts'
import { textsSettingWriter } from '../schemes/texts/texts.ts'
import type { SettingWriters } from '../settings/actions.ts'

/** Writes the settings that another account puts in force: each room writes its own. */
export const settingWriters: SettingWriters = {
  doctrine: doctrineSettingWriter,
  categories: categorySettingWriter,
  scheme: generalSettingWriter,
  texts: textsSettingWriter,
  observers: observerSettingWriter,
  magistrates: magistrateSettingWriter,
  dues: duesSettingWriter,
  messages: messageSettingWriter,
  enrolment: enrolmentSettingWriter,
  access: accessSettingWriter,
  role_chief: roleSettingWriter,
  role_chamber: roleSettingWriter,
  role_magistrate: roleSettingWriter,
}
