import { Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import { passkeysQuery } from '../../api/portal.ts'
import { PasskeyCards } from '../../ui/account/PasskeyCards.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import classes from '../Portal.module.css'
import { makePasskey } from '../sign-in/passkeys.ts'

/** Lists the devices that can sign in by fingerprint, face or their own code. */
export function Passkeys() {
  const { t } = useText()
  const client = useQueryClient()
  const list = useQuery(passkeysQuery)
  return (
    <section className={classes.card} aria-labelledby="cles">
      <h2 id="cles">{t('passkeys.title')}</h2>
      <p className={classes.hint}>{t('portal.passkeys.what')}</p>
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={48} />}
      {list.data !== undefined && (
        <PasskeyCards
          passkeys={list.data.passkeys}
          actions={{
            session: 'portal',
            make: makePasskey,
            remove: (id) => callApi('removePasskey', { params: { id } }),
            onTake: (next) => client.setQueryData(passkeysQuery.queryKey, next),
            already: t('portal.passkeys.already'),
          }}
        />
      )}
    </section>
  )
}
