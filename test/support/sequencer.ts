import { fileURLToPath } from 'node:url'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Runs the files of test/ first, others in Vitest's order (by duration or size): they start browsers, programs and databases,
 * which takes tens of seconds whatever the size of the file, and one that starts last would run alone.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => moduleId.startsWith(TESTS)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

const TESTS = fileURLToPath(new URL('../', import.meta.url))
