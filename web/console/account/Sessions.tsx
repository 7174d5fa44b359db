import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { Failure } from '../../ui/Notice.tsx'
import { SessionRow } from '../../ui/SessionRow.tsx'
import { useText } from '../../ui/text.ts'
import classes from './Account.module.css'
import { ownSessionsQuery } from './queries.ts'

/** The browsers that are signed in to the account, that of the user first; any other can be ended. */
export function Sessions() {
  const { t } = useText()
  const list = useQuery(ownSessionsQuery)
  const end = useAction(
    (id?: string) => callApi('endOwnSessions', { body: id === undefined ? {} : { id } }),
    { stores: ownSessionsQuery.queryKey, success: t('sessions.ended') },
  )
  const { current, sessions } = list.data ?? { current: '', sessions: [] }
  const others = sessions.filter(({ id }) => id !== current)
  const own = sessions.find(({ id }) => id === current)
  return (
    <section className={classes.card} aria-labelledby="sessions">
      <h2 id="sessions">{t('sessions.title')}</h2>
      <p className={classes.hint}>{t('sessions.what')}</p>
      {list.isPending && <Skeleton height={96} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && (
        <ul className={classes.rows}>
          {[...(own === undefined ? [] : [own]), ...others].map((session) => (
            <SessionRow
              key={session.id}
              session={session}
              isOwn={session.id === current}
              isEnding={end.isPending}
              onEnd={() => end.mutate(session.id)}
            />
          ))}
        </ul>
      )}
      <Failure error={end.failure} />
      {others.length > 0 && (
        <div className={classes.actions}>
          <Button variant="default" loading={end.isPending} onClick={() => end.mutate(undefined)}>
            {t('sessions.endOthers')}
          </Button>
        </div>
      )}
    </section>
  )
}
