import { Checkbox, Radio, Stack } from '@mantine/core'
import type { QuietHours } from '../../../../src/schemes/settings/care.ts'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { hourOf, minutesOf } from '../../../ui/fields/hours.ts'
import { useText } from '../../../ui/format/text.ts'
import { NumberField, Setting, Value } from '../Setting.tsx'
import classes from '../Settings.module.css'
import { DoctrineForm } from './DoctrineForm.tsx'
import type { SettingPath } from './draft.ts'
import type { DoctrineDraft } from './useDoctrineDraft.ts'

/** Initial quiet hours: 21:00 to 07:00. */
const PROPOSED: QuietHours = { from: 21 * 60, to: 7 * 60 }
/** Initial limits. */
const LIMIT = { alert: 7, notice: 2 }

const FIELDS = [
  'care.budgetPerWeek.alert',
  'care.budgetPerWeek.notice',
  'care.digestAt',
] as const satisfies SettingPath[]

/** The limits by which the scheme protects its members from too many alerts. */
export function CareSection(props: { draft: DoctrineDraft }) {
  const { t } = useText()
  const { draft } = props
  return (
    <DoctrineForm draft={draft} fields={FIELDS}>
      <Budget draft={draft} severity="alert" />
      <Budget draft={draft} severity="notice" />
      <Quiet draft={draft} />
      <Setting name={t('settings.quiet.over')} what={t('settings.quiet.over.what')}>
        {(described) =>
          draft.mayChange ? (
            <Radio.Group
              {...described}
              value={draft.value('care.quietOverriddenBy')}
              onChange={(value) => draft.change('care.quietOverriddenBy', value)}
            >
              <Stack gap={10}>
                <Radio value="vital" label={t('settings.quiet.over.vital')} />
                <Radio value="alert" label={t('settings.quiet.over.alert')} />
              </Stack>
            </Radio.Group>
          ) : (
            <Value>
              {t(
                draft.value('care.quietOverriddenBy') === 'alert'
                  ? 'settings.quiet.over.alert'
                  : 'settings.quiet.over.vital',
              )}
            </Value>
          )
        }
      </Setting>
      <Digest draft={draft} />
    </DoctrineForm>
  )
}

/** Sets the weekly limit of alerts of one severity. */
function Budget(props: { draft: DoctrineDraft; severity: 'alert' | 'notice' }) {
  const { t } = useText()
  const { draft, severity } = props
  const path = `care.budgetPerWeek.${severity}` as const
  const limit = draft.value(path)
  const name = t(`settings.budget.${severity}`)
  return (
    <Setting name={name} what={t(`settings.budget.${severity}.what`)}>
      {(described) =>
        draft.mayChange ? (
          <div className={classes.budget}>
            <NumberField
              {...described}
              value={limit}
              unit={t('settings.unit.perWeek')}
              disabled={limit === null}
              error={draft.problem(path)}
              onChange={(value) => draft.change(path, value)}
            />
            <Checkbox
              label={t('settings.budget.none')}
              aria-label={`${name} : ${t('settings.budget.none')}`}
              checked={limit === null}
              onChange={(event) => draft.change(path, event.currentTarget.checked ? null : LIMIT[severity])}
            />
          </div>
        ) : (
          <Value>
            {limit === null ? t('settings.budget.none') : `${limit} ${t('settings.unit.perWeek')}`}
          </Value>
        )
      }
    </Setting>
  )
}

/** Sets the quiet hours of members without hours of their own. */
function Quiet(props: { draft: DoctrineDraft }) {
  const { t } = useText()
  const { draft } = props
  const quiet = draft.value('care.quiet') as QuietHours | null
  const hasHours = quiet !== null && quiet.from !== quiet.to
  const set = (from: number, to: number) => draft.change('care.quiet', { from, to })
  return (
    <Setting name={t('settings.quiet')} what={t('settings.quiet.what')}>
      {(described) =>
        draft.mayChange ? (
          <>
            <Radio.Group
              {...described}
              value={quiet === null ? 'none' : 'some'}
              onChange={(value) => draft.change('care.quiet', value === 'none' ? null : PROPOSED)}
            >
              <Stack gap={10}>
                <Radio value="none" label={t('settings.quiet.none')} />
                <Radio value="some" label={t('settings.quiet.some')} />
              </Stack>
            </Radio.Group>
            {quiet !== null && (
              <div className={classes.hours}>
                <HourField
                  label={t('care.from')}
                  minutes={quiet.from}
                  onChange={(from) => set(from, quiet.to)}
                />
                <HourField
                  label={t('care.to')}
                  minutes={quiet.to}
                  error={hasHours ? undefined : t('settings.quiet.same')}
                  onChange={(to) => set(quiet.from, to)}
                />
              </div>
            )}
          </>
        ) : (
          <Value>
            {hasHours
              ? t('settings.quiet.fromTo', { from: hourOf(quiet.from), to: hourOf(quiet.to) })
              : t('settings.quiet.none')}
          </Value>
        )
      }
    </Setting>
  )
}

function Digest(props: { draft: DoctrineDraft }) {
  const { t } = useText()
  const { draft } = props
  const at = draft.value('care.digestAt') as number
  return (
    <Setting name={t('settings.digest')} what={t('settings.digest.what')}>
      {(described) =>
        draft.mayChange ? (
          <HourField
            {...described}
            minutes={at}
            error={draft.problem('care.digestAt')}
            onChange={(minutes) => draft.change('care.digestAt', minutes)}
          />
        ) : (
          <Value>{hourOf(at)}</Value>
        )
      }
    </Setting>
  )
}

/** A field for a time of day. */
function HourField(props: {
  label?: string
  'aria-labelledby'?: string
  'aria-describedby'?: string
  minutes: number
  error?: string | undefined
  onChange: (minutes: number) => void
}) {
  const { minutes, error, onChange, ...named } = props
  return (
    <DateField
      {...named}
      kind="time"
      alwaysSet
      className={classes.hour ?? ''}
      value={hourOf(minutes)}
      error={error ?? false}
      onChange={(typed) => {
        const chosen = minutesOf(typed)
        if (chosen !== undefined) onChange(chosen)
      }}
    />
  )
}
