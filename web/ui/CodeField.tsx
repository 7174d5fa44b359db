import { Button, TextInput } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import classes from './CodeField.module.css'
import { Failure } from './Notice.tsx'
import { useText } from './text.ts'

/** A number gets one code a minute: a button that would do nothing is not offered. */
const AGAIN_SECONDS = 60

/** The six digits that a phone got by SMS, or a mailbox. */
export function CodeField(props: {
  value: string
  onChange: (code: string) => void
  error: string | undefined
  /** By SMS where nothing is said. */
  label?: string
}) {
  const { t } = useText()
  return (
    <TextInput
      size="lg"
      className={classes.code ?? ''}
      label={props.label ?? t('join.code')}
      description={t('join.code.how')}
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="[0-9 ]*"
      maxLength={12}
      required
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      error={props.error}
    />
  )
}

/** Another code, once the number may get one. */
export function CodeAgain<Done>(props: {
  again: UseMutationResult<Done, Error, void>
  /** Said once it was asked for again; of a number where nothing is said. */
  done?: string
}) {
  const { t } = useText()
  const { again } = props
  const [isAgain, setAgain] = useState(false)
  const [wait, setWait] = useState(AGAIN_SECONDS)
  const isWaiting = wait > 0
  useEffect(() => {
    if (!isWaiting) return
    const timer = setInterval(() => setWait((seconds) => seconds - 1), 1000)
    return () => clearInterval(timer)
  }, [isWaiting])
  return (
    <>
      {again.isError && <Failure error={again.error} />}
      <div>
        <Button
          variant="subtle"
          disabled={isWaiting}
          loading={again.isPending}
          onClick={() =>
            again.mutate(undefined, {
              onSuccess: () => {
                setAgain(true)
                setWait(AGAIN_SECONDS)
              },
            })
          }
        >
          {isWaiting ? t('join.code.wait', { seconds: wait }) : t('join.code.again')}
        </Button>
        <p role="status">{isAgain && isWaiting ? (props.done ?? t('join.code.again.done')) : ''}</p>
      </div>
    </>
  )
}
