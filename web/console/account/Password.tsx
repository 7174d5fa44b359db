import { Button, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { callApi } from '../../api/client.ts'
import { sessionQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import factor from '../shell/sign-in/GiveFactor.module.css'
import classes from './Account.module.css'
import { ownSessionsQuery } from './queries.ts'

/** Changes the password of the account, which ends its other sessions. */
export function Password() {
  const { t } = useText()
  const [isOpen, setOpen] = useState(false)
  return (
    <section className={classes.card} aria-labelledby="mot-de-passe">
      <h2 id="mot-de-passe">{t('account.password.title')}</h2>
      <p className={classes.hint}>{t('account.password.what')}</p>
      {isOpen ? (
        <div className={factor.body}>
          <PasswordForm onEnd={() => setOpen(false)} />
        </div>
      ) : (
        <div className={classes.actions}>
          <Button variant="light" onClick={() => setOpen(true)}>
            {t('signIn.first.change')}
          </Button>
        </div>
      )}
    </section>
  )
}

function PasswordForm(props: { onEnd: () => void }) {
  const { t } = useText()
  const form = useForm({ initialValues: { currentPassword: '', newPassword: '' } })
  const change = useAction(() => callApi('changePassword', { body: form.values }), {
    form,
    fields: ['newPassword'],
    stores: sessionQuery.queryKey,
    refresh: [ownSessionsQuery.queryKey],
    success: t('account.password.done'),
    onSuccess: props.onEnd,
  })
  const field = {
    size: 'md',
    required: true,
    visibilityToggleButtonProps: { 'aria-label': t('signIn.show') },
  }
  return (
    <StepForm
      step={change}
      next={t('people.role.save')}
      back={{ label: t('action.cancel'), go: props.onEnd }}
    >
      <PasswordInput
        {...field}
        data-autofocus
        label={t('account.password.current')}
        autoComplete="current-password"
        {...form.getInputProps('currentPassword')}
      />
      <PasswordInput
        {...field}
        label={t('signIn.first.next')}
        description={t('signIn.first.how')}
        autoComplete="new-password"
        minLength={12}
        maxLength={128}
        {...form.getInputProps('newPassword')}
      />
    </StepForm>
  )
}
