import { Button } from '@mantine/core'
import IconArrowsMaximize from '@tabler/icons-react/icons/IconArrowsMaximize'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import type { WallView } from '../../src/alerts/wall/contract.ts'
import { callApi } from '../api/client.ts'
import { setTimeZone } from '../api/clock.ts'
import { isRefusal } from '../api/problems.ts'
import { Clock } from '../ui/alert/Clock.tsx'
import { ExerciseTag } from '../ui/alert/Exercise.tsx'
import { countOf, momentOf, timeOf } from '../ui/format/format.ts'
import { useNow } from '../ui/format/now.ts'
import { CategoryName } from '../ui/format/severity.tsx'
import { useText } from '../ui/format/text.ts'
import { usePageTitle } from '../ui/Page.tsx'
import classes from './Wall.module.css'

const EVERY_MS = 5000
/** Older than this, what is shown may be wrong. */
const STALE_MS = 20_000
/** Lines that the smallest wall has room for; the counts beside the titles are of all. */
const LINES = 4

/** A screen on the wall of a control room: dark, large, without names, numbers or texts. */
export function WallPage() {
  const { t } = useText()
  usePageTitle(t('wall.title'))
  useDark()
  const wall = useQuery({
    queryKey: ['wall'],
    // Null: the display is closed.
    queryFn: async ({ signal }) => {
      try {
        return await callApi('readWall', { signal })
      } catch (error) {
        if (isRefusal(error, 'not_signed_in')) return null
        throw error
      }
    },
    refetchInterval: EVERY_MS,
    refetchIntervalInBackground: true,
    gcTime: Number.POSITIVE_INFINITY,
  })
  if (wall.data === null) return <Closed />
  if (wall.data === undefined)
    return (
      <main className={classes.closed}>
        <h1>{t('wall.title')}</h1>
        <p role={wall.isError ? 'alert' : 'status'}>
          {t(wall.isError ? 'wall.unreachable' : 'shell.loading')}
        </p>
      </main>
    )
  setTimeZone(wall.data.scheme.timeZone)
  return <Wall view={wall.data} failed={wall.isError} />
}

const SCHEME = 'data-mantine-color-scheme'

/** Shows the page dark until it is left, whatever was chosen for the console, and when the system turns light in the morning. */
function useDark(): void {
  useEffect(() => {
    const page = document.documentElement
    let wanted: string | null = null
    const keepDark = () => {
      wanted = page.getAttribute(SCHEME)
      page.setAttribute(SCHEME, 'dark')
      // The change just made is not the wish of a user.
      observer.takeRecords()
    }
    const observer = new MutationObserver(keepDark)
    observer.observe(page, { attributes: true, attributeFilter: [SCHEME] })
    keepDark()
    return () => {
      observer.disconnect()
      if (wanted !== null) page.setAttribute(SCHEME, wanted)
    }
  }, [])
}

function Closed() {
  const { t } = useText()
  return (
    <main className={classes.closed}>
      <h1>{t('wall.closed')}</h1>
      <p>{t('wall.closed.why')}</p>
      <Button component={Link} to="/salle/mural" size="lg">
        {t('wall.closed.open')}
      </Button>
    </main>
  )
}

function Wall(props: { view: WallView; failed: boolean }) {
  const { t, lang } = useText()
  const { view } = props
  const now = useNow()
  const isStale = props.failed || now - Date.parse(view.at) > STALE_MS
  return (
    <main className={classes.wall} data-stale={isStale || undefined}>
      <header className={classes.head}>
        <h1>{view.scheme.name}</h1>
        <div role="alert">
          {isStale && (
            <p className={classes.lost}>{t('wall.stale', { when: momentOf(lang, view.at, now) })}</p>
          )}
        </div>
        {!isStale && (
          <p className={classes.sms} data-sms={view.messages}>
            {t(`status.messages.${view.messages}`)}
          </p>
        )}
        <time className={classes.time}>{timeOf(lang, now)}</time>
      </header>
      <dl className={classes.figures}>
        <Figure label={t('wall.waiting')} count={view.waiting} isUrgent={view.waiting > 0} />
        <Figure label={t('wall.submitted')} count={view.submitted} isUrgent={view.submitted > 0} />
        <Figure label={t('wall.inProgress')} count={view.inProgress} />
        <Figure label={t('wall.lastDay')} count={view.lastDay} />
      </dl>
      <div className={classes.columns}>
        <Part
          title={t('wall.reports')}
          none={t('wall.reports.none')}
          shown={view.reports.length}
          of={view.waiting}
        >
          {view.reports.slice(0, LINES).map((report) => (
            <li key={report.id}>
              <span className={classes.what}>
                <CategoryName category={report.category} />
                {report.exercise && <ExerciseTag />}
              </span>
              <span className={classes.where}>{report.commune}</span>
              <span className={classes.when}>
                <Clock since={report.calledAt} />
                {report.claimed && <span>{t('wall.claimed')}</span>}
              </span>
            </li>
          ))}
        </Part>
        <Part
          title={t('wall.alerts')}
          none={t('wall.alerts.none')}
          shown={view.alerts.length}
          of={view.inProgress}
        >
          {view.alerts.slice(0, LINES).map((alert) => (
            <li key={alert.id}>
              <span className={classes.what}>
                <CategoryName category={alert.category} />
                {alert.exercise && <ExerciseTag />}
              </span>
              <span className={classes.where}>{alert.commune}</span>
              <span className={classes.when}>
                <span>{momentOf(lang, alert.orderedAt, now)}</span>
                <span>
                  {t('wall.delivered', {
                    delivered: countOf(lang, alert.progress.delivered),
                    planned: countOf(lang, alert.progress.planned),
                  })}
                </span>
              </span>
            </li>
          ))}
        </Part>
      </div>
      <footer className={classes.foot}>
        <span>{t('wall.news', { when: momentOf(lang, view.at, now) })}</span>
        <span>{t('wall.until', { when: timeOf(lang, view.expiresAt) })}</span>
        <FullScreen />
      </footer>
    </main>
  )
}

function Figure(props: { label: string; count: number; isUrgent?: boolean }) {
  const { lang } = useText()
  return (
    <div data-urgent={props.isUrgent || undefined}>
      <dt>{props.label}</dt>
      <dd>{countOf(lang, props.count)}</dd>
    </div>
  )
}

function Part(props: { title: string; none: string; shown: number; of: number; children: ReactNode }) {
  const { t } = useText()
  const others = props.of - Math.min(props.shown, LINES)
  return (
    <section className={classes.part}>
      <h2>{props.title}</h2>
      {props.of === 0 ? <p className={classes.none}>{props.none}</p> : <ul>{props.children}</ul>}
      {others > 0 && <p className={classes.others}>{t('wall.others', { count: others })}</p>}
    </section>
  )
}

/** The button that fills the screen, while it does not. */
function FullScreen() {
  const { t } = useText()
  const [isFull, setIsFull] = useState(document.fullscreenElement !== null)
  useEffect(() => {
    const look = () => setIsFull(document.fullscreenElement !== null)
    document.addEventListener('fullscreenchange', look)
    return () => document.removeEventListener('fullscreenchange', look)
  }, [])
  if (isFull || !document.fullscreenEnabled) return null
  return (
    <Button
      variant="default"
      leftSection={<IconArrowsMaximize size={18} stroke={1.7} aria-hidden />}
      onClick={() => void document.documentElement.requestFullscreen()}
    >
      {t('wall.full')}
    </Button>
  )
}
