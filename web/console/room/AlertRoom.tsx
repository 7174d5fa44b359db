import { Skeleton, VisuallyHidden } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { schemeQuery } from '../../api/queries.ts'
import { useText } from '../../ui/format/text.ts'
import { markShown } from '../../ui/loading/afterShown.ts'
import { Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './AlertRoom.module.css'
import { Room } from './Room.tsx'

/** The alert room: the call, the decision, the message, its audience and the consequences, on one screen. */
export function AlertRoom() {
  const { t } = useText()
  const { scheme } = useCurrent()
  usePageTitle(t('nav.room'))
  const view = useQuery(schemeQuery(scheme.id))
  const isSettled = !view.isPending
  useEffect(() => {
    if (isSettled) markShown()
  }, [isSettled])
  return (
    <>
      <VisuallyHidden>
        <h1>{t('nav.room')}</h1>
      </VisuallyHidden>
      {view.isLoadingError ? (
        <div className={classes.failed}>
          <Failure error={view.error} retry={() => void view.refetch()} />
        </div>
      ) : view.data === undefined ? (
        <div className={classes.room} role="status" aria-label={t('shell.loading')}>
          <Skeleton radius="lg" />
          <Skeleton radius="lg" />
          <Skeleton radius="lg" />
        </div>
      ) : (
        <Room key={scheme.id} scheme={view.data} />
      )}
    </>
  )
}
