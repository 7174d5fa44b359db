import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CircuitBreaker } from './circuit.ts'

function breaker() {
  let opened = 0
  const circuit = new CircuitBreaker(() => {
    opened += 1
  })
  return { circuit, opened: () => opened }
}

describe('circuit', () => {
  test('opens after five failures in a row, but not for failures between successes', () => {
    const { circuit, opened } = breaker()
    for (let i = 0; i < 20; i++) {
      circuit.failed(0)
      if (i % 4 === 3) circuit.succeeded()
    }
    expect(circuit.state).toBe('closed')
    for (let i = 0; i < 5; i++) circuit.failed(0)
    expect(circuit.state).toBe('open')
    expect(circuit.isUsable).toBe(false)
    expect(opened()).toBe(1)
  })

  test('opens at once when its link is down or silent', () => {
    for (const [isBound, isSilent] of [
      [false, false],
      [true, true],
    ] as const) {
      const { circuit } = breaker()
      circuit.updateCircuit(0, isBound, isSilent)
      expect(circuit.state).toBe('open')
    }
  })

  test('is half open after its wait once the link is bound, with one trial at a time; a success closes it', async () => {
    const { circuit } = breaker()
    circuit.updateCircuit(1000, false, false)
    circuit.updateCircuit(1100, true, false)
    expect(circuit.state).toBe('open')
    circuit.updateCircuit(2000, false, false)
    expect(circuit.state).toBe('open')
    circuit.updateCircuit(2000, true, true)
    expect(circuit.state).toBe('half_open')
    expect(circuit.isUsable).toBe(true)
    let end = () => {}
    const trial = circuit.tryWith(
      () =>
        new Promise((resolve) => {
          end = resolve
        }),
    )
    expect(circuit.isUsable).toBe(false)
    circuit.succeeded()
    end()
    await trial
    expect(circuit.state).toBe('closed')
    expect(circuit.isUsable).toBe(true)
  })

  test('doubles the wait after each failed trial, up to half a minute, and resets it after a success', () => {
    const { circuit } = breaker()
    circuit.open(0)
    let at = 0
    const waits: number[] = []
    function untilTried(): void {
      while (circuit.state === 'open') {
        at += 10
        circuit.updateCircuit(at, true, false)
      }
    }
    for (let i = 0; i < 10; i++) {
      const since = at
      untilTried()
      waits.push(at - since)
      circuit.failed(at)
      expect(circuit.state).toBe('open')
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    untilTried()
    circuit.succeeded()
    circuit.open(at)
    circuit.updateCircuit(at + 250, true, false)
    expect(circuit.state).toBe('half_open')
  })

  test('is usable again within half a minute on a bound link, whatever happened', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('failed', 'succeeded', 'down', 'silent', 'up'), { maxLength: 200 }),
        (events) => {
          const { circuit } = breaker()
          let at = 0
          for (const event of events) {
            at += 100
            if (event === 'failed') circuit.failed(at)
            else if (event === 'succeeded') circuit.succeeded()
            else circuit.updateCircuit(at, event !== 'down', event === 'silent')
          }
          circuit.updateCircuit(at + 30_000, true, false)
          expect(circuit.isUsable).toBe(true)
        },
      ),
    )
  })
})
