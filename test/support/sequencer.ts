import { fileURLToPath } from 'node:url'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Mixes three kinds of files, each in Vitest's order (by duration or size): those of test/ without the web app, which wait for
 * other processes a fifth of their time, those that open it, which keep both cores busy, and those beside the code. So nearly
 * all of the time one that does not wait runs. Those that open the web app start later: on a machine without a cache it is
 * built, and the demo filled, meanwhile.
 */
export default class MixedKinds extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const kinds = Object.groupBy(await super.sort(files), ({ moduleId }) => kindOf(moduleId))
    const { program = [], screens = [], code = [] } = kinds
    const first = Math.ceil(program.length * BEFORE_SCREENS)
    return [...program.slice(0, first), ...mixEvenly([program.slice(first), screens, code])]
  }
}

/** The share of the files of test/ without the web app that start before those that open it. */
const BEFORE_SCREENS = 0.3

const TESTS = fileURLToPath(new URL('../', import.meta.url))
const OF_SCREENS = [`${TESTS}journeys/`, `${TESTS}accessibility/`]

function kindOf(path: string): 'program' | 'screens' | 'code' {
  if (!path.startsWith(TESTS)) return 'code'
  return OF_SCREENS.some((folder) => path.startsWith(folder)) ? 'screens' : 'program'
}

/** Merges lists so that any beginning of the result holds the same share of each, in its order. */
function mixEvenly<T>(lists: readonly (readonly T[])[]): T[] {
  return lists
    .flatMap((list) => list.map((one, index) => ({ one, share: (index + 0.5) / list.length })))
    .toSorted((a, b) => a.share - b.share)
    .map(({ one }) => one)
}
