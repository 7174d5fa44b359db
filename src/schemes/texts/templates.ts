import type { Problem } from '../../errors.ts'
import { templateVariables, variablesOf } from './compose.ts'

/**
 * Returns the reasons for which a template cannot be used, such as no text or an unknown variable. The file of a scheme, the
 * settings and the form on the screen all check it with this function.
 */
export function templateRefusals(template: string, path: string): Problem[] {
  const problems: Problem[] = variablesOf(template)
    .filter((name) => !Object.hasOwn(templateVariables, name))
    .map((name) => ({ code: 'template.unknown_variable', path, values: { name } }))
  if (template.replace(/\{[^{}]*\}/g, '').trim() === '') problems.push({ code: 'template.empty', path })
  if (/[{}]/.test(template.replace(/\{[^{}]*\}/g, ''))) problems.push({ code: 'template.braces', path })
  return problems
}
