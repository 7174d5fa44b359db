import { Button } from '@mantine/core'
import IconDatabaseImport from '@tabler/icons-react/icons/IconDatabaseImport'
import { Link } from '@tanstack/react-router'
import type { UploadView } from '../../../src/imports/uploads/contract.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty } from '../../ui/Notice.tsx'
import classes from './Import.module.css'

/** Time between two requests for the progress of an import. */
export const RUNNING_EVERY_MS = 1000

/** Shows the progress of an import, which continues in the background. */
export function Running(props: { fileName: string; running: NonNullable<UploadView['running']> }) {
  const { t } = useText()
  const { done, total, isReverting } = props.running
  const text = isReverting
    ? t('import.running.reverting')
    : total === null
      ? t('import.running.preparing')
      : t('import.running.done', { done, total })
  return (
    <Empty
      icon={<IconDatabaseImport size={36} stroke={1.4} aria-hidden />}
      title={t('import.running', { name: props.fileName })}
    >
      <div className={classes.running}>
        <span>{text}</span>
        {isReverting || total === null ? (
          <progress aria-label={text} />
        ) : (
          <progress value={done} max={Math.max(1, total)} aria-label={text} />
        )}
      </div>
      <p>{t('import.running.hint')}</p>
      <div className={classes.actions} data-centred>
        <Button component={Link} to="/adherents" variant="default">
          {t('import.toMembers')}
        </Button>
      </div>
    </Empty>
  )
}
