/** The content of a file of a scheme, not checked yet. */
export type SchemeJson = Readonly<Record<string, unknown>>

/** The values of the form; an empty one is taken from the file or the copy. */
export interface Draft {
  readonly name: string
  readonly id: string
  /** Codes of départements, separated by commas or spaces. */
  readonly departements: string
  readonly sender: string
  readonly referencePrefix: string
  readonly timeZone: string
}

export const EMPTY_DRAFT: Draft = {
  name: '',
  id: '',
  departements: '',
  sender: '',
  referencePrefix: '',
  timeZone: '',
}

/** Fills the form with what a file says. A territory of other areas than départements stays in the file. */
export function draftOfFile(json: SchemeJson): Draft {
  const text = (key: string) => (typeof json[key] === 'string' ? json[key] : '')
  return {
    name: text('name'),
    id: text('id'),
    departements: departementsOf(json.territory).join(', '),
    sender: text('sender'),
    referencePrefix: text('referencePrefix'),
    timeZone: text('timeZone'),
  }
}

function departementsOf(territory: unknown): string[] {
  const { kind, code, areas } = (territory ?? {}) as { kind?: unknown; code?: unknown; areas?: unknown }
  if (kind === 'departement' && typeof code === 'string') return [code]
  if (kind !== 'union' || !Array.isArray(areas)) return []
  const codes = areas.map(departementsOf)
  return codes.some((of) => of.length !== 1) ? [] : codes.flat()
}

/** Returns the file with what was typed in place of its own. */
export function fileOfDraft(json: SchemeJson, { departements, ...draft }: Draft): Record<string, unknown> {
  const typed = Object.entries(draft)
    .map(([key, value]) => [key, value.trim()])
    .filter(([, value]) => value !== '')
  const codes = departements
    .toUpperCase()
    .split(/[\s,;]+/)
    .filter(Boolean)
  const areas = codes.map((code) => ({ kind: 'departement', code }))
  return {
    ...json,
    ...Object.fromEntries(typed),
    ...(areas.length === 1 && { territory: areas[0] }),
    ...(areas.length > 1 && { territory: { kind: 'union', areas } }),
  }
}

/** Reads a file. @returns undefined when it is not a JSON object */
export async function readFile(file: Blob): Promise<SchemeJson | undefined> {
  try {
    const json: unknown = JSON.parse((await file.text()).replace(/^\uFEFF/, ''))
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? { ...json } : undefined
  } catch {
    return undefined
  }
}
