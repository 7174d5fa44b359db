import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Run by `npm run check` and by test/contracts/docstrings.test.ts: comments are sentences.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FRAGMENT = /^(?:Of|Whoever|That|What|Where|How|Who|Whom|Whose|Which|Why|Those|With|For whom|By)\b/
const FRAGMENT_OF_COMMENT = /^(?:Whoever|What|Where|How|Who|Whom|Whose|Which|Why)\b/

/** Paths of the sources whose comments are read, relative to the project. */
export const COMMENTED = globSync('{src,web,scripts,test,bench}/**/*.{ts,tsx,js}', { cwd: ROOT })

/** First lines of docstrings, with their file, that begin as a fragment of a sentence. */
export const fragmentsOfDocstrings = (): readonly string[] =>
  firstLines(/\/\*\*[ \t]*(?:\n[ \t]*\*[ \t]*)?([^\n]*)/g, FRAGMENT)

/** First lines of other comments, with their file, that begin as a question that they do not ask. */
export const fragmentsOfComments = (): readonly string[] =>
  firstLines(/(?<!\/\/[^\n]*\n[ \t]*)\/\/ ([^\n]*)/g, FRAGMENT_OF_COMMENT)

function firstLines(comment: RegExp, fragment: RegExp): string[] {
  return COMMENTED.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(comment)]
      .map(([, text = '']) => text)
      .filter((text) => fragment.test(text))
      .map((text) => `${file}: ${text}`),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fragments = [...fragmentsOfDocstrings(), ...fragmentsOfComments()]
  for (const fragment of fragments) process.stderr.write(`Not a sentence: ${fragment}\n`)
  if (fragments.length > 0) process.exitCode = 1
}
