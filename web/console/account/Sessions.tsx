import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { SessionCards } from '../../ui/account/SessionCards.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import classes from './Account.module.css'
import { ownSessionsQuery } from './queries.ts'

/** The browsers that are signed in to the account, that of the user first; any other can be ended. */
export function Sessions() {
  const { t } = useText()
  const list = useQuery(ownSessionsQuery)
  const end = useAction(
    (id: string | undefined) => callApi('endOwnSessions', { body: id === undefined ? {} : { id } }),
    { stores: ownSessionsQuery.queryKey, success: t('sessions.ended') },
  )
  return (
    <section className={classes.card} aria-labelledby="sessions">
      <h2 id="sessions">{t('sessions.title')}</h2>
      <p className={classes.hint}>{t('sessions.what')}</p>
      {list.isPending && <Skeleton height={96} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data !== undefined && (
        <SessionCards list={list.data} isEnding={end.isPending} onEnd={end.mutate} />
      )}
      <Failure error={end.failure} />
    </section>
  )
}
