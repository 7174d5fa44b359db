import { Button, Chip, Group, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { type FormEvent, useState } from 'react'
import { readablePhone } from '../../../../src/message/phone.ts'
import type { OnCallHours, OnCallPerson, OnCallRole, OnCallRota } from '../../../../src/on-call/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { SettingName } from '../../../../src/settings/rules.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { rotaQuery } from '../../on-call/queries.ts'
import { prosecutorOf } from '../../room/doctrine/doctrine.ts'
import { useCurrent } from '../../shell/current.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import classes from './OnCall.module.css'
import { useDayWords } from './WeekTable.tsx'

const ALL_DAYS = [0, 1, 2, 3, 4, 5, 6]
const NIGHTS: OnCallHours = { days: ALL_DAYS, from: '20:00', to: '08:00', rank: 1 }

/** Adds a person to the list of the scheme, or changes one. */
export function OnCallForm(props: {
  scheme: SchemeView
  rota: OnCallRota
  /** Null: a new person. */
  person: OnCallPerson | null
  onClose: () => void
}) {
  const { t } = useText()
  const { may } = useCurrent()
  const { scheme, rota, person, onClose } = props
  const form = useOnCallForm(scheme, person)
  const { values } = form
  const settings = magistrateSettings(person, values)
  const save = useSave({ scheme, person, form, settings, onSaved: onClose })
  const setHours = (hours: OnCallHours[]) => form.setFieldValue('hours', hours)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate(form.values)
  }
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={640}
      title={t(person === null ? 'settings.onCall.add' : 'settings.onCall.change')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <KeepFocus />
      <form className={classes.form} noValidate onSubmit={submit}>
        <NativeSelect
          label={t('settings.onCall.role')}
          data={(['approver', 'magistrate', 'agency'] as const)
            // Users who record an authorisation may not choose who confirms it.
            .filter((value) => value !== 'magistrate' || may('magistrate.manage'))
            .map((value) => ({ value, label: t(`settings.onCall.role.${value}`) }))}
          {...form.getInputProps('role')}
          onChange={({ currentTarget: { value } }) =>
            // The accounts to choose from are others.
            form.setValues({ role: value as OnCallRole, userId: '' })
          }
        />
        <TextInput
          label={t('settings.onCall.name')}
          required
          maxLength={120}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <WhoFields scheme={scheme} rota={rota} form={form} />
        <div className={classes.pair}>
          <TextInput
            label={t('settings.onCall.phone')}
            type="tel"
            maxLength={30}
            autoComplete="off"
            {...form.getInputProps('phone')}
          />
          <TextInput
            label={t('settings.onCall.mail')}
            type="email"
            maxLength={200}
            autoComplete="off"
            {...form.getInputProps('mail')}
          />
        </div>
        {values.role !== 'agency' && <HoursList hours={values.hours} onChange={setHours} />}
        <SecondPerson
          subject="magistrates"
          settings={settings}
          reason={values.reason}
          onReason={(reason) => form.setFieldValue('reason', reason)}
          error={form.errors.reason}
        />
        <Failure error={save.failure} />
        <DialogButtons onBack={onClose} back={t('action.cancel')}>
          <Button type="submit" loading={save.isPending}>
            {t(settings.length > 0 ? 'settingChange.propose' : 'settings.onCall.save')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}

type Form = ReturnType<typeof useOnCallForm>

/** Holds the values of a person as they are stored, or those of a new one. */
function useOnCallForm(scheme: SchemeView, person: OnCallPerson | null) {
  return useForm({
    initialValues: {
      role: person?.role ?? ('approver' as OnCallRole),
      name: person?.name ?? '',
      service: person?.service ?? (person === null ? prosecutorOf(scheme) : ''),
      userId: person?.userId ?? '',
      agencyId: person?.agencyId ?? '',
      phone: person?.phone == null ? '' : readablePhone(person.phone),
      mail: person?.mail ?? '',
      hours: person?.hours ?? [NIGHTS],
      reason: '',
    },
  })
}

/** Saves the person: at once, or as a change that another account puts in force. */
function useSave(of: {
  readonly scheme: SchemeView
  readonly person: OnCallPerson | null
  readonly form: Form
  readonly settings: readonly SettingName[]
  readonly onSaved: () => void
}) {
  const { t } = useText()
  const { scheme, person, form, settings } = of
  const [id] = useState(newId)
  return useAction(
    ({ reason, ...values }: typeof form.values) => {
      const body = {
        ...values,
        ...(settings.length > 0 && { reason }),
        service: values.role === 'magistrate' ? values.service : '',
        userId: values.userId || null,
        agencyId: values.agencyId || null,
      }
      const hours = values.role === 'agency' ? [] : values.hours
      return person === null
        ? callApi('addOnCallPerson', { params: { scheme: scheme.id }, body: { id, ...body, hours } })
        : callApi('changeOnCallPerson', {
            params: { scheme: scheme.id, id: person.id },
            body: { ...body, hours, version: person.version },
          })
    },
    {
      form,
      refresh: [rotaQuery(scheme.id).queryKey, settingChangesQuery(scheme.id).queryKey],
      refreshAfterFailure: [rotaQuery(scheme.id).queryKey],
      success: ({ proposed }, { name }) =>
        proposed === null ? t('settings.onCall.saved', { name }) : t('settingChange.proposed'),
      onSuccess: of.onSaved,
    },
  )
}

/** The fields that depend on the role: service and account of a person, or the agency. */
function WhoFields(props: { scheme: SchemeView; rota: OnCallRota; form: Form }) {
  const { t } = useText()
  const { scheme, rota, form } = props
  const { values } = form
  const accounts = rota.accounts.filter(({ roles }) =>
    roles.includes(values.role === 'magistrate' ? 'magistrate' : 'chief'),
  )
  return (
    <>
      {values.role === 'magistrate' && (
        <TextInput
          label={t('settings.onCall.service')}
          required={values.userId === ''}
          maxLength={120}
          autoComplete="off"
          {...form.getInputProps('service')}
        />
      )}
      {values.role !== 'agency' && (
        <NativeSelect
          label={t('settings.onCall.account')}
          description={t(
            values.role === 'magistrate'
              ? 'settings.onCall.account.magistrate'
              : 'settings.onCall.account.what',
          )}
          data={[
            { value: '', label: t('settings.onCall.account.none') },
            ...accounts.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          {...form.getInputProps('userId')}
        />
      )}
      {values.role === 'agency' && (
        <NativeSelect
          label={t('settings.onCall.agency')}
          description={t('settings.onCall.agency.what')}
          required
          data={[
            { value: '', label: t('settings.onCall.agency.choose') },
            ...scheme.agencies
              .filter(({ kind }) => kind === 'police' || kind === 'gendarmerie')
              .map(({ id, name }) => ({ value: id, label: name })),
          ]}
          {...form.getInputProps('agencyId')}
        />
      )}
    </>
  )
}

/** The hours in which the person is called, by ranges. */
function HoursList(props: { hours: readonly OnCallHours[]; onChange: (hours: OnCallHours[]) => void }) {
  const { t } = useText()
  const { hours: all, onChange } = props
  return (
    <fieldset className={classes.fieldset}>
      <legend>{t('settings.onCall.when')}</legend>
      <p className={classes.mute}>{t('settings.onCall.when.what')}</p>
      {all.map((hours, index) => (
        <HoursFields
          // biome-ignore lint/suspicious/noArrayIndexKey: ranges have no other identity
          key={index}
          hours={hours}
          onChange={(next) => onChange(all.map((one, at) => (at === index ? next : one)))}
          onRemove={() => onChange(all.filter((_, at) => at !== index))}
        />
      ))}
      <div>
        <Button
          variant="default"
          size="xs"
          onClick={() => onChange([...all, { days: ALL_DAYS, from: '08:00', to: '20:00', rank: 1 }])}
        >
          {t('settings.onCall.hours.add')}
        </Button>
      </div>
    </fieldset>
  )
}

/** Returns the settings under the rule of two people that are changed: a magistrate, except for the hours on call. */
function magistrateSettings(
  person: OnCallPerson | null,
  values: Readonly<Record<'role' | 'name' | 'service' | 'userId' | 'phone' | 'mail', string>>,
): SettingName[] {
  if (person === null) return values.role === 'magistrate' ? ['magistrates.add'] : []
  if (person.role !== 'magistrate' && values.role !== 'magistrate') return []
  const isSame =
    person.role === values.role &&
    person.name === values.name.trim() &&
    (person.service ?? '') === values.service.trim() &&
    (person.userId ?? '') === values.userId &&
    (person.phone === null ? '' : readablePhone(person.phone)) === values.phone.trim() &&
    (person.mail ?? '') === values.mail.trim()
  return isSame ? [] : ['magistrates.change']
}

function HoursFields(props: {
  hours: OnCallHours
  onChange: (hours: OnCallHours) => void
  onRemove: () => void
}) {
  const { t, lang } = useText()
  const words = useDayWords()
  const { hours, onChange } = props
  const short = new Intl.DateTimeFormat(lang, { weekday: 'short', timeZone: 'UTC' })
  return (
    <fieldset className={classes.range} aria-label={t('settings.onCall.range')}>
      <Chip.Group
        multiple
        value={hours.days.map(String)}
        onChange={(days) =>
          // At least one day stays: a range without one means nothing.
          days.length > 0 && onChange({ ...hours, days: days.map(Number).sort((a, b) => a - b) })
        }
      >
        <Group gap={4}>
          {ALL_DAYS.map((day) => (
            <Chip key={day} value={String(day)} size="xs" aria-label={words(day * 1440, 'day')}>
              {short.format(Date.UTC(2026, 0, 5 + day))}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <div className={classes.times}>
        <DateField
          kind="time"
          alwaysSet
          label={t('settings.onCall.from')}
          value={hours.from}
          onChange={(from) => onChange({ ...hours, from })}
        />
        <DateField
          kind="time"
          alwaysSet
          label={t('settings.onCall.to')}
          value={hours.to}
          onChange={(to) => onChange({ ...hours, to })}
        />
        <NativeSelect
          label={t('settings.onCall.rank')}
          data={[1, 2, 3, 4, 5].map((rank) => ({
            value: String(rank),
            label: t('settings.onCall.rank.value', { rank }),
          }))}
          value={String(hours.rank)}
          onChange={(event) => onChange({ ...hours, rank: Number(event.currentTarget.value) })}
        />
        <Button variant="subtle" color="gray" onClick={props.onRemove}>
          {t('settings.onCall.hours.remove')}
        </Button>
      </div>
    </fieldset>
  )
}
