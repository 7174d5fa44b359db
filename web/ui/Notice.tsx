import { Button } from '@mantine/core'
import IconAlertTriangle from '@tabler/icons-react/icons/IconAlertTriangle'
import type { ReactNode } from 'react'
import { ApiError } from '../api/client.ts'
import { mayPass } from '../api/passing.ts'
import { useText } from './format/text.ts'
import classes from './Notice.module.css'

/** Shows an error with the server's text, each problem on its own line, and what to do; nothing if the error is null. */
export function Failure(props: { error: unknown; retry?: (() => void) | undefined; children?: ReactNode }) {
  const { t } = useText()
  if (props.error === null) return null
  const known = props.error instanceof ApiError ? props.error : null
  return (
    <div className={classes.failure} role="alert">
      <IconAlertTriangle size={20} stroke={1.8} aria-hidden className={classes.icon} />
      <div className={classes.body}>
        <p className={classes.strong}>{known?.message ?? t('error.unexpected')}</p>
        {known !== null && known.problems.length > 0 && (
          <ul className={classes.problems}>
            {known.problems.map((problem) => (
              <li key={`${problem.code}${problem.path ?? ''}`}>{problem.message}</li>
            ))}
          </ul>
        )}
        {props.children}
        {props.retry !== undefined && mayPass(props.error) && (
          <Button size="xs" variant="default" mt={8} onClick={props.retry}>
            {t('action.retry')}
          </Button>
        )}
      </div>
    </div>
  )
}

/** Shows why there is nothing, and what to do next. */
export function Empty(props: { icon?: ReactNode; title: string; children?: ReactNode; small?: boolean }) {
  return (
    <div className={classes.empty} data-small={props.small || undefined}>
      {props.icon}
      <p className={classes.strong}>{props.title}</p>
      {props.children !== undefined && <div className={classes.hint}>{props.children}</div>}
    </div>
  )
}
