import { Button, Modal } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { callApi } from '../../../api/client.ts'
import { lockQuery, setLock } from '../../../api/lock.ts'
import { isRefusal } from '../../../api/problems.ts'
import { sessionQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { ByProviderWindow } from '../../../start/ByProvider.tsx'
import { answerWithPasskey, hasPasskeys, passkeyMessageKey } from '../../../ui/account/passkeys.ts'
import { CodeField } from '../../../ui/fields/CodeField.tsx'
import { CurrentPassword } from '../../../ui/fields/CurrentPassword.tsx'
import { StepForm } from '../../../ui/fields/StepForm.tsx'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import factor from '../sign-in/GiveFactor.module.css'
import cover from './Cover.module.css'

/** Milliseconds after which a lock that failed is sent again. */
const AGAIN_AFTER_MS = 5000

/** Above every dialog that was open, and above the question for a factor. */
const ABOVE_ALL = 1000

/**
 * Covers the screens of a locked session until its user has proved who they are: one touch with a passkey, or the password, with
 * the code of an account that has codes. The screens stay as they were, hidden until then. They are hidden from the moment the
 * user locks the session, and the cover says so as long as the server has not confirmed the lock.
 */
export function LockScreen() {
  const { t } = useText()
  const client = useQueryClient()
  const isAsked = useQuery(lockQuery).data === 'asked'
  const lock = useQuery({
    queryKey: ['session', 'lock'],
    queryFn: ({ signal }) => callApi('getLock', { signal }),
    enabled: !isAsked,
    staleTime: 0,
  })
  const open = async () => {
    setLock(client, 'open')
    client.removeQueries({ queryKey: ['session', 'lock'] })
    await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  }
  // Another tab may have unlocked it.
  const isOpen = lock.data?.locked === false && !lock.isFetching
  // biome-ignore lint/correctness/useExhaustiveDependencies: once it is open
  useEffect(() => {
    if (isOpen) void client.fetchQuery({ ...sessionQuery, staleTime: 0 }).then(open)
  }, [isOpen])
  const leave = useAction(() => callApi('endSession'), {
    onSuccess: ({ address }) => {
      sessionStorage.clear()
      location.assign(address ?? '/')
    },
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
      title={t(isAsked ? 'lock.asked.title' : 'lock.title')}
      overlayProps={{ backgroundOpacity: 1, color: 'var(--sunken)' }}
      transitionProps={{ duration: 0 }}
      portalProps={{ className: cover.cover ?? '' }}
    >
      <KeepFocus />
      <div className={factor.body}>
        {isAsked && <Locking />}
        {lock.isError && !isRefusal(lock.error, 'not_signed_in') && (
          <Failure error={lock.error} retry={() => void lock.refetch()} />
        )}
        {lock.data !== undefined && (
          <>
            <p>{t('lock.why', { name: lock.data.user.name, minutes: lock.data.idleMinutes ?? 0 })}</p>
            <Unlock lock={lock.data} onOpen={open} />
          </>
        )}
        <Failure error={leave.failure} />
        {(isAsked || !lock.isPending) && (
          <Button variant="subtle" loading={leave.isPending} onClick={() => leave.mutate()}>
            {t('lock.leave')}
          </Button>
        )}
      </div>
    </Modal>
  )
}

/** Locks the session, again and again until the server has confirmed it. */
function Locking() {
  const { t } = useText()
  const client = useQueryClient()
  // Kept during the next attempt, so that it is announced once.
  const [failure, setFailure] = useState<Error | null>(null)
  const lock = useAction(() => callApi('lockSession'), {
    onSuccess: () => setLock(client, 'locked'),
    onError: (error) => {
      // A session that has ended needs no lock: its screens ask to sign in again.
      if (isRefusal(error, 'not_signed_in')) setLock(client, 'open')
      setFailure(error)
    },
  })
  const { mutate, isError, submittedAt } = lock
  useEffect(() => mutate(), [mutate])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt that failed leads to the next one
  useEffect(() => {
    if (!isError) return
    const timer = setTimeout(() => mutate(), AGAIN_AFTER_MS)
    return () => clearTimeout(timer)
  }, [isError, submittedAt])
  return (
    <>
      <p role="status">{t(failure === null ? 'lock.asked.pending' : 'lock.asked.open')}</p>
      <Failure error={failure} retry={() => mutate()} />
    </>
  )
}

function Unlock(props: {
  lock: { passkey: boolean; password: boolean; code: boolean; provider: boolean; demo: boolean }
  onOpen: () => Promise<void>
}) {
  const { t } = useText()
  const { lock } = props
  const client = useQueryClient()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const done = {
    stores: sessionQuery.queryKey,
    onSuccess: props.onOpen,
    fields: ['code'],
  }
  const byTyping = useAction(
    () =>
      callApi('unlockSession', {
        body: lock.demo ? { demo: true } : lock.code ? { password, code } : { password },
      }),
    done,
  )
  const byPasskey = useAction(
    async () => {
      try {
        const passkey = await answerWithPasskey(await callApi('startFactorPasskey'))
        client.setQueryData(sessionQuery.queryKey, await callApi('unlockSession', { body: { passkey } }))
        return true
      } catch (error) {
        if (passkeyMessageKey(error) !== undefined) return false
        throw error
      }
    },
    { onSuccess: (given) => (given ? props.onOpen() : undefined) },
  )
  const openByProvider = async () => {
    await client.fetchQuery({ ...sessionQuery, staleTime: 0 })
    await props.onOpen()
  }
  const hasPasskey = lock.passkey && hasPasskeys()
  const box = useRef<HTMLDivElement>(null)
  // The dialog opened before it was known what it asks for.
  useEffect(() => box.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus(), [])
  return (
    <div ref={box} className={factor.body}>
      {hasPasskey && (
        <>
          <Button
            size="md"
            fullWidth
            data-autofocus
            loading={byPasskey.isPending}
            onClick={() => byPasskey.mutate()}
          >
            {t('lock.passkey')}
          </Button>
          <p role="status">{byPasskey.data === false ? t('passkeys.closed') : ''}</p>
          <Failure error={byPasskey.failure} />
        </>
      )}
      {lock.provider && <ByProviderWindow purpose="factor" fullWidth onDone={() => void openByProvider()} />}
      {lock.demo && (
        <>
          <Failure error={byTyping.failure} />
          <Button
            size="md"
            fullWidth
            data-autofocus
            loading={byTyping.isPending}
            onClick={() => byTyping.mutate()}
          >
            {t('lock.open')}
          </Button>
        </>
      )}
      {!lock.demo && lock.password && (
        <StepForm step={byTyping} next={t('lock.open')}>
          <CurrentPassword value={password} onChange={setPassword} isFirst={!hasPasskey} />
          {lock.code && (
            <CodeField
              value={code}
              onChange={setCode}
              label={t('signIn.code')}
              how={t('signIn.code.how')}
              error={byTyping.problemAt('code')}
            />
          )}
        </StepForm>
      )}
    </div>
  )
}
