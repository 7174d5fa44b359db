import { Skeleton } from '@mantine/core'
import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useQuery } from '@tanstack/react-query'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import settings from '../Settings.module.css'
import { ChangeCard } from './ChangeCard.tsx'
import classes from './Changes.module.css'
import { settingChangesQuery } from './queries.ts'

/** The changes that wait for a second person, and those that were decided, with both names. */
export function ChangesSection() {
  const { t } = useText()
  const { scheme } = useCurrent()
  const changes = useQuery(settingChangesQuery(scheme.id))
  if (changes.isLoadingError) return <Failure error={changes.error} retry={() => void changes.refetch()} />
  if (changes.data === undefined) return <Skeleton height={160} />
  const { waiting } = changes.data
  return (
    <>
      {waiting.length === 0 ? (
        <section className={settings.card}>
          <Empty icon={<IconUsers size={36} stroke={1.4} aria-hidden />} title={t('settingChange.none')}>
            <p>{t('settingChange.none.hint')}</p>
          </Empty>
        </section>
      ) : (
        <section className={classes.list} aria-label={t('settingChange.waiting')}>
          {waiting.map((change) => (
            <ChangeCard key={change.id} change={change} />
          ))}
        </section>
      )}
      <PastChanges />
    </>
  )
}

/** The changes that were decided or expired. Renders nothing if there are none. */
export function PastChanges() {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const changes = useQuery({ ...settingChangesQuery(scheme.id), enabled: may('setting_change.read') }).data
  const past = changes?.past ?? []
  if (past.length === 0) return null
  return (
    <section className={classes.list} aria-labelledby="changements-passes">
      <h3 id="changements-passes" className={settings.cardTitle}>
        {t('settingChange.past')}
      </h3>
      {past.map((change) => (
        <ChangeCard key={change.id} change={change} heading="h4" />
      ))}
    </section>
  )
}
