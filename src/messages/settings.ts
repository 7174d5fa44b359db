import { MessageSettings } from '../schemes/contract.ts'
import { columnSettings } from '../schemes/settings/column-settings.ts'

/** The settings of service messages; a change leaves messages already written as they are. */
export const {
  get: getMessageSettings,
  set: setMessageSettings,
  writer: messageSettingWriter,
} = columnSettings({
  subject: 'messages',
  action: 'message.settings',
  parse: (stored) => MessageSettings.parse(stored),
})
