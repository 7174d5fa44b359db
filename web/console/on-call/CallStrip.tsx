import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { Link } from '@tanstack/react-router'
import type { CallOutView } from '../../../src/on-call/contract.ts'
import { timeOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import classes from './CallOut.module.css'
import { CallState, NextButton, NextWords } from './CallOut.tsx'
import { SendUnanswered } from './SendUnanswered.tsx'

/** The last call about an alert that waits for a second person, in one line. */
export function CallStrip(props: { callOut: CallOutView }) {
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
