import { useQuery } from '@tanstack/react-query'
import type { SettingName } from '../../../../src/settings/rules.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import { ChangeCard } from './ChangeCard.tsx'
import classes from './Changes.module.css'
import { settingChangesQuery } from './queries.ts'

/** The changes that wait for another person, of the settings of one section. Renders nothing if there are none. */
export function Waiting(props: { isHere: (setting: SettingName) => boolean }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const changes = useQuery({ ...settingChangesQuery(scheme.id), enabled: may('setting_change.read') }).data
  const waiting = (changes?.waiting ?? []).filter(({ parts }) =>
    parts.some(({ setting }) => props.isHere(setting)),
  )
  if (waiting.length === 0) return null
  return (
    <section className={classes.list} aria-label={t('settingChange.waiting')}>
      {waiting.map((change) => (
        <ChangeCard key={change.id} change={change} />
      ))}
    </section>
  )
}
