import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useAction } from '../../api/useAction.ts'
import { passkeyMessageKey } from '../../ui/account/passkeys.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import classes from '../Portal.module.css'
import { finishSignOut } from './leaving.ts'
import { enterByPasskey } from './passkeys.ts'
import { storeSession } from './storeSession.ts'

/** Sign-in with a passkey. */
export function ByPasskey() {
  const { t } = useText()
  const client = useQueryClient()
  const enter = useAction(
    async () => {
      try {
        await finishSignOut()
        return await enterByPasskey()
      } catch (error) {
        if (passkeyMessageKey(error) !== undefined) return null
        throw error
      }
    },
    {
      onSuccess: (session) => (session === null ? undefined : storeSession(client, session)),
    },
  )
  return (
    <div>
      <Button variant="subtle" loading={enter.isPending} onClick={() => enter.mutate()}>
        {t('portal.sign.byPasskey')}
      </Button>
      <Failure error={enter.failure} />
      <p role="status" className={classes.hint}>
        {enter.data === null ? t('passkeys.closed') : ''}
      </p>
    </div>
  )
}
