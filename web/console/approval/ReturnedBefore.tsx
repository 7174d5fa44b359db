import { queryOptions, useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { callApi } from '../../api/client.ts'
import { whenOf } from '../../ui/format.ts'
import { useMinute } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './ReturnedBefore.module.css'

/** Stored under the key of the alert, so that its events refresh it. */
const returnedVersionQuery = (schemeId: string, alertId: string) =>
  queryOptions({
    queryKey: ['alert', schemeId, alertId, 'returned'],
    queryFn: async ({ signal }) =>
      (await callApi('getReturnedVersion', { params: { scheme: schemeId, id: alertId }, signal })).returned,
  })

/** Of an alert that was returned and submitted again: why, and what changed since. */
export function ReturnedBefore(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const now = useMinute()
  const { alert } = props
  const query = returnedVersionQuery(scheme.id, alert.id)
  const before = useQuery({ ...query, enabled: may('alert.read_precise') }).data
  if (before == null) return null
  const members = alert.submission?.members ?? null
  const changes = [
    before.text !== alert.text && t('returned.changed.text'),
    before.areaLabel !== alert.areaLabel &&
      t('returned.changed.area', { before: before.areaLabel, after: alert.areaLabel }),
    before.trades.join() !== alert.trades.join() && t('returned.changed.trades'),
    before.level !== alert.doctrine.level && t('returned.changed.level'),
    before.members !== null &&
      members !== null &&
      before.members !== members &&
      t('returned.changed.members', { before: before.members, after: members }),
  ].filter((change) => change !== false)
  return (
    <section className={classes.returned} aria-label={t('returned.before')}>
      <p>
        <b>{t('returned.by', { who: before.by, when: whenOf(lang, before.at, now) })}</b>{' '}
        {t('text.quote', { text: before.reason })}
      </p>
      <p>
        {changes.length === 0
          ? t('returned.same')
          : t('returned.since', { changes: new Intl.ListFormat(lang).format(changes) })}
      </p>
      {before.text !== alert.text && (
        <details>
          <summary>{t('returned.oldText')}</summary>
          <p className={classes.old}>{before.text}</p>
        </details>
      )}
    </section>
  )
}
