import { Button } from '@mantine/core'
import type { DeviceSession } from '../../../src/identity/contract.ts'
import { momentOf } from '../format/format.ts'
import { useMinute } from '../format/now.ts'
import { useText } from '../format/text.ts'
import classes from './SessionRow.module.css'

/** Names of browsers and systems are the same in every language. */
const NAMES = {
  chrome: 'Chrome',
  edge: 'Edge',
  firefox: 'Firefox',
  opera: 'Opera',
  safari: 'Safari',
  windows: 'Windows',
  mac: 'macOS',
  ios: 'iOS',
  android: 'Android',
  linux: 'Linux',
} as const

/** Returns the names of the browser and the system of a session; `none` for one that is not known. */
function deviceOf({ browser, system }: Pick<DeviceSession, 'browser' | 'system'>) {
  return {
    browser: browser === 'other' ? 'none' : NAMES[browser],
    system: system === 'other' ? 'none' : NAMES[system],
  }
}

/** One signed-in browser, in words. */
export function SessionRow(props: {
  session: DeviceSession
  /** Whether it is the session of this browser, which a sign-out ends. */
  isOwn?: boolean
  isEnding: boolean
  onEnd: () => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { session, isOwn = false } = props
  const device = t('sessions.device', deviceOf(session))
  return (
    <li className={classes.session}>
      <div>
        <b>
          {device}
          {isOwn && ` · ${t('sessions.own')}`}
        </b>
        <span className={classes.mute}>
          {t('sessions.when', {
            since: momentOf(lang, session.since, now),
            seen: momentOf(lang, session.lastSeenAt, now),
          })}
        </span>
        {session.network !== null && (
          <span className={classes.mute}>{t('sessions.network', { network: session.network })}</span>
        )}
      </div>
      {!isOwn && (
        <Button
          variant="default"
          size="xs"
          aria-label={t('sessions.end.label', { device })}
          disabled={props.isEnding}
          onClick={props.onEnd}
        >
          {t('sessions.end')}
        </Button>
      )}
    </li>
  )
}
