import { queryOptions, useQuery } from '@tanstack/react-query'
import type { ReturnedText } from '../../../../src/alerts/approval/contract.ts'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../../api/client.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from './ReturnedBefore.module.css'

/** Stored under the key of the alert, so that its events refresh it. */
const returnedVersionQuery = (schemeId: string, alertId: string) =>
  queryOptions({
    queryKey: ['alert', schemeId, alertId, 'returned'],
    queryFn: async ({ signal }) =>
      (await callApi('getReturnedVersion', { params: { scheme: schemeId, id: alertId }, signal })).returned,
  })

/** Shows why an alert that is submitted again was returned, and what changed since. */
export function ReturnedBefore(props: { alert: AlertView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { alert } = props
  const query = returnedVersionQuery(scheme.id, alert.id)
  const before = useQuery({ ...query, enabled: may('alert.read_precise') }).data
  if (before == null) return null
  const members = alert.submission?.members ?? null
  const changes = [
    before.areaLabel !== alert.areaLabel &&
      t('returned.changed.area', { before: before.areaLabel, after: alert.areaLabel }),
    before.trades.join() !== alert.trades.join() && t('returned.changed.trades'),
    before.level !== alert.doctrine.level && t('returned.changed.level'),
    before.members !== null &&
      members !== null &&
      before.members !== members &&
      t('returned.changed.members', { before: before.members, after: members }),
  ]
  return <Returned before={before} text={alert.text} changes={changes} />
}

/** Shows why a follow-up that is submitted again was returned, and what changed since. */
export function FollowUpReturnedBefore(props: { followUp: FollowUpView }) {
  const { t } = useText()
  const { returned: before, kind, level, text } = props.followUp
  if (before === null) return null
  const changes = [
    before.kind !== kind &&
      t('returned.changed.kind', { before: t(`message.${before.kind}`), after: t(`message.${kind}`) }),
    before.level !== level && t('returned.changed.level'),
  ]
  return <Returned before={before} text={text} changes={changes} />
}

function Returned(props: {
  before: ReturnedText
  /** The text as it is now. */
  text: string
  /** Changes besides that of the text, in words. */
  changes: readonly (string | false)[]
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { before, text } = props
  const changes = [before.text !== text && t('returned.changed.text'), ...props.changes].filter(
    (change) => change !== false,
  )
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
      {before.text !== text && (
        <details>
          <summary>{t('returned.oldText')}</summary>
          <p className={classes.old}>{before.text}</p>
        </details>
      )}
    </section>
  )
}
