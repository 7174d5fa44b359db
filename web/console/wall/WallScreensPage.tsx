import { Button } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { callApi } from '../../api/client.ts'
import { newId } from '../../api/ids.ts'
import { useAction } from '../../api/useAction.ts'
import { momentOf, timeOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './WallScreens.module.css'

const ADDRESS = '/mur'

const wallsQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['walls', schemeId],
    queryFn: ({ signal }) => callApi('listWalls', { params: { scheme: schemeId }, signal }),
  })

/** The screens on the wall of the control room: opens one in this browser, lists and closes those that are open. */
export function WallScreensPage() {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const now = useMinute()
  const params = { scheme: scheme.id }
  const walls = useQuery(wallsQuery(scheme.id))
  const refresh = [wallsQuery(scheme.id).queryKey]
  const [id, setId] = useState(newId)
  const open = useAction(() => callApi('openWall', { params, body: { id } }), {
    refresh,
    onSuccess: () => {
      setId(newId())
      window.open(ADDRESS, '_blank', 'noopener')
    },
  })
  const close = useAction((id: string) => callApi('closeWall', { params: { ...params, id } }), { refresh })
  return (
    <Page title={t('nav.wall')} lead={t('wall.lead')}>
      <div className={classes.open}>
        <Button loading={open.isPending} onClick={() => open.mutate()}>
          {t('wall.open')}
        </Button>
        {open.isSuccess && (
          <a href={ADDRESS} target="_blank" rel="noopener">
            {t('wall.show')}
          </a>
        )}
      </div>
      <Failure error={open.failure ?? close.failure ?? walls.error} />
      <section aria-labelledby="ouverts">
        <h2 id="ouverts">{t('wall.opened')}</h2>
        {walls.data?.displays.length === 0 && <Empty small title={t('wall.opened.none')} />}
        <ul className={classes.list}>
          {walls.data?.displays.map((display) => (
            <li key={display.id}>
              <span>
                <strong>{t('wall.opened.by', { name: display.openedBy })}</strong>
                <small>
                  {t('wall.opened.span', {
                    from: momentOf(lang, display.openedAt, now),
                    until: timeOf(lang, display.expiresAt),
                  })}
                </small>
              </span>
              <Button
                variant="default"
                loading={close.isPending && close.variables === display.id}
                onClick={() => close.mutate(display.id)}
              >
                {t('wall.close')}
              </Button>
            </li>
          ))}
        </ul>
      </section>
    </Page>
  )
}
