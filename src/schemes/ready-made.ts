import { toDefinition } from './file/definition.ts'
import { readSchemeFile } from './file/read.ts'
import aa63 from './ready-made/aa63.json' with { type: 'json' }
import ab03 from './ready-made/ab03.json' with { type: 'json' }
import ac39 from './ready-made/ac39.json' with { type: 'json' }
import ac63 from './ready-made/ac63.json' with { type: 'json' }
import ae43 from './ready-made/ae43.json' with { type: 'json' }
import type { SchemeDefinition } from './rules.ts'

/** The files of the five schemes that `tocsin schemes load` can load, as `tocsin schemes create` reads them. */
export const readyMadeFiles = [ac63, ac39, ab03, ae43, aa63]

/** The schemes that `tocsin schemes load` can load, as definitions. */
export const readyMade: readonly SchemeDefinition[] = readyMadeFiles.map((file) =>
  toDefinition(readSchemeFile(file)),
)

export function findReadyMade(code: string): SchemeDefinition | undefined {
  return readyMade.find((scheme) => scheme.id === code)
}
