import { TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { PortalSession, SignInAttempt } from '../../src/members/portal/contract.ts'
import { post } from '../api/client.ts'
import { leftQuery, portalSessionQuery } from '../api/portal.ts'
import { problemAt } from '../api/problems.ts'
import { aboutQuery } from '../api/queries.ts'
import { CodeAgain, CodeField } from '../ui/CodeField.tsx'
import { readablePhone } from '../ui/format.ts'
import { usePageTitle } from '../ui/Page.tsx'
import { StepForm } from '../ui/StepForm.tsx'
import { useText } from '../ui/text.ts'
import classes from './Portal.module.css'

/** The way in: a mobile, then the code that it gets. */
export function SignIn(props: { ended: boolean }) {
  const { t } = useText()
  usePageTitle(t('portal.title'))
  const client = useQueryClient()
  const demo = useQuery(aboutQuery).data?.demo === true
  const left = useQuery(leftQuery).data
  const heading = useRef<HTMLHeadingElement>(null)
  const [phone, setPhone] = useState('')
  const [code, setCode] = useState('')
  const [attempt, setAttempt] = useState<SignInAttempt | null>(null)
  const ask = useMutation({
    mutationFn: () => post<SignInAttempt>('/portal/code', { phone }),
    onSuccess: setAttempt,
  })
  const enter = useMutation({
    mutationFn: () => post<PortalSession>('/portal/session', { ...attempt, code }),
    onSuccess: (session) => {
      client.setQueryData(leftQuery.queryKey, null)
      client.setQueryData(portalSessionQuery.queryKey, session)
    },
  })
  const isAsked = attempt !== null
  useEffect(() => {
    if (isAsked) heading.current?.focus()
  }, [isAsked])
  return (
    <div className={classes.sign}>
      <h1 ref={heading} tabIndex={-1}>
        {isAsked ? t('join.step.code') : t('portal.title')}
      </h1>
      {attempt === null ? (
        <>
          {(props.ended || left !== null) && (
            <p role="alert" className={classes.notice}>
              {left === null ? t('portal.sign.ended') : t('portal.sign.left', { name: left })}
            </p>
          )}
          <p className={classes.lead}>{t('portal.sign.lead')}</p>
          <StepForm step={ask} fields={['phone']} next={t('portal.sign.send')}>
            <TextInput
              size="md"
              type="tel"
              inputMode="tel"
              label={t('portal.sign.phone')}
              description={t('portal.sign.phone.how')}
              autoComplete="tel"
              maxLength={40}
              required
              value={phone}
              onChange={(event) => setPhone(event.currentTarget.value)}
              error={problemAt(ask.error, 'phone')}
            />
          </StepForm>
          {demo && (
            <p className={classes.hint}>
              {t('portal.sign.demo')}
              <br />
              <Link to="/telephones" className={classes.link}>
                {t('nav.phones')}
              </Link>
            </p>
          )}
        </>
      ) : (
        <StepForm
          step={enter}
          fields={['code']}
          next={t('portal.sign.enter')}
          back={{
            label: t('portal.sign.other'),
            go: () => {
              setAttempt(null)
              setCode('')
              enter.reset()
            },
          }}
          footer={
            <>
              <CodeAgain again={ask} />
              <p className={classes.hint}>{t('portal.sign.none')}</p>
            </>
          }
        >
          <p>{t('portal.sign.sent', { phone: readablePhone(attempt.phone) })}</p>
          <CodeField
            value={code}
            onChange={(typed) => {
              setCode(typed)
              enter.reset()
            }}
            error={problemAt(enter.error, 'code')}
          />
        </StepForm>
      )}
    </div>
  )
}
