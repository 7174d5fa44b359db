/** Columns that an undo restores together, or leaves together, because they only make sense together. */
export const CHANGE_FIELDS = {
  name: ['name', 'searchName'],
  siret: ['siret'],
  naf: ['naf', 'naf2025'],
  trade: ['trade'],
  place: ['communeCode', 'address', 'postalCode', 'latitude', 'longitude'],
  joinedOn: ['joinedOn'],
  charterOn: ['charterOn'],
  status: ['status'],
  quiet: ['quietFrom', 'quietTo'],
  tags: ['tags'],
  contacts: ['contacts'],
} as const

export type ChangeField = keyof typeof CHANGE_FIELDS

const FIELDS = Object.keys(CHANGE_FIELDS) as ChangeField[]

/** A member as `memberStates` describes it: values by key, absent if empty. */
export type MemberState = Readonly<Record<string, unknown>>

const differs = (field: ChangeField, a: MemberState, b: MemberState) =>
  CHANGE_FIELDS[field].some((key) => JSON.stringify(a[key] ?? null) !== JSON.stringify(b[key] ?? null))

/** Lists the fields in which two states differ. */
export function changedFields(a: MemberState, b: MemberState): ChangeField[] {
  return FIELDS.filter((field) => differs(field, a, b))
}

/** The details of the audit entry of an edit of one member. The entry of a corrected number names no fields. */
export interface AuditedEdit {
  readonly fields?: readonly string[]
  readonly contacts?: Readonly<Record<string, unknown>>
}

/**
 * Lists what a change set of a member that existed before: from its states, which are stored for a day, or from the audit entry of an
 * edit. Null if neither says.
 */
export function fieldsOfChange(stored: {
  readonly before: MemberState | null
  readonly after: MemberState | null
  readonly audited: AuditedEdit | null
}): ChangeField[] | null {
  const { before, after, audited } = stored
  if (before !== null && after !== null) return changedFields(before, after)
  if (audited === null) return null
  const { fields: columns = [], contacts = {} } = audited
  const isPeople =
    audited.fields === undefined || ['added', 'changed', 'removed'].some((what) => Number(contacts[what]) > 0)
  return FIELDS.filter((field) =>
    field === 'contacts' ? isPeople : CHANGE_FIELDS[field].some((column) => columns.includes(column)),
  )
}

/** The plan for undoing a change of a member that was changed since. */
export interface PartialUndo {
  /** Fields that are restored. */
  readonly restored: readonly ChangeField[]
  /** Fields that the change had changed, and that were changed again since. */
  readonly kept: readonly ChangeField[]
  /** The state to restore: the current one with the restored fields as they were. */
  readonly target: MemberState
}

/**
 * Plans the undo of one member that was changed since: fields that are still as the change left them go back, later values stay.
 * A member that was merged since is left whole.
 */
export function planPartialUndo(states: {
  readonly before: MemberState
  readonly after: MemberState
  readonly current: MemberState
}): PartialUndo {
  const { before, after, current } = states
  const changed = changedFields(before, after)
  const isMerged = (current.mergedInto ?? null) !== (after.mergedInto ?? null)
  const restored = isMerged ? [] : changed.filter((field) => !differs(field, current, after))
  const kept = changed.filter((field) => !restored.includes(field))
  const target: Record<string, unknown> = { ...current }
  for (const key of restored.flatMap((field) => CHANGE_FIELDS[field])) {
    if (before[key] === undefined) delete target[key]
    else target[key] = before[key]
  }
  return { restored, kept, target }
}
