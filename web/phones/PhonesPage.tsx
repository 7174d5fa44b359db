import { Button, Skeleton } from '@mantine/core'
import IconDeviceMobile from '@tabler/icons-react/icons/IconDeviceMobile'
import IconDeviceMobileVibration from '@tabler/icons-react/icons/IconDeviceMobileVibration'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Handset, HandsetEvent } from '../../src/demo/contract.ts'
import { listenToStream } from '../api/live.ts'
import { aboutQuery } from '../api/queries.ts'
import { useMaybeCurrent } from '../console/shell/current.tsx'
import { SearchField } from '../ui/fields/SearchField.tsx'
import { useText } from '../ui/format/text.ts'
import { NotFoundPage } from '../ui/frame/NotFoundPage.tsx'
import { Empty, Failure } from '../ui/Notice.tsx'
import { Page } from '../ui/Page.tsx'
import { HandsetDrawer } from './HandsetDrawer.tsx'
import { HandsetTile } from './HandsetTile.tsx'
import classes from './Phones.module.css'
import { handsetsQuery } from './queries.ts'
import { Received } from './Received.tsx'

/** Messages arrive by the hundred, so the display is updated a few times a second instead of for each. */
const SHOW_EVERY_MS = 120
const RING_MS = 2600

/** The wall of simulated phones, which receive what the console sends. */
export function PhonesPage() {
  const { t } = useText()
  const client = useQueryClient()
  const navigate = useNavigate()
  const current = useMaybeCurrent()
  const { q = '', tel } = useSearch({ from: '/shell/telephones' })
  const about = useQuery(aboutQuery).data
  const demo = about?.demo === true
  const key = handsetsQuery(q).queryKey
  const handsets = useQuery({ ...handsetsQuery(q), enabled: demo })
  const [ringing, setRinging] = useState<ReadonlySet<string>>(new Set())
  const [received, setReceived] = useState(0)
  const waiting = useRef<HandsetEvent[]>([])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is made of q
  useEffect(() => {
    if (!demo) return
    let unknown = false
    const timers = new Set<ReturnType<typeof setTimeout>>()
    const show = () => {
      const events = waiting.current
      if (events.length === 0) return
      waiting.current = []
      client.setQueryData<Handset[]>(key, (before = []) => {
        const byPhone = new Map(before.map((handset) => [handset.phone, handset]))
        for (const event of events) {
          const handset = byPhone.get(event.phone)
          if (handset === undefined) unknown = true
          else if (event.type === 'state') byPhone.set(event.phone, { ...handset, state: event.state })
          else byPhone.set(event.phone, { ...handset, messages: [event.message, ...handset.messages] })
        }
        return [...byPhone.values()]
      })
      const rung = events.filter((event) => event.type === 'message').map((event) => event.phone)
      setReceived((count) => count + rung.length)
      setRinging((before) => new Set([...before, ...rung]))
      const timer = setTimeout(() => {
        timers.delete(timer)
        setRinging((before) => new Set([...before].filter((phone) => !rung.includes(phone))))
        // New phones appear once the others have stopped ringing.
        if (unknown) {
          unknown = false
          void client.invalidateQueries({ queryKey: ['handsets'] })
        }
      }, RING_MS)
      timers.add(timer)
    }
    const interval = setInterval(show, SHOW_EVERY_MS)
    const stop = listenToStream('watchHandsets', {}, ['message', 'state'], {
      message: (event) => waiting.current.push(event),
      state: () => {},
    })
    return () => {
      stop()
      clearInterval(interval)
      for (const timer of timers) clearTimeout(timer)
    }
  }, [client, q, demo])

  const go = (search: { q?: string | undefined; tel?: string | undefined }) =>
    void navigate({
      to: '/telephones',
      search: Object.fromEntries(Object.entries({ q, tel, ...search }).filter(([, value]) => value)),
      replace: true,
    })
  // A production installation has no page of the demo.
  if (about?.demo === false) return <NotFoundPage />
  const all = handsets.data ?? []
  const quiet = all.every((handset) => handset.messages.length === 0)

  return (
    <Page
      title={t('nav.phones')}
      lead={t('phones.lead')}
      aside={
        <>
          <Received shown="phones" />
          <SearchField
            label={t('phones.search')}
            value={q}
            onSearch={(next) => go({ q: next })}
            className={classes.search ?? ''}
          />
        </>
      }
    >
      <p role="status" aria-live="polite" className={classes.received} data-some={received > 0 || undefined}>
        <IconDeviceMobileVibration size={18} aria-hidden />
        {t('phones.received', { count: received })}
      </p>
      {handsets.isError && <Failure error={handsets.error} retry={() => void handsets.refetch()} />}
      {handsets.isPending && <Skeleton height={320} radius="lg" />}
      {handsets.isSuccess && all.length === 0 && (
        <Empty icon={<IconDeviceMobile size={36} stroke={1.4} aria-hidden />} title={t('phones.none')}>
          {q === '' ? t('phones.none.hint') : t('filter.none.hint')}
        </Empty>
      )}
      {all.length > 0 && quiet && q === '' && (
        <div className={classes.how}>
          <p>{t('phones.quiet')}</p>
          <Button
            component={Link}
            to={current?.may('alert.compose') ? '/salle' : '/'}
            size="sm"
            variant="default"
          >
            {current?.may('alert.compose') ? t('action.toRoom') : t('phones.toStart')}
          </Button>
        </div>
      )}
      <ul className={classes.wall}>
        {all.map((handset) => (
          <li key={handset.phone}>
            <HandsetTile
              handset={handset}
              ringing={ringing.has(handset.phone)}
              onOpen={() => go({ tel: handset.phone })}
            />
          </li>
        ))}
      </ul>
      <HandsetDrawer
        handset={all.find((handset) => handset.phone === tel) ?? null}
        onClose={() => go({ tel: undefined })}
      />
    </Page>
  )
}
