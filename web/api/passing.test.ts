import { expect, test } from 'vitest'
import { ApiError } from './client.ts'
import { mayPass } from './passing.ts'

const refusal = (code: string) => new ApiError(409, { code, message: code, problems: [] })

test('offers to repeat a request that may succeed later, and none that would be refused again', () => {
  for (const code of ['rate_limited', 'database_down', 'import_running', 'internal']) {
    expect(mayPass(refusal(code)), code).toBe(true)
  }
  for (const code of [
    'audience_changed',
    'alert_changed',
    'wrong_state',
    'doctrine_refused',
    'not_signed_in',
  ]) {
    expect(mayPass(refusal(code)), code).toBe(false)
  }
})

test('treats a missing response as temporary, and a fault of the screen as no refusal', () => {
  expect(mayPass(refusal('unreachable'))).toBe(true)
  expect(mayPass(new TypeError('undefined is not a function'))).toBe(true)
})
