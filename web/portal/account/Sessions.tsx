import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import { ownSessionsQuery } from '../../api/portal.ts'
import { useAction } from '../../api/useAction.ts'
import { SessionCards } from '../../ui/account/SessionCards.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import classes from '../Portal.module.css'

/** The phones and computers on which the portal is open with this number or address; any other can be signed out. */
export function Sessions() {
  const { t } = useText()
  const list = useQuery(ownSessionsQuery)
  const end = useAction(
    (id: string | undefined) => callApi('endContactSessions', { body: id === undefined ? {} : { id } }),
    { session: 'portal', stores: ownSessionsQuery.queryKey, success: t('sessions.ended') },
  )
  return (
    <section className={classes.card} aria-labelledby="sessions">
      <h2 id="sessions">{t('portal.sessions')}</h2>
      <p className={classes.hint}>{t('portal.sessions.what')}</p>
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={48} />}
      {list.data !== undefined && (
        <SessionCards list={list.data} isEnding={end.isPending} onEnd={end.mutate} />
      )}
      <Failure error={end.failure} />
    </section>
  )
}
