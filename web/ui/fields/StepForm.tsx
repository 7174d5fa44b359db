import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import type { Action } from '../../api/useAction.ts'
import { Failure } from '../Notice.tsx'
import classes from './StepForm.module.css'

/**
 * One step of a form: its fields, the error beside them, and the buttons to continue and go back. A field with an error
 * gets the focus.
 */
export function StepForm<Done>(props: {
  step: Action<Done>
  next: string
  back?: { readonly label: string; readonly go: () => void }
  children: ReactNode
  /** Shown below the buttons. */
  footer?: ReactNode
}) {
  const { step, back } = props
  const form = useRef<HTMLFormElement>(null)
  const { error } = step
  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [error])
  return (
    <form
      ref={form}
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        step.mutate()
      }}
      noValidate
    >
      {props.children}
      <Failure error={step.failure} />
      <div className={classes.actions}>
        {back !== undefined && (
          <Button size="md" variant="default" onClick={back.go}>
            {back.label}
          </Button>
        )}
        <Button type="submit" size="md" loading={step.isPending}>
          {props.next}
        </Button>
      </div>
      {props.footer}
    </form>
  )
}
