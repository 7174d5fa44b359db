import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Runs files that start browsers and programs first, others in Vitest's order (by duration or size): each of these
 * takes tens of seconds whatever its size, and one that starts last would run alone.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) =>
      /\/test\/(journeys|accessibility|chaos|interop)\//.test(moduleId)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
