import { fileURLToPath } from 'node:url'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Runs the files of test/ first, others in Vitest's order (by duration or size): they start browsers, programs and databases,
 * which takes tens of seconds whatever the size of the file, and one that starts last would run alone. Those that open the web
 * app come after those that do not: on a machine without a cache it is built, and the demo filled, meanwhile.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [0, 1, 2].flatMap((turn) => sorted.filter(({ moduleId }) => turnOf(moduleId) === turn))
  }
}

const TESTS = fileURLToPath(new URL('../', import.meta.url))
const OF_SCREENS = [`${TESTS}journeys/`, `${TESTS}accessibility/`]

function turnOf(path: string): number {
  if (!path.startsWith(TESTS)) return 2
  return OF_SCREENS.some((folder) => path.startsWith(folder)) ? 1 : 0
}
