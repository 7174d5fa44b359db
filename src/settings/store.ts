import { type Selectable, sql } from 'kysely'
import type { Role } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import type { Schema } from '../schema.ts'
import type { SettingPart, SettingSubject } from './rules.ts'

export type SettingChangeRow = Selectable<Schema['settingChanges']>

/** An active account with a role of the scheme. */
export interface Holder {
  /** In the format of the audit log. */
  readonly actor: string
  readonly name: string
  readonly mail: string | null
  readonly role: Role
}

/** Lists the active accounts with one of these roles in the scheme of the transaction; one with two roles is listed twice. */
export async function listRoleAccounts(tx: Tx, roles: readonly Role[]): Promise<Holder[]> {
  const { rows } = await sql<Holder>`
    select 'user:' || a.id as actor, a.name, a.mail, r.role
    from unnest(${[...roles]}::text[]) as r (role) cross join lateral role_accounts(r.role) a
    order by a.name, a.id, r.role`.execute(tx)
  return rows
}

/**
 * Lists the accounts that count as the second person at an instant: active, opened by their holder, and not given their role or
 * reactivated by another person within the cooling time. At `infinity`: also those whose cooling time has not passed.
 */
export async function listCountedDeciders(
  tx: Tx,
  roles: readonly Role[],
  at: Date | 'infinity',
): Promise<Holder[]> {
  const { rows } = await sql<Holder>`
    select 'user:' || id as actor, name, mail, role from deciding_accounts(${[...roles]}::text[], ${at}::timestamptz)
    order by name, id, role`.execute(tx)
  return rows
}

/** Returns whether an account with one of these roles in the scheme of the transaction was ever opened by its holder, also if it is disabled. */
export async function wasRoleOpened(tx: Tx, roles: readonly Role[]): Promise<boolean> {
  const { rows } = await sql<{ wasOpened: boolean }>`
    select was_role_opened(${[...roles]}::text[]) as was_opened`.execute(tx)
  return rows[0]?.wasOpened === true
}

export async function insertChange(
  tx: Tx,
  change: Omit<SettingChangeRow, 'parts' | 'decidedBy' | 'decidedName' | 'decidedAt' | 'decisionReason'> & {
    readonly parts: readonly SettingPart[]
    readonly decidedBy?: string
    readonly decidedName?: string
    readonly decidedAt?: Date
  },
): Promise<void> {
  await tx
    .insertInto('settingChanges')
    .values({ ...change, parts: JSON.stringify(change.parts) })
    .execute()
}

export async function countWaiting(tx: Tx, schemeId: string, now: Date): Promise<number> {
  const { waiting } = await tx
    .selectFrom('settingChanges')
    .select((row) => row.fn.countAll<string>().as('waiting'))
    .where('schemeId', '=', schemeId)
    .where('state', '=', 'proposed')
    .where('expiresAt', '>', now)
    .executeTakeFirstOrThrow()
  return Number(waiting)
}

/** Lists the latest changes of some subjects. */
export function listStoredSettingChanges(
  tx: Tx,
  schemeId: string,
  { subjects, limit }: { readonly subjects: readonly SettingSubject[]; readonly limit: number },
): Promise<SettingChangeRow[]> {
  if (subjects.length === 0) return Promise.resolve([])
  return tx
    .selectFrom('settingChanges')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('subject', 'in', [...subjects])
    .orderBy('proposedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

type FoundChange = Pick<
  SettingChangeRow,
  'id' | 'subject' | 'parts' | 'state' | 'proposedBy' | 'proposedAt' | 'decidedBy' | 'decidedAt'
>

/** Finds what a change would set, and who proposed it. */
export function findSettingChange(tx: Tx, schemeId: string, id: string): Promise<FoundChange | undefined> {
  return tx
    .selectFrom('settingChanges')
    .select(['id', 'subject', 'parts', 'state', 'proposedBy', 'proposedAt', 'decidedBy', 'decidedAt'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Returns the subject of a change. */
export async function findSubject(tx: Tx, schemeId: string, id: string): Promise<SettingSubject | undefined> {
  const row = await tx
    .selectFrom('settingChanges')
    .select('subject')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row?.subject
}

/** Returns the values that the waiting changes of a subject would set. */
export async function listWaitingValues(
  tx: Tx,
  schemeId: string,
  { subject, now }: { readonly subject: SettingSubject; readonly now: Date },
): Promise<unknown[]> {
  const rows = await tx
    .selectFrom('settingChanges')
    .select('parts')
    .where('schemeId', '=', schemeId)
    .where('subject', '=', subject)
    .where('state', '=', 'proposed')
    .where('expiresAt', '>', now)
    .execute()
  return rows.flatMap(({ parts }) => parts.map(({ after }) => after))
}

/** Finds a change and blocks other decisions on it until the transaction ends. */
export function lockChange(tx: Tx, schemeId: string, id: string): Promise<SettingChangeRow | undefined> {
  return tx
    .selectFrom('settingChanges')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
}

export async function decideChange(
  tx: Tx,
  schemeId: string,
  id: string,
  decision: {
    readonly state: 'in_force' | 'rejected' | 'withdrawn' | 'overtaken'
    readonly decidedBy: string
    readonly decidedName: string
    readonly decidedAt: Date
    readonly decisionReason?: string | null
  },
): Promise<void> {
  await tx
    .updateTable('settingChanges')
    .set(decision)
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('state', '=', 'proposed')
    .execute()
}
