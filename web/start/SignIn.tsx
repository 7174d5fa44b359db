import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import type { SessionView } from '../../src/identity/contract.ts'
import { ApiError, callApi } from '../api/client.ts'
import { isRefusal } from '../api/problems.ts'
import { aboutQuery, endedQuery, sessionQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { hasPasskeys } from '../ui/account/passkeys.ts'
import { useText } from '../ui/format/text.ts'
import { Failure } from '../ui/Notice.tsx'
import { ByProvider, ByProviderWindow } from './ByProvider.tsx'
import { offerPasskeys, signInByPasskey } from './byPasskey.ts'
import { SecondFactor } from './SecondFactor.tsx'
import classes from './StartPage.module.css'

interface Credentials {
  email: string
  password: string
}

/**
 * Sign-in with a passkey, or with mail and password and the second factor of the account. `withoutScheme`: name of a signed-in
 * user who has no role yet. `again`: called in place of what the start page does, where the form is over a screen whose session
 * ended.
 */
export function SignIn(props: { withoutScheme: string | null; again?: () => Promise<void> }) {
  const { t } = useText()
  const client = useQueryClient()
  const { vers } = useSearch({ strict: false })
  const provider = useQuery(aboutQuery).data?.provider ?? null
  const done = props.again
    ? { onSuccess: props.again }
    : {
        refresh: [sessionQuery.queryKey],
        onSuccess: () => client.setQueryData(endedQuery.queryKey, false),
      }
  const byPasskey = useAction((chosen: Promise<SessionView> | undefined) => chosen ?? signInByPasskey(), {
    ...done,
    onSuccess: (session) => (session === null ? undefined : done.onSuccess()),
  })
  const [needsCode, setNeedsCode] = useState(false)
  const start = byPasskey.mutate
  useEffect(() => (hasPasskeys() ? offerPasskeys(start) : undefined), [start])
  const enter = useAction(
    async (credentials: Credentials) => {
      try {
        await callApi('signIn', { body: credentials })
        return 'open'
      } catch (error) {
        if (isRefusal(error, 'second_factor_due')) return 'code'
        // The accounts library responds in English and without our error codes.
        if (
          error instanceof ApiError &&
          (error.status === 401 || error.status === 400 || error.status === 422)
        ) {
          throw new ApiError(error.status, { code: 'refused', message: t('signIn.refused'), problems: [] })
        }
        throw error
      }
    },
    {
      ...done,
      onSuccess: (next) => (next === 'code' ? setNeedsCode(true) : done.onSuccess()),
    },
  )
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    enter.mutate({ email: String(form.get('email')), password: String(form.get('password')) })
  }
  if (needsCode) return <SecondFactor done={done} onBack={() => setNeedsCode(false)} />
  return (
    <form className={classes.sign} data-again={props.again !== undefined || undefined} onSubmit={submit}>
      {props.again === undefined && <h1>{t('signIn.title')}</h1>}
      {props.withoutScheme !== null && <p>{t('signIn.withoutScheme', { name: props.withoutScheme })}</p>}
      {provider !== null && (
        <>
          {props.again === undefined ? (
            <ByProvider next={vers} />
          ) : (
            <ByProviderWindow
              purpose="sign-in"
              variant="filled"
              fullWidth
              onDone={() => void props.again?.()}
            />
          )}
          <p className={classes.or}>{t('signIn.or')}</p>
        </>
      )}
      <Failure error={enter.failure ?? byPasskey.failure} />
      <TextInput
        name="email"
        type="email"
        label={t('signIn.email')}
        autoComplete="username webauthn"
        required
        size="lg"
      />
      <PasswordInput
        name="password"
        label={t('signIn.password')}
        autoComplete="current-password"
        required
        size="lg"
        rightSectionWidth={52}
        visibilityToggleButtonProps={{ 'aria-label': t('signIn.show'), className: classes.toggle ?? '' }}
      />
      <Button
        type="submit"
        size="md"
        variant={provider === null ? 'filled' : 'default'}
        loading={enter.isPending}
      >
        {t('signIn.enter')}
      </Button>
      {hasPasskeys() && (
        <Button
          variant="default"
          size="md"
          loading={byPasskey.isPending}
          onClick={() => byPasskey.mutate(undefined)}
        >
          {t('signIn.byPasskey')}
        </Button>
      )}
      <p role="status" className={classes.said}>
        {byPasskey.data === null ? t('passkeys.closed') : ''}
      </p>
      <p style={{ color: 'var(--mute)' }}>{t('signIn.help')}</p>
      {props.again === undefined && (
        <>
          <p>
            <Link to="/portail" className={classes.goOn}>
              {t('signIn.merchant')}
            </Link>
          </p>
          <p>
            <Link to="/secours" className={classes.goOn}>
              {t('signIn.breakGlass')}
            </Link>
          </p>
        </>
      )}
    </form>
  )
}
