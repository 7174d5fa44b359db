import { NativeSelect, TextInput } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { instantOfField, toFieldValue } from '../../../../src/message/clock.ts'
import { callApi } from '../../../api/client.ts'
import { serverNow, timeZone } from '../../../api/clock.ts'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { MAGISTRATE_ID } from '../../room/doctrine/doctrine.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from './Authorisation.module.css'

/** The magistrates whose authorisation may be recorded. */
const magistratesQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['magistrates', schemeId],
    queryFn: ({ signal }) => callApi('listMagistrates', { params: { scheme: schemeId }, signal }),
  })

/** The prosecutor's authorisation as it is being entered; `givenAt` null: now. */
export interface AuthorisationEntry {
  /** From the list of the scheme; empty: not chosen yet. */
  magistrateId: string
  givenAt: string | null
  scope: string
}

/** Fields for who gave the authorisation, when, and what it covers. */
export function AuthorisationFields(props: {
  value: AuthorisationEntry
  onChange: (entry: AuthorisationEntry) => void
  /** Whether the signed-in user is the magistrate. */
  self?: boolean
}) {
  const { t } = useText()
  const now = useMinute()
  const { value, onChange } = props
  const { scheme } = useCurrent()
  const list = useQuery({ ...magistratesQuery(scheme.id), enabled: !props.self })
  const magistrates = list.data?.magistrates ?? []
  const isEmpty = list.isSuccess && magistrates.length === 0
  return (
    <div className={classes.fields} data-self={props.self || undefined}>
      {!props.self && (
        <>
          <NativeSelect
            id={MAGISTRATE_ID}
            className={classes.magistrate ?? ''}
            label={t('authorisation.magistrate')}
            description={t('authorisation.magistrate.notified')}
            error={isEmpty ? t('authorisation.magistrate.none') : undefined}
            required
            value={value.magistrateId}
            onChange={(event) => onChange({ ...value, magistrateId: event.currentTarget.value })}
            data={[
              { value: '', label: t('authorisation.magistrate.choose') },
              ...magistrates.map(({ id, name, service, onCall }) => ({
                value: id,
                label: [name, service, onCall && t('authorisation.magistrate.onCall')]
                  .filter(Boolean)
                  .join(' · '),
              })),
            ]}
          />
          <DateField
            kind="moment"
            alwaysSet
            label={value.givenAt === null ? t('authorisation.at.now') : t('authorisation.at')}
            required
            max={toFieldValue(serverNow(), timeZone())}
            value={toFieldValue(value.givenAt === null ? now : Date.parse(value.givenAt), timeZone())}
            onChange={(at) => {
              const typed = instantOfField(at, timeZone())
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
  return [entry.magistrateId, entry.scope].every((text) => (text ?? '').trim() !== '')
}
