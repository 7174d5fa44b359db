import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { callApi } from '../api/client.ts'
import { isRefusal } from '../api/problems.ts'
import { useAction } from '../api/useAction.ts'
import { CodeField } from '../ui/fields/CodeField.tsx'
import { StepForm } from '../ui/fields/StepForm.tsx'
import { useText } from '../ui/format/text.ts'
import classes from './StartPage.module.css'

/** Asks for the code of the application after a right password, or for a recovery code. */
export function SecondFactor(props: {
  done: { readonly onSuccess: () => unknown; readonly refresh?: readonly (readonly unknown[])[] }
  /** Called when the sign-in must begin again. */
  onBack: () => void
}) {
  const { t } = useText()
  const [isLost, setLost] = useState(false)
  const [typed, setTyped] = useState('')
  const enter = useAction(
    () => callApi('completeSignIn', { body: isLost ? { recoveryCode: typed } : { code: typed } }),
    { ...props.done, fields: ['code'] },
  )
  const switchFactor = () => {
    setLost(!isLost)
    setTyped('')
    enter.reset()
  }
  return (
    <div className={classes.sign}>
      <h1>{t(isLost ? 'signIn.recovery.title' : 'signIn.code.title')}</h1>
      <StepForm
        step={enter}
        next={t('signIn.enter')}
        back={{ label: t('signIn.again'), go: props.onBack }}
        footer={
          !isRefusal(enter.error, 'second_factor_lost') && (
            <Button variant="subtle" onClick={switchFactor}>
              {t(isLost ? 'signIn.code.instead' : 'signIn.recovery.instead')}
            </Button>
          )
        }
      >
        {isLost ? (
          <TextInput
            key="recovery"
            size="lg"
            label={t('signIn.recovery')}
            description={t('signIn.recovery.how')}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={40}
            required
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            error={enter.problemAt('code')}
          />
        ) : (
          <CodeField
            value={typed}
            onChange={setTyped}
            label={t('signIn.code')}
            how={t('signIn.code.how')}
            error={enter.problemAt('code')}
          />
        )}
      </StepForm>
    </div>
  )
}
