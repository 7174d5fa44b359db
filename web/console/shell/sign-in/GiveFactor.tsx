import { Button, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { ByProviderWindow } from '../../../start/ByProvider.tsx'
import { answerWithPasskey, hasPasskeys, passkeyMessageKey } from '../../../ui/account/passkeys.ts'
import { CodeField } from '../../../ui/fields/CodeField.tsx'
import { CurrentPassword } from '../../../ui/fields/CurrentPassword.tsx'
import { StepForm } from '../../../ui/fields/StepForm.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { securityQuery } from '../../account/queries.ts'
import classes from './GiveFactor.module.css'

/** Above every dialog whose act asks for a factor. */
const ABOVE_ALL = 900

/**
 * Asks the user to prove once more who they are, over the screen, which stays as it is; the act is then repeated. With a passkey
 * it is one touch: the device asks at once.
 * @param props `isSecond`: a password does not do
 */
export function GiveFactor(props: { isSecond?: boolean; onEnd: (given: boolean) => void }) {
  const { t } = useText()
  const { onEnd } = props
  const security = useQuery(securityQuery)
  const [typed, setTyped] = useState('')
  const done = { onSuccess: () => onEnd(true) }
  const byPasskey = useAction(
    async () => {
      try {
        const passkey = await answerWithPasskey(await callApi('startFactorPasskey'))
        await callApi('giveFactor', { body: { passkey } })
        return true
      } catch (error) {
        if (passkeyMessageKey(error) !== undefined) return false
        throw error
      }
    },
    { onSuccess: (given) => (given ? onEnd(true) : undefined) },
  )
  const hasCodes = security.data !== undefined && security.data.codes !== null
  const byTyping = useAction(
    () => callApi('giveFactor', { body: hasCodes ? { code: typed } : { password: typed } }),
    { ...done, fields: ['code'] },
  )
  const hasPasskey = security.data !== undefined && security.data.passkeys.length > 0 && hasPasskeys()
  const touch = byPasskey.mutate
  useEffect(() => {
    if (hasPasskey) touch()
  }, [hasPasskey, touch])
  return (
    <Modal
      opened
      onClose={() => onEnd(false)}
      zIndex={ABOVE_ALL}
      size="md"
      title={t('factor.title')}
      closeButtonProps={{ 'aria-label': t('action.cancel') }}
    >
      <div className={classes.body}>
        <p>{t(props.isSecond === true ? 'factor.second' : 'factor.why')}</p>
        {security.isError && <Failure error={security.error} retry={() => void security.refetch()} />}
        {hasPasskey && (
          <>
            <Button size="md" fullWidth loading={byPasskey.isPending} onClick={() => touch()}>
              {t('factor.passkey')}
            </Button>
            <p role="status">{byPasskey.data === false ? t('passkeys.closed') : ''}</p>
            <Failure error={byPasskey.failure} />
          </>
        )}
        {security.data?.provider === true && (
          <ByProviderWindow purpose="factor" fullWidth onDone={() => onEnd(true)} />
        )}
        {security.data !== undefined &&
          (hasCodes || (security.data.hasPassword && props.isSecond !== true)) && (
            <StepForm step={byTyping} next={t('factor.continue')}>
              {hasCodes ? (
                <CodeField
                  value={typed}
                  onChange={setTyped}
                  label={t('signIn.code')}
                  how={t('signIn.code.how')}
                  error={byTyping.problemAt('code')}
                />
              ) : (
                <CurrentPassword value={typed} onChange={setTyped} isFirst={!hasPasskey} />
              )}
            </StepForm>
          )}
      </div>
    </Modal>
  )
}
