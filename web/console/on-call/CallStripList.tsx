import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CallOutView } from '../../../src/on-call/contract.ts'
import { alertQuery } from '../../api/queries.ts'
import { communeNameOf, timeOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './CallOut.module.css'
import { CallState, NextButton, NextWords } from './CallOut.tsx'
import { SendUnanswered } from './SendUnanswered.tsx'

/** The room keeps its height for the message: further strips are one line together. */
const SHOWN = 2

/** The last calls about the alerts that wait, the longest wait first. */
export function CallStripList(props: { callOuts: readonly CallOutView[] }) {
  const { t } = useText()
  const ordered = props.callOuts.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
  const shown = ordered.slice(0, SHOWN)
  const more = new Set(ordered.slice(SHOWN).map(({ alertId }) => alertId)).size
  return (
    <>
      {shown.map((callOut) => (
        <CallStrip key={callOut.id} callOut={callOut} />
      ))}
      {more > 0 && (
        <div className={classes.strip}>
          <p role="status">
            <Link to="/alertes">{t('onCall.strip.more', { count: more })}</Link>
          </p>
        </div>
      )}
    </>
  )
}

/** The last call about an alert that waits for a second person, in one line. */
function CallStrip(props: { callOut: CallOutView }) {
  const { t, lang } = useText()
  const { callOut } = props
  const { scheme } = useCurrent()
  const alert = useQuery(alertQuery(scheme.id, callOut.alertId)).data?.alert
  const last = callOut.calls.at(-1)
  return (
    <div className={classes.strip}>
      <p role="status">
        <IconUsers size={18} stroke={1.8} aria-hidden />
        <Link to="/alertes/$alertId" params={{ alertId: callOut.alertId }}>
          {t(callOut.subject === 'approval' ? 'onCall.strip.approval' : 'onCall.strip.authorisation')}
        </Link>{' '}
        {alert !== undefined && `${communeNameOf(alert.commune)}, `}
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
