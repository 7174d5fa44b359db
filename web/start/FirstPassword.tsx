import { Button, PasswordInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError, callApi } from '../api/client.ts'
import { isRefusal } from '../api/problems.ts'
import { sessionQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { useText } from '../ui/format/text.ts'
import { Failure } from '../ui/Notice.tsx'
import classes from './StartPage.module.css'

interface Change {
  currentPassword: string
  newPassword: string
}

/** Replaces the initial password set by an administrator, before the console opens. */
export function FirstPassword(props: { name: string }) {
  const { t } = useText()
  const client = useQueryClient()
  const [differ, setDiffer] = useState(false)
  const change = useAction(
    async (body: Change) => {
      try {
        return await callApi('changePassword', { body })
      } catch (error) {
        if (isRefusal(error, 'wrong_credentials')) {
          throw new ApiError(error.status, {
            code: error.code,
            message: t('signIn.first.wrong'),
            problems: [],
          })
        }
        throw error
      }
    },
    {
      stores: sessionQuery.queryKey,
    },
  )
  const leave = useAction(() => callApi('endSession'), {
    onSuccess: () => client.setQueryData(sessionQuery.queryKey, null),
  })
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const [currentPassword, newPassword, again] = ['current', 'next', 'again'].map((name) =>
      String(form.get(name)),
    ) as [string, string, string]
    setDiffer(newPassword !== again)
    if (newPassword === again) change.mutate({ currentPassword, newPassword })
  }
  const field = {
    required: true,
    size: 'md',
    visibilityToggleButtonProps: { 'aria-label': t('signIn.show') },
  }
  return (
    <form className={classes.sign} onSubmit={submit}>
      <h1>{t('signIn.first.title')}</h1>
      <p>{t('signIn.first.lead', { name: props.name })}</p>
      <Failure error={change.failure} />
      <PasswordInput
        {...field}
        name="current"
        label={t('signIn.first.current')}
        autoComplete="current-password"
      />
      <PasswordInput
        {...field}
        name="next"
        label={t('signIn.first.next')}
        description={t('signIn.first.how')}
        autoComplete="new-password"
        minLength={12}
        maxLength={128}
      />
      <PasswordInput
        {...field}
        name="again"
        label={t('signIn.first.again')}
        autoComplete="new-password"
        error={differ && t('signIn.first.differ')}
      />
      <Button type="submit" size="md" loading={change.isPending}>
        {t('signIn.first.change')}
      </Button>
      <Button variant="subtle" size="md" loading={leave.isPending} onClick={() => leave.mutate()}>
        {t('signIn.first.leave')}
      </Button>
    </form>
  )
}
