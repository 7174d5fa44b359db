import { Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import { storeAccountLang } from '../../api/language.ts'
import { aboutQuery } from '../../api/queries.ts'
import { ByProviderWindow } from '../../start/ByProvider.tsx'
import { PasskeyCards } from '../../ui/account/PasskeyCards.tsx'
import { createPasskey } from '../../ui/account/passkeys.ts'
import { LanguageChoice } from '../../ui/fields/LanguageChoice.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Account.module.css'
import { Codes } from './Codes.tsx'
import { Password } from './Password.tsx'
import { securityQuery } from './queries.ts'
import { Sessions } from './Sessions.tsx'

/** The account of the signed-in user: how they prove who they are, and where they are signed in. */
export function AccountPage() {
  const { t } = useText()
  const { user } = useCurrent()
  const security = useQuery(securityQuery)
  return (
    <Page
      title={t('account.title')}
      lead={security.data && t('account.lead', { name: user.name, mail: security.data.mail })}
    >
      <div className={classes.sections}>
        {security.isError && <Failure error={security.error} retry={() => void security.refetch()} />}
        {security.isPending && <Skeleton height={160} />}
        {security.data !== undefined && (
          <>
            <Passkeys passkeys={security.data.passkeys} />
            {security.data.hasPassword && <Codes codes={security.data.codes} />}
            {security.data.hasPassword && <Password />}
            <Provider isLinked={security.data.provider} />
          </>
        )}
        <section className={classes.card} aria-labelledby="langue">
          <h2 id="langue">{t('account.language')}</h2>
          <LanguageChoice
            label={t('account.language.of')}
            what={t('account.language.what')}
            onLang={storeAccountLang}
          />
        </section>
        <Sessions />
      </div>
    </Page>
  )
}

/** Whether the account is linked to an identity at the identity provider, and the way to link it. */
function Provider(props: { isLinked: boolean }) {
  const { t } = useText()
  const client = useQueryClient()
  const provider = useQuery(aboutQuery).data?.provider ?? null
  if (provider === null) return null
  return (
    <section className={classes.card} aria-labelledby="fournisseur">
      <h2 id="fournisseur">{provider}</h2>
      <p>{t(props.isLinked ? 'account.provider.linked' : 'account.provider.none', { provider })}</p>
      {!props.isLinked && (
        <div className={classes.actions}>
          <ByProviderWindow
            purpose="factor"
            onDone={() => void client.invalidateQueries({ queryKey: securityQuery.queryKey })}
          />
        </div>
      )}
    </section>
  )
}

function Passkeys(props: { passkeys: Parameters<typeof PasskeyCards>[0]['passkeys'] }) {
  const { t } = useText()
  const client = useQueryClient()
  return (
    <section className={classes.card} aria-labelledby="cles">
      <h2 id="cles">{t('passkeys.title')}</h2>
      <p className={classes.hint}>{t('account.passkeys.what')}</p>
      <PasskeyCards
        passkeys={props.passkeys}
        actions={{
          session: 'console',
          make: async (name) => {
            const response = await createPasskey(await callApi('startAccountPasskeyCreation'))
            return callApi('addAccountPasskey', { body: { name, response } })
          },
          remove: (id) => callApi('removeAccountPasskey', { params: { id } }),
          onTake: (next) => client.setQueryData(securityQuery.queryKey, next),
          already: t('account.passkeys.already'),
        }}
      />
    </section>
  )
}
