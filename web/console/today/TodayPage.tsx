import { Button, Skeleton } from '@mantine/core'
import IconCircleCheck from '@tabler/icons-react/icons/IconCircleCheck'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { Today } from '../../../src/today/contract.ts'
import { countOf, longDayOf, momentOf, timeOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { CategoryName } from '../../ui/format/severity.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { isTyping } from '../../ui/typing.ts'
import { useCurrent } from '../shell/current.tsx'
import { Figures } from './Figures.tsx'
import { type Line, linesOf } from './lines.ts'
import { todayQuery } from './queries.ts'
import classes from './Today.module.css'

/** The first screen of a chamber: what waits, the month, and the latest alerts. */
export function TodayPage() {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const today = useQuery(todayQuery(scheme.id))
  const now = useMinute()
  return (
    <Page title={t('nav.today')} lead={longDayOf(lang, now)}>
      {today.isError && <Failure error={today.error} retry={() => void today.refetch()} />}
      {today.isPending && <Skeleton height={420} radius="lg" />}
      {today.data !== undefined && (
        <>
          <div className={classes.top}>
            <Waiting lines={linesOf(today.data, t, lang)} />
            <Figures today={today.data} />
          </div>
          {today.data.alerts !== null && <LastAlerts alerts={today.data.alerts} />}
        </>
      )}
    </Page>
  )
}

/** Lists the pending tasks, one line and one button each; J and K move the selection, Enter opens the selected one. */
function Waiting(props: { lines: readonly Line[] }) {
  const { t, lang } = useText()
  const { lines } = props
  const [chosen, setChosen] = useState(0)
  const buttons = useRef<(HTMLAnchorElement | null)[]>([])
  const selected = Math.min(chosen, lines.length - 1)
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      // A dialog over the page has keys of its own.
      const isInDialog = event.target instanceof Element && event.target.closest('[role=dialog]') !== null
      if (isInDialog || isTyping(event.target)) return
      const step = { j: 1, k: -1 }[event.key.toLowerCase()]
      if (step === undefined) return
      event.preventDefault()
      const next = Math.max(0, Math.min(lines.length - 1, selected + step))
      setChosen(next)
      buttons.current[next]?.focus()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [lines.length, selected])
  if (lines.length === 0) {
    return (
      <section className={`${classes.card} ${classes.calm}`} aria-label={t('today.waiting')}>
        <IconCircleCheck size={36} stroke={1.4} aria-hidden />
        <h2>{t('today.nothing')}</h2>
        <p>{t('today.nothing.what')}</p>
      </section>
    )
  }
  return (
    <section className={classes.card} aria-label={t('today.waiting')}>
      <ul className={classes.lines}>
        {lines.map((line, index) => (
          <li
            key={line.key}
            className={classes.line}
            data-on={index === selected || undefined}
            onFocus={() => setChosen(index)}
          >
            <span className={classes.count}>{countOf(lang, line.count)}</span>
            <div className={classes.about}>
              <h2>{t(line.title, { count: line.count })}</h2>
              <p>{line.fact}</p>
            </div>
            <Button
              renderRoot={(root) => (
                <Link
                  {...root}
                  {...line.link}
                  ref={(element: HTMLAnchorElement | null) => {
                    buttons.current[index] = element
                  }}
                />
              )}
              className={classes.act ?? ''}
              variant={index === selected ? 'filled' : 'default'}
              aria-label={t('today.act', {
                act: t(line.act),
                what: t(line.title, { count: line.count }),
              })}
            >
              {t(line.act)}
            </Button>
          </li>
        ))}
      </ul>
      <p className={classes.keys}>
        <kbd>J</kbd> <kbd>K</kbd> {t('today.keys.walk')} <kbd>{t('keys.name.enter')}</kbd>{' '}
        {t('today.keys.act')}
      </p>
    </section>
  )
}

function LastAlerts(props: { alerts: NonNullable<Today['alerts']> }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { alerts } = props
  return (
    <section className={classes.card} aria-labelledby="dernieres">
      <div className={classes.head}>
        <h2 id="dernieres">{t('today.alerts')}</h2>
        <Link to="/alertes" className={classes.all}>
          {t('today.alerts.all')}
        </Link>
      </div>
      {alerts.length === 0 ? (
        <p className={classes.none}>{t('today.alerts.none')}</p>
      ) : (
        <ul className={classes.alerts}>
          {alerts.map((alert) => (
            <li key={alert.id} className={classes.alert}>
              <span className={classes.when}>{momentOf(lang, alert.orderedAt, now)}</span>
              <Link to="/alertes/$alertId" params={{ alertId: alert.id }} className={classes.what}>
                <CategoryName category={alert.category} />
                <span>{alert.commune}</span>
              </Link>
              <span className={classes.area}>{alert.areaLabel}</span>
              <span className={classes.reach}>
                {t('alerts.delivered', {
                  delivered: countOf(lang, alert.delivered),
                  planned: countOf(lang, alert.planned),
                })}
              </span>
              <span className={classes.state}>
                {alert.closedAt === null ? (
                  <StateTag tone="open">{t('today.alert.open')}</StateTag>
                ) : (
                  <StateTag tone="neutral">
                    {t('today.alert.ended', { time: timeOf(lang, alert.closedAt) })}
                  </StateTag>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
