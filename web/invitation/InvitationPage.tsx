import { Button, Loader, PasswordInput, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useLocation, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { InvitationView } from '../../src/people/contract.ts'
import { callApi } from '../api/client.ts'
import { aboutQuery, endedQuery, sessionQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { homeOf } from '../console/shell/rail/homes.ts'
import { ByProvider } from '../start/ByProvider.tsx'
import { Frame } from '../start/Frame.tsx'
import { untilOf } from '../ui/format/format.ts'
import { useMinute } from '../ui/format/now.ts'
import { useText } from '../ui/format/text.ts'
import column from '../ui/frame/Column.module.css'
import { Failure } from '../ui/Notice.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import classes from './Invitation.module.css'

/**
 * The page behind the link of an invitation, or of an access to recover: its holder sets a password and is signed in. The token
 * is in the part of the address that browsers do not send.
 */
export function InvitationPage() {
  const { t } = useText()
  usePageTitle(t('invitation.title'))
  const hash = useLocation({ select: ({ hash }) => hash })
  const [token, setToken] = useState(hash)
  // The address without it, on the way to the console, is not another invitation.
  if (hash !== '' && hash !== token) setToken(hash)
  const demo = useQuery(aboutQuery).data?.demo ?? false
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: ({ signal }) => callApi('readInvitation', { body: { token: token || '-' }, signal }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const view = invitation.data
  return (
    <Frame demo={demo}>
      <div className={`${column.column} ${classes.page}`}>
        {invitation.isPending && (
          <div role="status" aria-label={t('shell.loading')}>
            <Loader />
          </div>
        )}
        {invitation.isError && (
          <>
            <h1>{t('invitation.title')}</h1>
            <Failure error={invitation.error} retry={() => void invitation.refetch()} />
            <ToSignIn />
          </>
        )}
        {view !== undefined && view.account === null && <Over view={view} />}
        {view?.account != null && <Accept token={token} view={view} account={view.account} />}
      </div>
    </Frame>
  )
}

/** Says why the link can no longer be used, and what to do. */
function Over(props: { view: InvitationView }) {
  const { t } = useText()
  const { state, by } = props.view
  const shown = state === 'open' ? 'withdrawn' : state
  return (
    <>
      <h1>{t(`invitation.${shown}.title`)}</h1>
      <p>{t(`invitation.${shown}.what`, { by: by ?? 'none' })}</p>
      <ToSignIn />
    </>
  )
}

function ToSignIn() {
  const { t } = useText()
  return (
    <p>
      <Link to="/" className={classes.link}>
        {t('invitation.signIn')}
      </Link>
    </p>
  )
}

function Accept(props: {
  token: string
  view: InvitationView
  account: NonNullable<InvitationView['account']>
}) {
  const { t, lang } = useText()
  const client = useQueryClient()
  const navigate = useNavigate()
  const now = useMinute()
  const { token, view, account } = props
  const [differ, setDiffer] = useState(false)
  const accept = useAction((password: string) => callApi('acceptInvitation', { body: { token, password } }), {
    stores: sessionQuery.queryKey,
    onSuccess: async (session) => {
      const first = session?.schemes[0]
      client.setQueryData(endedQuery.queryKey, false)
      await navigate({ to: first === undefined ? '/' : homeOf(first), replace: true })
    },
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [password, again] = [String(form.get('password')), String(form.get('again'))]
    setDiffer(password !== again)
    if (password === again && !accept.isPending) accept.mutate(password)
  }
  const field = {
    required: true,
    size: 'lg',
    autoComplete: 'new-password',
    rightSectionWidth: 52,
    visibilityToggleButtonProps: { 'aria-label': t('signIn.show'), className: classes.toggle ?? '' },
  }
  return (
    <>
      <h1>{t(`invitation.${view.purpose}.title`, { name: account.name })}</h1>
      <p>
        {t(`invitation.${view.purpose}.what`, {
          by: view.by ?? 'none',
          until: untilOf(lang, view.expiresAt, now),
        })}
      </p>
      {account.roles.length > 0 && (
        <ul className={classes.roles}>
          {account.roles.map(({ scheme, role, agency }) => (
            <li key={`${scheme} ${role}`}>
              <b>{scheme}</b>
              <span>{[t(`role.${role}`), agency].filter((part) => part !== null).join(' · ')}</span>
            </li>
          ))}
        </ul>
      )}
      <form className={classes.form} onSubmit={submit}>
        <Failure error={accept.failure} />
        <TextInput
          name="email"
          type="email"
          size="lg"
          readOnly
          label={t('signIn.email')}
          autoComplete="username"
          value={account.mail}
        />
        <PasswordInput
          {...field}
          autoFocus
          name="password"
          label={t('invitation.password')}
          description={t('signIn.first.how')}
          maxLength={128}
        />
        <PasswordInput
          {...field}
          name="again"
          label={t('invitation.again')}
          error={differ && t('signIn.first.differ')}
        />
        <Button type="submit" size="lg" loading={accept.isPending}>
          {t('invitation.open')}
        </Button>
        <ByProvider invitation={token} size="lg" />
      </form>
    </>
  )
}
