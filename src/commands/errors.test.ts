import { expect, test } from 'vitest'
import { AppError } from '../errors.ts'
import { describeError } from './errors.ts'

test('describes a refusal with its problems and a hint for the administrator', () => {
  const values = { scheme: 'zz' }
  expect(describeError('fr', new AppError('unknown_scheme', { values }))).toBe(
    'Le dispositif « zz » n’existe pas, ou ne vous est pas ouvert.\n' +
      '→ « tocsin schemes list » montre les dispositifs et comment les charger.\n',
  )
  const problems = [{ code: 'input.required', path: 'name' }] as const
  expect(describeError('fr', new AppError('invalid_input', { problems }))).toBe(
    'La demande est incomplète ou incorrecte.\n  - name : Ce champ est obligatoire.\n',
  )
  expect(describeError('en', new AppError('invalid_input', { problems }))).toBe(
    'The request is incomplete or incorrect.\n  - name: This field is required.\n',
  )
})
