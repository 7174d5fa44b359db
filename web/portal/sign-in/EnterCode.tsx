import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { readablePhone } from '../../../src/message/phone.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { CodeField, CodeNotice } from '../../ui/fields/CodeField.tsx'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import classes from '../Portal.module.css'
import { storeSession } from './storeSession.ts'
import { type Attempt, WAY_TEXTS } from './ways.ts'

/** A field for the code, which signs in. */
export function EnterCode(props: { attempt: Attempt; again: ReactNode; onBack: () => void }) {
  const { t } = useText()
  const client = useQueryClient()
  const { attempt } = props
  const { way, turn } = attempt
  const texts = WAY_TEXTS[way]
  const [code, setCode] = useState('')
  const enter = useAction(
    () =>
      attempt.way === 'phone'
        ? callApi('signInByCode', { body: { attempt: attempt.attempt, phone: attempt.phone, code } })
        : callApi('signInByMail', { body: { attempt: attempt.attempt, mail: attempt.mail, code } }),
    {
      fields: ['code'],
      onSuccess: (session) => storeSession(client, session),
    },
  )
  return (
    <StepForm
      step={enter}
      next={t('portal.sign.enter')}
      back={{ label: t(texts.change), go: props.onBack }}
      footer={
        <>
          {props.again}
          <p className={classes.hint}>{t(texts.none)}</p>
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
        label={t(texts.code)}
      />
    </StepForm>
  )
}
