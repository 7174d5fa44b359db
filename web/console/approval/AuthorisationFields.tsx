import { TextInput } from '@mantine/core'
import { instantOfField, toFieldValue } from '../../../src/message/clock.ts'
import { serverNow, timeZone } from '../../api/clock.ts'
import { useMinute } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { MAGISTRATE_ID } from '../room/doctrine/doctrine.ts'
import classes from './Authorisation.module.css'

/** The prosecutor's authorisation as it is being entered; `givenAt` null: now. */
export interface AuthorisationEntry {
  magistrate: string
  service: string
  givenAt: string | null
  scope: string
}

/** Fields for who gave the authorisation, for which service, when, and what it covers. */
export function AuthorisationFields(props: {
  value: AuthorisationEntry
  onChange: (entry: AuthorisationEntry) => void
  /** Whether the signed-in user is the magistrate. */
  self?: boolean
}) {
  const { t } = useText()
  const now = useMinute()
  const { value, onChange } = props
  return (
    <div className={classes.fields} data-self={props.self || undefined}>
      {!props.self && (
        <>
          <TextInput
            id={MAGISTRATE_ID}
            label={t('authorisation.magistrate')}
            required
            maxLength={120}
            autoComplete="off"
            value={value.magistrate}
            onChange={(event) => onChange({ ...value, magistrate: event.currentTarget.value })}
          />
          <TextInput
            label={t('authorisation.service')}
            required
            maxLength={120}
            value={value.service}
            onChange={(event) => onChange({ ...value, service: event.currentTarget.value })}
          />
          <TextInput
            type="datetime-local"
            label={value.givenAt === null ? t('authorisation.at.now') : t('authorisation.at')}
            required
            max={toFieldValue(serverNow(), timeZone())}
            value={toFieldValue(value.givenAt === null ? now : Date.parse(value.givenAt), timeZone())}
            onChange={(event) => {
              const typed = instantOfField(event.currentTarget.value, timeZone())
              if (typed !== undefined) onChange({ ...value, givenAt: new Date(typed).toISOString() })
            }}
          />
        </>
      )}
      <TextInput
        className={classes.scope ?? ''}
        label={t('authorisation.scope')}
        placeholder={t('authorisation.scope.example')}
        required
        maxLength={500}
        value={value.scope}
        onChange={(event) => onChange({ ...value, scope: event.currentTarget.value })}
      />
    </div>
  )
}

/** Returns whether the authorisation is complete enough to be recorded. */
export function isComplete(entry: AuthorisationEntry): boolean {
  return [entry.magistrate, entry.service, entry.scope].every((text) => text.trim() !== '')
}
