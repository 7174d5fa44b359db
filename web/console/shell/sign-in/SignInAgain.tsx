import { Button, Modal } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { DemoDoor, SessionView } from '../../../../src/identity/contract.ts'
import { callApi } from '../../../api/client.ts'
import { endedQuery, sessionQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
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
  const enter = useAction(() => callApi('openDemoSession', { body: { as: doorOf(held) } }), {
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
      {props.demo ? (
        <>
          <Failure error={enter.failure} />
          <Button size="md" fullWidth data-autofocus loading={enter.isPending} onClick={() => enter.mutate()}>
            {t('start.ended.again', { name: held.user.name })}
          </Button>
        </>
      ) : (
        <SignIn withoutScheme={null} again={resume} />
      )}
    </Modal>
  )
}

function doorOf({ schemes }: SessionView): DemoDoor['as'] {
  const [first] = schemes
  if (first === undefined) return 'operator'
  if (first.role === 'trade_chamber' || first.role === 'admin' || first.role === 'break_glass')
    return 'operator'
  // The only operator of the demo in another scheme.
  return first.id === 'ac63' ? first.role : 'neighbour'
}
