import { VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useText } from '../../../ui/format/text.ts'
import badge from '../../approval/mine/ToDecide.module.css'
import type { Current } from '../../shell/current.tsx'
import { settingChangesQuery } from './queries.ts'

/** Counts the changes of settings that wait for the user. Renders nothing if there are none. */
export function ToSettle(props: { current: Current }) {
  const { t } = useText()
  const { current } = props
  const changes = useQuery({
    ...settingChangesQuery(current.scheme.id),
    enabled: current.may('setting_change.read'),
  }).data
  const count = (changes?.waiting ?? []).filter(({ may }) => may.reject || may.putInForce).length
  if (count === 0) return null
  return (
    <span className={badge.count}>
      <span aria-hidden>{count}</span>
      <VisuallyHidden>{t('settingChange.count', { count })}</VisuallyHidden>
    </span>
  )
}
