import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { AccountSecurity, CodeSetup } from '../../../src/identity/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { CodeField } from '../../ui/fields/CodeField.tsx'
import { CurrentPassword } from '../../ui/fields/CurrentPassword.tsx'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import classes from './Account.module.css'
import { securityQuery } from './queries.ts'

type Step = 'add' | 'renew' | 'remove'

/** The codes of an application, asked for after the password, and the recovery codes. */
export function Codes(props: { codes: AccountSecurity['codes'] }) {
  const { t } = useText()
  const client = useQueryClient()
  const { codes } = props
  const [step, setStep] = useState<Step | null>(null)
  const [setup, setSetup] = useState<CodeSetup | null>(null)
  const [shown, setShown] = useState<readonly string[] | null>(null)
  const take = (next: AccountSecurity) => client.setQueryData(securityQuery.queryKey, next)
  const close = () => {
    setStep(null)
    setSetup(null)
  }
  const start = async (password: string) => {
    if (step === 'add') setSetup(await callApi('prepareCodes', { body: { password } }))
    else if (step === 'renew') {
      setShown((await callApi('renewRecoveryCodes', { body: { password } })).recoveryCodes)
      await client.invalidateQueries({ queryKey: securityQuery.queryKey })
      close()
    } else {
      take(await callApi('removeCodes', { body: { password } }))
      setShown(null)
      close()
    }
  }
  return (
    <section className={classes.card} aria-labelledby="codes">
      <h2 id="codes">{t('account.codes')}</h2>
      <p className={classes.hint}>{t('account.codes.what')}</p>
      {shown !== null && <RecoveryCodes codes={shown} onDone={() => setShown(null)} />}
      {step === null && (
        <>
          <p>
            {codes === null
              ? t('account.codes.none')
              : codes.isReadable
                ? t('account.codes.on', { count: codes.recoveryCodesLeft })
                : t('account.codes.unreadable')}
          </p>
          <div className={classes.actions}>
            {codes === null ? (
              <Button variant="light" onClick={() => setStep('add')}>
                {t('account.codes.add')}
              </Button>
            ) : (
              <>
                {codes.isReadable && (
                  <Button variant="light" onClick={() => setStep('renew')}>
                    {t('account.codes.renew')}
                  </Button>
                )}
                <Button variant="subtle" color="red" onClick={() => setStep('remove')}>
                  {t('account.codes.remove')}
                </Button>
              </>
            )}
          </div>
        </>
      )}
      {step !== null && setup === null && (
        <WithPassword next={t('factor.continue')} go={start} onBack={close} />
      )}
      {setup !== null && (
        <Confirm
          setup={setup}
          onBack={close}
          onTake={(next) => {
            take(next)
            setShown(setup.recoveryCodes)
            close()
          }}
        />
      )}
    </section>
  )
}

/** Each change of the codes asks for the password. */
function WithPassword(props: { next: string; go: (password: string) => Promise<void>; onBack: () => void }) {
  const { t } = useText()
  const [password, setPassword] = useState('')
  const step = useAction(() => props.go(password))
  return (
    <StepForm step={step} next={props.next} back={{ label: t('action.cancel'), go: props.onBack }}>
      <CurrentPassword value={password} onChange={setPassword} />
    </StepForm>
  )
}

function Confirm(props: { setup: CodeSetup; onBack: () => void; onTake: (next: AccountSecurity) => void }) {
  const { t } = useText()
  const { setup } = props
  const [code, setCode] = useState('')
  const confirm = useAction(() => callApi('confirmCodes', { body: { code } }), {
    fields: ['code'],
    success: t('account.codes.done'),
    onSuccess: props.onTake,
  })
  return (
    <StepForm
      step={confirm}
      next={t('account.codes.confirm')}
      back={{ label: t('action.cancel'), go: props.onBack }}
    >
      <p>{t('account.codes.scan')}</p>
      <img
        className={classes.qr}
        src={`data:image/svg+xml,${encodeURIComponent(setup.qr)}`}
        alt={t('account.codes.qr')}
        width={200}
        height={200}
      />
      <p>
        {t('account.codes.secret')}{' '}
        <code className={classes.secret}>{setup.secret.replace(/.{4}/g, '$& ')}</code>
      </p>
      <CodeField
        value={code}
        onChange={setCode}
        label={t('signIn.code')}
        how={t('signIn.code.how')}
        error={confirm.problemAt('code')}
      />
    </StepForm>
  )
}

/** Shows recovery codes, which no other screen shows. */
function RecoveryCodes(props: { codes: readonly string[]; onDone: () => void }) {
  const { t } = useText()
  const text = props.codes.join('\n')
  return (
    <section className={classes.codes} aria-label={t('account.recovery')}>
      <p>
        <b>{t('account.recovery.keep')}</b>
      </p>
      <ul>
        {props.codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className={classes.actions}>
        <Button
          component="a"
          variant="light"
          href={`data:text/plain;charset=utf-8,${encodeURIComponent(`${t('account.recovery')}\n\n${text}\n`)}`}
          download="tocsin.txt"
        >
          {t('account.recovery.save')}
        </Button>
        <Button variant="default" onClick={props.onDone}>
          {t('account.recovery.done')}
        </Button>
      </div>
    </section>
  )
}
