import { Button } from '@mantine/core'
import type { OwnSessions } from '../../../src/identity/contract.ts'
import { useText } from '../format/text.ts'
import classes from './SessionRow.module.css'
import { SessionRow } from './SessionRow.tsx'

/** Lists the browsers in which a person is signed in, their own first, and ends one or all others. */
export function SessionCards(props: {
  list: OwnSessions
  isEnding: boolean
  /** Ends a session; undefined: all but that of this browser. */
  onEnd: (id: string | undefined) => void
}) {
  const { t } = useText()
  const { current, sessions } = props.list
  const others = sessions.filter(({ id }) => id !== current)
  const own = sessions.filter(({ id }) => id === current)
  return (
    <>
      <ul className={classes.rows}>
        {[...own, ...others].map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            isOwn={session.id === current}
            isEnding={props.isEnding}
            onEnd={() => props.onEnd(session.id)}
          />
        ))}
      </ul>
      {others.length > 0 && (
        <div>
          <Button variant="default" loading={props.isEnding} onClick={() => props.onEnd(undefined)}>
            {t('sessions.endOthers')}
          </Button>
        </div>
      )}
    </>
  )
}
