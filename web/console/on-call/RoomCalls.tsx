import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CallOutView } from '../../../src/on-call/contract.ts'
import { listOnCall } from '../../../src/on-call/rules.ts'
import { timeOf } from '../../ui/format.ts'
import { useMinute } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './CallOut.module.css'
import { CallState, NextButton, NextWords } from './CallOut.tsx'
import { openCallOutsQuery, rotaQuery } from './queries.ts'
import { SendUnanswered } from './SendUnanswered.tsx'

/** The last call about each alert that waits for a second person, in one line each. */
export function CallStrips() {
  const { scheme, may } = useCurrent()
  const open = useQuery({ ...openCallOutsQuery(scheme.id), enabled: may('call_out.read') })
  const waiting = (open.data ?? []).filter(({ subject }) => subject !== 'review')
  return waiting.map((callOut) => <CallStrip key={callOut.id} callOut={callOut} />)
}

function CallStrip(props: { callOut: CallOutView }) {
  const { t, lang } = useText()
  const { callOut } = props
  const last = callOut.calls.at(-1)
  return (
    <div className={classes.strip}>
      <p role="status">
        <IconUsers size={18} stroke={1.8} aria-hidden />
        <Link to="/alertes/$alertId" params={{ alertId: callOut.alertId }}>
          {t(callOut.subject === 'approval' ? 'onCall.strip.approval' : 'onCall.strip.authorisation')}
        </Link>{' '}
        {last !== undefined && (
          <>
            <b>{last.name}</b> {timeOf(lang, last.at)}, <CallState call={last} />
          </>
        )}
      </p>
      <NextWords callOut={callOut} />
      <NextButton callOut={callOut} />
      {callOut.subject === 'approval' && <SendUnanswered callOut={callOut} />}
    </div>
  )
}

/** Who is on call now, in the order in which they are called. */
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
      <p>
        <Link to="/releve">{t('onCall.handover')}</Link>
      </p>
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
    </section>
  )
}
