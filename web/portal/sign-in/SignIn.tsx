import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { callApi } from '../../api/client.ts'
import { useOnline } from '../../api/online.ts'
import { leftQuery } from '../../api/portal.ts'
import { aboutQuery } from '../../api/queries.ts'
import { type Action, useAction } from '../../api/useAction.ts'
import { hasPasskeys } from '../../ui/account/passkeys.ts'
import { Calls17 } from '../../ui/alert/Call17.tsx'
import { CodeAgain } from '../../ui/fields/CodeField.tsx'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { ChamberContacts } from '../../ui/membership/ChamberContact.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import classes from '../Portal.module.css'
import { keepAttempt } from './attempts.ts'
import { ByPasskey } from './ByPasskey.tsx'
import { EnterCode } from './EnterCode.tsx'
import { finishSignOut } from './leaving.ts'
import { type Attempt, WAY_TEXTS, type Way } from './ways.ts'

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
  return (
    <div className={classes.sign}>
      <h1 ref={heading} tabIndex={-1}>
        {isAsked ? t(WAY_TEXTS[way].enterTitle) : t('portal.title')}
      </h1>
      {attempt === null ? (
        <>
          <Notices ended={props.ended} left={left} />
          <AddressForm
            way={way}
            value={typed[way]}
            onChange={(value) => setTyped({ ...typed, [way]: value })}
            ask={ask}
          />
          {mails && (
            <div>
              <Button
                variant="subtle"
                onClick={() => {
                  ask.reset()
                  setWay(other)
                }}
              >
                {t(WAY_TEXTS[other].choose)}
              </Button>
            </div>
          )}
          {hasPasskeys() && <ByPasskey />}
          <DemoHint way={way} />
        </>
      ) : (
        <EnterCode
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

/** Says why the user has to sign in again, and that it needs the network. */
function Notices(props: { ended: boolean; left: string | null }) {
  const { t } = useText()
  const { left } = props
  const online = useOnline()
  return (
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
    </>
  )
}

/** The attributes of the field of each way. */
const INPUTS = {
  phone: { type: 'tel', inputMode: 'tel', autoComplete: 'tel', maxLength: 40 },
  mail: { type: 'email', inputMode: 'email', autoComplete: 'email', maxLength: 254 },
} as const

/** Asks for the number or the mail address to which a code is sent. */
function AddressForm(props: {
  way: Way
  value: string
  onChange: (value: string) => void
  ask: Action<Attempt>
}) {
  const { t } = useText()
  const { way, ask } = props
  const texts = WAY_TEXTS[way]
  return (
    <>
      <p className={classes.lead}>{t(texts.lead)}</p>
      <StepForm key={way} step={ask} next={t('portal.sign.send')}>
        <TextInput
          size="md"
          label={t(texts.label)}
          description={t(texts.how)}
          required
          value={props.value}
          onChange={(event) => props.onChange(event.currentTarget.value)}
          error={ask.problemAt(way)}
          {...INPUTS[way]}
        />
      </StepForm>
    </>
  )
}

/** Tells where the codes of the demo arrive. */
function DemoHint(props: { way: Way }) {
  const { t } = useText()
  const demo = useQuery(aboutQuery).data?.demo === true
  if (!demo) return null
  const texts = WAY_TEXTS[props.way]
  return (
    <p className={classes.hint}>
      {t(texts.demo)}
      <br />
      <Link to={props.way === 'phone' ? '/telephones' : '/courriels'} className={classes.link}>
        {t(texts.demoPage)}
      </Link>
    </p>
  )
}
