import { Button, Modal } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { DemoDoor, SessionView } from '../../../../src/identity/contract.ts'
import { callApi } from '../../../api/client.ts'
import { endedQuery, sessionQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { demoDoorOf } from '../../../start/demoDoor.ts'
import { SignIn } from '../../../start/SignIn.tsx'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import cover from '../lock/Cover.module.css'
import classes from './SignInAgain.module.css'

/** Above every dialog that was open when the session ended. */
const ABOVE_ALL = 1000

/**
 * Asks to sign in over the screen on which the session ended. The screen stays as it was, hidden until then: a draft, an open
 * dialog and what is typed in them are there afterwards. Another user starts afresh.
 */
export function SignInAgain(props: { held: SessionView; demo: boolean }) {
  const { t } = useText()
  const { held } = props
  const client = useQueryClient()
  const resume = async () => {
    const session = await client.fetchQuery({ ...sessionQuery, staleTime: 0 })
    if (session === null) return
    if (session.user.id !== held.user.id) {
      // Nothing that the first user typed or read is shown to the second.
      sessionStorage.clear()
      location.assign('/')
      return
    }
    client.setQueryData(endedQuery.queryKey, false)
    await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  }
  const door = props.demo ? demoDoorOf(held) : null
  const enter = useAction((as: DemoDoor['as']) => callApi('openDemoSession', { body: { as } }), {
    onSuccess: resume,
  })
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      zIndex={ABOVE_ALL}
      size="md"
      title={t('start.ended.title')}
      overlayProps={{ backgroundOpacity: 1, color: 'var(--sunken)' }}
      portalProps={{ className: cover.cover ?? '' }}
    >
      <KeepFocus />
      <p role="alert" className={classes.why}>
        {t('start.ended')} {t('start.ended.kept')}
      </p>
      {door !== null ? (
        <>
          <Failure error={enter.failure} />
          <Button
            size="md"
            fullWidth
            data-autofocus
            loading={enter.isPending}
            onClick={() => enter.mutate(door)}
          >
            {t('start.ended.again', { name: held.user.name })}
          </Button>
        </>
      ) : (
        <SignIn withoutScheme={null} again={resume} />
      )}
    </Modal>
  )
}
