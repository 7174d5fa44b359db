import { afterAll, beforeEach } from 'vitest'
import { noteRunningTest, takeLeaks } from './log-scan.ts'

const SHOWN = 10

// A leak fails the file and not only the test, which a second try could pass.
beforeEach(({ task }) => noteRunningTest(task.name))

afterAll(() => {
  noteRunningTest('')
  const leaks = takeLeaks()
  if (leaks.length > 0)
    throw new Error(`${leaks.length} lines of logs give somebody away:\n${leaks.slice(0, SHOWN).join('\n')}`)
})
