import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listOnCall } from '../../../src/on-call/rules.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './CallOut.module.css'
import { rotaQuery } from './queries.ts'

/** Shows the people on call now, in the order in which they are called. */
export function OnCallNow() {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const now = useMinute()
  const rota = useQuery({ ...rotaQuery(scheme.id), enabled: may('on_call.read') }).data
  if (rota === undefined) return null
  const absences = rota.absences.map(({ from, until, ...absence }) => ({
    ...absence,
    from: Date.parse(from),
    until: Date.parse(until),
  }))
  const line = listOnCall({ ...rota, absences }, 'approver', now)
  return (
    <section className={classes.section} aria-labelledby="astreinte">
      <h2 id="astreinte">
        {t('onCall.now')}
        <Link to="/reglages" search={{ partie: 'astreintes' }}>
          {t('onCall.list')}
        </Link>
      </h2>
      {line.length === 0 ? (
        <p className={classes.gap}>{t(rota.people.length === 0 ? 'onCall.empty' : 'onCall.nobody')}</p>
      ) : (
        <ol className={classes.list}>
          {line.map(({ id, name }, index) => (
            <li key={id}>
              {index + 1}. {name}
            </li>
          ))}
        </ol>
      )}
      <p className={classes.ways}>
        <Link to="/releve">{t('onCall.handover')}</Link>
        {may('wall.open') && (
          <>
            {' · '}
            <Link to="/salle/mural">{t('nav.wall')}</Link>
          </>
        )}
      </p>
    </section>
  )
}
