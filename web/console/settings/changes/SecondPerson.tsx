import { Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { SettingName, SettingSubject } from '../../../../src/settings/rules.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from './Changes.module.css'
import { governedOf, isCooled } from './needs.ts'
import { settingChangesQuery } from './queries.ts'

/**
 * Says before saving that another person puts the change in force, who, and when, and asks why. Renders nothing when none of the
 * settings needs it.
 */
export function SecondPerson(props: {
  subject: SettingSubject
  /** The settings that would be saved. */
  settings: readonly SettingName[]
  reason: string
  onReason: (reason: string) => void
  error: ReactNode
}) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { subject, settings } = props
  const governed = governedOf(settings)
  const changes = useQuery({ ...settingChangesQuery(scheme.id), enabled: governed.length > 0 }).data
  if (governed.length === 0) return null
  const rule = changes?.rules.find((one) => one.subject === subject)
  if (rule?.first === true) return <p className={classes.second}>{t('settingChange.first')}</p>
  const others = rule?.others
  const cools = rule?.cools === true
  const cooled = governed.filter(isCooled)
  const hours = changes?.coolingHours ?? 0
  return (
    <div className={classes.second}>
      {others !== undefined && (
        <p>
          {others.length === 0
            ? t(cools ? 'settingChange.alone.unsure' : 'settingChange.alone')
            : t('settingChange.will', {
                others: new Intl.ListFormat(lang, { type: 'disjunction' }).format(others),
              })}{' '}
          {(cools || cooled.length > 0) &&
            hours > 0 &&
            t(cools ? 'settingChange.cooling.unsure' : 'settingChange.cooling.hours', { hours })}{' '}
          {governed.length < settings.length && t('settingChange.rest')}
        </p>
      )}
      <Textarea
        label={t(others?.length === 0 ? 'settingChange.declare' : 'settingChange.why')}
        required
        autosize
        minRows={1}
        maxRows={4}
        maxLength={500}
        data-path="reason"
        value={props.reason}
        error={props.error}
        onChange={(event) => props.onReason(event.currentTarget.value)}
      />
    </div>
  )
}
