import { Button, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { readablePhone } from '../../../src/message/phone.ts'
import type { MailAttempt, SignInAttempt } from '../../../src/portal/contract.ts'
import { callApi } from '../../api/client.ts'
import { useOnline } from '../../api/online.ts'
import { leftQuery, portalSessionQuery } from '../../api/portal.ts'
import { aboutQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { hasPasskeys, passkeyMessageKey } from '../../ui/account/passkeys.ts'
import { Calls17 } from '../../ui/alert/Call17.tsx'
import { CodeAgain, CodeField, CodeNotice } from '../../ui/fields/CodeField.tsx'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { ChamberContacts } from '../../ui/membership/ChamberContact.tsx'
import { Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import classes from '../Portal.module.css'
import { keepAttempt } from './attempts.ts'
import { finishSignOut } from './leaving.ts'
import { enterByPasskey } from './passkeys.ts'

type Way = 'phone' | 'mail'
type Attempt = (SignInAttempt & { readonly way: 'phone' }) | (MailAttempt & { readonly way: 'mail' })

/** Sign-in by a mobile number or a mail address, and the code sent to it. */
export function SignIn(props: { ended: boolean }) {
  const { t } = useText()
  usePageTitle(t('portal.title'))
  const left = useQuery(leftQuery).data
  const mails = useQuery(aboutQuery).data?.mails === true
  const heading = useRef<HTMLHeadingElement>(null)
  const [way, setWay] = useState<Way>('phone')
  const [typed, setTyped] = useState({ phone: '', mail: '' })
  const [attempt, setAttempt] = useState<Attempt | null>(null)
  // After returning to the number and asking again too soon, the earlier code is still valid.
  const kept = useRef<Attempt | null>(null)
  const ask = useAction(
    async (): Promise<Attempt> => {
      await finishSignOut()
      return way === 'phone'
        ? { way, ...(await callApi('sendSignInCode', { body: { phone: typed.phone } })) }
        : { way, ...(await callApi('sendMailSignInCode', { body: { mail: typed.mail } })) }
    },
    {
      fields: [way],
      onSuccess: (next) => {
        kept.current = keepAttempt(kept.current, next)
        setAttempt(kept.current)
      },
    },
  )
  const isAsked = attempt !== null
  useEffect(() => {
    if (isAsked) heading.current?.focus()
  }, [isAsked])
  const other: Way = way === 'phone' ? 'mail' : 'phone'
  const online = useOnline()
  return (
    <div className={classes.sign}>
      <h1 ref={heading} tabIndex={-1}>
        {isAsked ? t(way === 'phone' ? 'join.step.code' : 'portal.sign.mail.confirm') : t('portal.title')}
      </h1>
      {attempt === null ? (
        <>
          {(props.ended || left !== null) && (
            <p role="alert" className={classes.notice}>
              {left === null ? t('portal.sign.ended') : t('portal.sign.left', { name: left })}
            </p>
          )}
          {!online && (
            <p role="alert" className={classes.notice}>
              <Calls17 text={t('portal.sign.needsNetwork')} />
            </p>
          )}
          <p className={classes.lead}>{t(way === 'phone' ? 'portal.sign.lead' : 'portal.sign.mail.lead')}</p>
          <StepForm key={way} step={ask} next={t('portal.sign.send')}>
            <TextInput
              size="md"
              label={t(way === 'phone' ? 'portal.sign.phone' : 'portal.sign.mail')}
              description={t(way === 'phone' ? 'portal.sign.phone.how' : 'portal.sign.mail.how')}
              required
              value={typed[way]}
              onChange={(event) => setTyped({ ...typed, [way]: event.currentTarget.value })}
              error={ask.problemAt(way)}
              {...(way === 'phone'
                ? { type: 'tel', inputMode: 'tel', autoComplete: 'tel', maxLength: 40 }
                : { type: 'email', inputMode: 'email', autoComplete: 'email', maxLength: 254 })}
            />
          </StepForm>
          {mails && (
            <div>
              <Button
                variant="subtle"
                onClick={() => {
                  ask.reset()
                  setWay(other)
                }}
              >
                {t(other === 'mail' ? 'portal.sign.byMail' : 'portal.sign.byPhone')}
              </Button>
            </div>
          )}
          {hasPasskeys() && <ByPasskey />}
          <DemoHint way={way} />
        </>
      ) : (
        <Code
          attempt={attempt}
          again={
            <CodeAgain
              again={ask}
              turn={attempt.turn}
              {...(way === 'mail' && { done: t('portal.sign.mail.again') })}
            />
          }
          onBack={() => {
            ask.reset()
            setAttempt(null)
          }}
        />
      )}
      <ChamberContacts />
    </div>
  )
}

/** A field for the code, which signs in. */
function Code(props: { attempt: Attempt; again: ReactNode; onBack: () => void }) {
  const { t } = useText()
  const client = useQueryClient()
  const { attempt } = props
  const { way, turn } = attempt
  const isPhone = way === 'phone'
  const [code, setCode] = useState('')
  const enter = useAction(
    () =>
      attempt.way === 'phone'
        ? callApi('signInByCode', { body: { attempt: attempt.attempt, phone: attempt.phone, code } })
        : callApi('signInByMail', { body: { attempt: attempt.attempt, mail: attempt.mail, code } }),
    {
      fields: ['code'],
      stores: portalSessionQuery.queryKey,
      onSuccess: () => client.setQueryData(leftQuery.queryKey, null),
    },
  )
  return (
    <StepForm
      step={enter}
      next={t('portal.sign.enter')}
      back={{ label: t(isPhone ? 'portal.sign.other' : 'portal.sign.mail.other'), go: props.onBack }}
      footer={
        <>
          {props.again}
          <p className={classes.hint}>{t(isPhone ? 'portal.sign.none' : 'portal.sign.mail.none')}</p>
        </>
      }
    >
      {'phone' in attempt ? (
        <CodeNotice turn={turn} sent={t('portal.sign.sent', { phone: readablePhone(attempt.phone) })} />
      ) : (
        <CodeNotice
          turn={turn}
          sent={t('portal.sign.mail.sent', { mail: attempt.mail })}
          notNow={t('portal.sign.mail.notNow')}
        />
      )}
      <CodeField
        value={code}
        onChange={(typed) => {
          setCode(typed)
          enter.reset()
        }}
        error={enter.problemAt('code')}
        label={t(isPhone ? 'join.code' : 'portal.sign.mail.code')}
      />
    </StepForm>
  )
}

/** Sign-in with a passkey. */
function ByPasskey() {
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
      onSuccess: (session) => {
        if (session === null) return
        client.setQueryData(leftQuery.queryKey, null)
        client.setQueryData(portalSessionQuery.queryKey, session)
      },
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

/** Tells where the codes of the demo arrive. */
function DemoHint(props: { way: Way }) {
  const { t } = useText()
  const demo = useQuery(aboutQuery).data?.demo === true
  if (!demo) return null
  const isPhone = props.way === 'phone'
  return (
    <p className={classes.hint}>
      {t(isPhone ? 'portal.sign.demo' : 'portal.sign.mail.demo')}
      <br />
      <Link to={isPhone ? '/telephones' : '/courriels'} className={classes.link}>
        {t(isPhone ? 'nav.phones' : 'mails.title')}
      </Link>
    </p>
  )
}
