import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ApiError } from './client.ts'
import { askUntilKnown, isGivenUp, isOrderNotReceived, untilKnown } from './doubt.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const failing = (status: number, code = 'test') => new ApiError(status, { code, message: code, problems: [] })
const lost = () => Promise.reject(failing(0, 'unreachable'))

/** Returns these responses in turn, and repeats the last one. */
function answers<T>(...all: (T | Error)[]) {
  return vi.fn(async () => {
    const next = all.length > 1 ? all.shift() : all[0]
    if (next instanceof Error) throw next
    return next as T
  })
}

describe('an order whose response is lost', () => {
  test.each([0, 500, 502, 503, 504])(
    'asks the server after status %d, and returns what was sent',
    async (status) => {
      const onDoubt = vi.fn()
      const ask = answers<string | null>('left')
      const order = untilKnown<string>(() => Promise.reject(failing(status)), { kind: 'alert', ask, onDoubt })
      await expect(order).resolves.toBe('left')
      expect(onDoubt).toHaveBeenCalledOnce()
    },
  )

  test('never reports that nothing was sent while the server cannot be asked: cut connection, restart, ended session', async () => {
    const ask = answers<string | null>(failing(0), failing(502), failing(401), failing(429), 'left')
    const order = untilKnown<string>(lost, { kind: 'alert', ask })
    await vi.advanceTimersByTimeAsync(60_000)
    await expect(order).resolves.toBe('left')
    expect(ask).toHaveBeenCalledTimes(5)
  })

  test('waits for a request that may be in progress before it reports that nothing was sent', async () => {
    const ask = answers<string | null>(null)
    const order = untilKnown<string>(lost, { kind: 'alert', ask })
    const settled = vi.fn()
    order.then(settled, settled)
    await vi.advanceTimersByTimeAsync(9_000)
    expect(settled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(3_000)
    expect(isOrderNotReceived(settled.mock.calls[0]?.[0])).toBe(true)
  })

  test('counts an order that commits after the first questions', async () => {
    const ask = answers<string | null>(null, null, 'left')
    const order = untilKnown<string>(lost, { kind: 'alert', ask })
    await vi.advanceTimersByTimeAsync(5_000)
    await expect(order).resolves.toBe('left')
  })
})

test('reports a refusal at once without asking', async () => {
  const ask = answers<string | null>('left')
  const order = untilKnown<string>(() => Promise.reject(failing(422, 'no_route')), { kind: 'alert', ask })
  await expect(order).rejects.toMatchObject({ code: 'no_route' })
  expect(ask).not.toHaveBeenCalled()
})

test('stops asking when nobody waits for the result', async () => {
  const ended = new AbortController()
  const asking = askUntilKnown<string>({
    kind: 'alert',
    ask: answers<string | null>(null),
    signal: ended.signal,
  })
  const caught = asking.catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(3_000)
  ended.abort()
  await vi.advanceTimersByTimeAsync(3_000)
  expect(isGivenUp(await caught)).toBe(true)
})
