import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { untilDrained } from './cli-door.ts'

test('leaves no listener on a stream, however often it waits', async () => {
  const stream = new PassThrough()
  const count = () => ['drain', 'close', 'error'].map((event) => stream.listenerCount(event))
  const before = count()
  for (let i = 0; i < 3; i++) {
    const drained = untilDrained(stream)
    stream.emit('drain')
    await drained
  }
  expect(count()).toEqual(before)
  const closed = untilDrained(stream)
  stream.destroy()
  await closed
})
