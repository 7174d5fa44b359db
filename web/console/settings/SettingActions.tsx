import { Button } from '@mantine/core'
import type { Action } from '../../api/useAction.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import classes from './Settings.module.css'

/** Ends a form of settings: why they were not saved, and the buttons to save or discard what is typed. */
export function SettingActions(props: {
  save: Pick<Action<unknown>, 'failure' | 'isPending'>
  isDirty: boolean
  /** Whether saving only proposes the change, which another account puts in force. */
  isProposed?: boolean
  onDiscard: () => void
}) {
  const { t } = useText()
  const { save, isDirty } = props
  return (
    <>
      <Failure error={save.failure} />
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending} disabled={!isDirty}>
          {t(props.isProposed === true ? 'settingChange.propose' : 'settings.save')}
        </Button>
        {isDirty && (
          <Button variant="default" disabled={save.isPending} onClick={props.onDiscard}>
            {t('settings.discard')}
          </Button>
        )}
      </div>
    </>
  )
}
