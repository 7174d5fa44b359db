import { Button } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef } from 'react'
import { isAboutFields } from '../api/problems.ts'
import { Failure } from './Notice.tsx'
import classes from './StepForm.module.css'

/** One step: its fields, what went wrong beside them, and the way on and back. A wrong field gets the caret. */
export function StepForm<Done>(props: {
  step: UseMutationResult<Done, Error, void>
  /** Those that show themselves what is wrong with them. */
  fields: readonly string[]
  next: string
  back?: { readonly label: string; readonly go: () => void }
  children: ReactNode
  /** Below the buttons. */
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
      {error !== null && !isAboutFields(error, props.fields) && <Failure error={error} />}
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
