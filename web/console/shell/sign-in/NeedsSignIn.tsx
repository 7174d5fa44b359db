import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { sessionQuery } from '../../../api/queries.ts'
import { ByProviderWindow } from '../../../start/ByProvider.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { Page } from '../../../ui/Page.tsx'
import { securityQuery } from '../../account/queries.ts'
import type { Current } from '../current.tsx'
import { GiveFactor } from './GiveFactor.tsx'
import classes from './NeedsSignIn.module.css'

/** In place of the screens of a scheme that requires another sign-in of this role: what it requires, and the way to it. */
export function NeedsSignIn(props: { current: Current; needs: 'second_factor' | 'provider' }) {
  const { t } = useText()
  const { current, needs } = props
  const client = useQueryClient()
  const security = useQuery(securityQuery)
  const [isAsked, setAsked] = useState(false)
  const resume = async () => {
    await client.fetchQuery({ ...sessionQuery, staleTime: 0 })
    await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  }
  const { passkeys = [], codes = null } = security.data ?? {}
  const hasOne = passkeys.length > 0 || codes !== null
  const scheme = current.scheme.name
  return (
    <Page title={t(`needs.${needs}.title`)}>
      <div className={classes.card}>
        <p>{t(`needs.${needs}.why`, { scheme })}</p>
        {security.isError && <Failure error={security.error} retry={() => void security.refetch()} />}
        {needs === 'second_factor' && security.data !== undefined && (
          <>
            {!hasOne && <p>{t('needs.second_factor.none')}</p>}
            {hasOne ? (
              <Button size="md" onClick={() => setAsked(true)}>
                {t('needs.second_factor.give')}
              </Button>
            ) : (
              <Button size="md" component={Link} to="/compte">
                {t('needs.second_factor.add')}
              </Button>
            )}
          </>
        )}
        {(needs === 'provider' || security.data?.provider === true) && (
          <ByProviderWindow
            purpose="factor"
            variant={needs === 'provider' ? 'filled' : 'default'}
            onDone={() => void resume()}
          />
        )}
      </div>
      {isAsked && (
        <GiveFactor
          isSecond
          onEnd={(given) => {
            setAsked(false)
            if (given) void resume()
          }}
        />
      )}
    </Page>
  )
}
