import { type RefObject, useRef } from 'react'
import { type TextKey, useText } from '../../../ui/format/text.ts'
import classes from './Texts.module.css'

interface Insertion<Field> {
  readonly field: RefObject<Field | null>
  insert(name: string): void
}

/** Inserts variables where the cursor is in a field. */
export function useInsertion<Field extends HTMLTextAreaElement | HTMLInputElement = HTMLTextAreaElement>(
  text: string,
  onChange: (text: string) => void,
): Insertion<Field> {
  const field = useRef<Field>(null)
  return {
    field,
    insert: (name) => {
      const { selectionStart, selectionEnd } = field.current ?? { selectionStart: 0, selectionEnd: 0 }
      onChange(`${text.slice(0, selectionStart ?? 0)}{${name}}${text.slice(selectionEnd ?? 0)}`)
      field.current?.focus()
    },
  }
}

/** Buttons that insert the variables of a text, each with its meaning. */
export function Variables(props: {
  words: Readonly<Record<string, TextKey>>
  onInsert: (name: string) => void
}) {
  const { t } = useText()
  return (
    <fieldset className={classes.variables} aria-label={t('texts.variables')}>
      {Object.entries(props.words).map(([name, key]) => (
        <button key={name} type="button" onClick={() => props.onInsert(name)}>
          <code>{`{${name}}`}</code> {t(key)}
        </button>
      ))}
    </fieldset>
  )
}
