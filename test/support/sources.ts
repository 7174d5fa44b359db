import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importsOf } from '../../scripts/rooms-check.ts'
import { ROOT } from './program.ts'

/** Lists files of the project and all files that they import for values, directly or through others. */
export async function sourcesOf(files: readonly string[]): Promise<string[]> {
  const found = new Set(files)
  // A set also goes through what is added meanwhile.
  for (const file of found) {
    if (!file.endsWith('.ts')) continue
    const text = await readFile(join(ROOT, file), 'utf8')
    for (const { path, isType } of importsOf({ file, room: undefined, text })) if (!isType) found.add(path)
  }
  return [...found].toSorted()
}
