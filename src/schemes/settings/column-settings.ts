import type { AuditEntry } from '../../audit/record.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { type Changes, withChanges } from '../../platform/http/bodies.ts'
import type { SettingWriter } from '../../settings/actions.ts'
import {
  auditBy,
  type ChangedBy,
  changeSettings,
  type ProposeDeps,
  settingsInForce,
} from '../../settings/propose.ts'
import { SUBJECTS } from '../../settings/rules.ts'
import { updateSettings } from '../store.ts'

/** The actions on settings that a scheme stores as one object in one column. */
interface ColumnSettings<T extends object> {
  /** @throws AppError `unknown_scheme` */
  get(deps: Pick<Deps, 'db'>, actor: Actor, schemeId: string): Promise<T>
  /**
   * Changes the settings given, or proposes them.
   * @param reason why, for a setting that another account puts in force
   * @throws AppError `unknown_scheme`; every problem of the values; as `proposeOrApply`
   */
  set(
    deps: ProposeDeps & Pick<Deps, 'db'>,
    actor: Actor,
    schemeId: string,
    changes: Changes<T>,
    reason?: string,
  ): Promise<T & { proposed: string | null }>
  /** Puts a proposed change of them in force. */
  readonly writer: SettingWriter
}

/**
 * Returns the actions on the settings in the column of the scheme that is called as their subject.
 * @param of `parse` reads the column; `merge` applies changes, by default at any depth; `check` completes settings that are to be stored, or throws every problem; `recorded` says what
 * the audit entry holds, by default the settings before and after
 */
export function columnSettings<T extends object>(of: {
  readonly subject: 'dues' | 'messages' | 'enrolment' | 'access' | 'texts'
  readonly action: AuditEntry['action']
  parse(stored: unknown): T
  merge?(before: T, changes: Changes<T>): T
  check?(settings: T, tx: Tx, schemeId: string): T | Promise<T>
  recorded?(before: T, after: T): Pick<AuditEntry, 'details' | 'named'>
}): ColumnSettings<T> {
  const { subject, action, parse, merge = withChanges<T>, check = parse, recorded } = of
  const permission = SUBJECTS[subject].propose

  const read = async (tx: Tx, schemeId: string, { lock = false } = {}): Promise<T> => {
    let query = tx.selectFrom('schemes').select(subject).where('id', '=', schemeId)
    if (lock) query = query.forNoKeyUpdate()
    const row = await query.executeTakeFirst()
    if (row === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    return parse((row as Readonly<Record<string, unknown>>)[subject])
  }

  const write = async (
    tx: Tx,
    deps: Pick<Deps, 'now'>,
    schemeId: string,
    { before, after, by }: { readonly before: T; readonly after: T; readonly by: ChangedBy },
  ): Promise<void> => {
    await updateSettings(tx, schemeId, { [subject]: after })
    const facts = recorded?.(before, after) ?? { details: { before, after } }
    const entry = auditBy(by, { action, subject: `scheme:${schemeId}`, ...facts })
    await recordAudit(tx, schemeId, deps.now(), entry)
  }

  return {
    get: async (deps, actor, schemeId) => {
      authorize(actor, permission, schemeId)
      return inScheme(deps.db, schemeId, (tx) => read(tx, schemeId))
    },
    set: async (deps, actor, schemeId, changes, reason) => {
      authorize(actor, permission, schemeId)
      return inScheme(deps.db, schemeId, async (tx) => {
        const before = await read(tx, schemeId, { lock: true })
        const { settings, proposed } = await changeSettings(tx, deps, actor, {
          schemeId,
          subject,
          before,
          after: await check(merge(before, changes), tx, schemeId),
          reason,
          write: (after, by) => write(tx, deps, schemeId, { before, after, by }),
        })
        return { ...settings, proposed }
      })
    },
    writer: {
      write: async (tx, deps, { schemeId, parts, by }) => {
        const before = await read(tx, schemeId, { lock: true })
        const after = await check(settingsInForce(before, parts), tx, schemeId)
        await write(tx, deps, schemeId, { before, after, by })
      },
    },
  }
}
