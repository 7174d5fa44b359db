import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { CodeTurn } from '../../../src/identity/contract.ts'
import type { Action } from '../../api/useAction.ts'
import { spanOf } from '../format/format.ts'
import { useNow } from '../format/now.ts'
import { useText } from '../format/text.ts'
import { Failure } from '../Notice.tsx'
import classes from './CodeField.module.css'

/** A field for the six digits sent by SMS or mail. */
export function CodeField(props: {
  value: string
  onChange: (code: string) => void
  error: string | undefined
  /** The default is the text for a code by SMS. */
  label?: string
  how?: string
}) {
  const { t } = useText()
  return (
    <TextInput
      size="lg"
      className={classes.code ?? ''}
      label={props.label ?? t('join.code')}
      description={props.how ?? t('join.code.how')}
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

/** Returns the milliseconds, in whole seconds, until another code may be requested; 0 if no earlier code is known. */
function useWait(turn: CodeTurn | null): number {
  const now = useNow()
  return turn === null ? 0 : Math.max(0, Math.ceil((Date.parse(turn.nextAt) - now) / 1000) * 1000)
}

/** Shows what happened to the requested code: it was sent, or the number has reached its limit. */
export function CodeNotice(props: {
  turn: CodeTurn | null
  /** Text if a code was sent. */
  sent: string
  /** Text if none was sent; about a number by default. */
  notNow?: string
}) {
  const { t } = useText()
  const isWaiting = useWait(props.turn) > 0
  const isAccepted = props.turn?.accepted !== false
  return (
    <p role="status">
      {isAccepted ? props.sent : isWaiting ? (props.notNow ?? t('join.code.notNow')) : t('join.code.now')}
    </p>
  )
}

/** A button for another code, shown only once the number may get one. */
export function CodeAgain<Done>(props: {
  again: Action<Done>
  turn: CodeTurn | null
  /** Text after another request; about a number by default. */
  done?: string
}) {
  const { t, lang } = useText()
  const { again, turn } = props
  const [isAgain, setAgain] = useState(false)
  const wait = useWait(turn)
  return (
    <>
      <Failure error={again.failure} />
      <div>
        <Button
          variant="subtle"
          disabled={wait > 0}
          loading={again.isPending}
          onClick={() => again.mutate(undefined, { onSuccess: () => setAgain(true) })}
        >
          {wait > 0 ? t('join.code.wait', { span: spanOf(lang, wait) }) : t('join.code.again')}
        </Button>
        <p role="status">
          {isAgain && wait > 0 && turn?.accepted === true ? (props.done ?? t('join.code.again.done')) : ''}
        </p>
      </div>
    </>
  )
}
