import { useEffect, useState } from 'react'
import { changedPaths, keepTyped } from './typed.ts'

/**
 * Keeps the fields of a form that the user did not change at the settings in force, which others may change meanwhile.
 * @returns the settings that the form was filled with, the paths of what the user changed, and how to fill it anew
 */
export function useInForce<Values extends object>(
  form: { readonly values: NoInfer<Values>; readonly setValues: (values: NoInfer<Values>) => void },
  inForce: Values,
) {
  const [base, setBase] = useState(inForce)
  const fillForm = (values: Values) => {
    form.setValues(values)
    setBase(values)
  }
  useEffect(() => {
    if (changedPaths(base, inForce).length === 0) return
    form.setValues(keepTyped(inForce, base, form.values))
    setBase(inForce)
  })
  return { base, changed: changedPaths(base, form.values), fillForm }
}
