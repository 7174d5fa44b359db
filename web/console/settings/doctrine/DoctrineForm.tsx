import { type ReactNode, useEffect, useRef } from 'react'
import classes from '../Settings.module.css'
import { SaveBar } from './SaveBar.tsx'
import type { DoctrineDraft } from './useDoctrineDraft.ts'

/** A form of doctrine settings that are saved together. A field with an error gets the focus. */
export function DoctrineForm(props: {
  draft: DoctrineDraft
  /** The paths of problems that fields show themselves. */
  fields: readonly string[]
  children: ReactNode
}) {
  const { draft } = props
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (draft.error === null) return
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [role=group][data-wrong]')?.focus()
  }, [draft.error])
  return (
    <form
      ref={form}
      className={classes.card}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        draft.save()
      }}
    >
      {props.children}
      <SaveBar draft={draft} fields={props.fields} />
    </form>
  )
}
