import type { AuditAction } from '../../src/audit/list.ts'
import { recordAudit } from '../../src/audit/record.ts'
import { acrossSchemes, type Database } from '../../src/platform/db.ts'
import type { SettingChangeList } from '../../src/start/setting-changes/contract.ts'
import type { withDemo } from './demo.ts'

/** Sends a request of one account. @throws Error unless it succeeds */
type Send = <T>(method: string, path: string, body?: object) => Promise<T>

/**
 * Changes settings as two people do: one account saves them with a reason, another puts in force what then waits.
 * @returns the response to the first
 */
export async function saveByTwo<T = unknown>(
  by: { readonly first: Send; readonly second: Send },
  { schemeId, method = 'PUT', path, body }: { schemeId: string; method?: string; path: string; body: object },
): Promise<T> {
  const saved = await by.first<T & { readonly proposed: string | null }>(method, path, {
    reason: 'Décidé en comité.',
    ...body,
  })
  if (saved.proposed !== null)
    await by.second<SettingChangeList>(
      'POST',
      `/api/schemes/${schemeId}/setting-changes/${saved.proposed}/in-force`,
    )
  return saved
}

/** Records in the scheme `ac63` that one account acted on another: invited it unless another act is given. */
export function recordAccountAct(
  { db }: Pick<Database, 'db'>,
  at: Date,
  {
    by,
    to,
    action = 'user.invite',
  }: { readonly by: string; readonly to: string; readonly action?: AuditAction },
): Promise<void> {
  return acrossSchemes(db, async (tx) => {
    await recordAudit(tx, 'ac63', at, { actor: `user:${by}`, action, subject: `user:${to}` })
  })
}

/** The demo of a test file. */
type Demo = ReturnType<typeof withDemo>

/** Changes settings of the demo: the chamber saves them, and another account (the chief) puts in force what waits. */
export async function saveInDemo(
  demo: Demo,
  path: string,
  body: object,
  {
    method = 'PUT',
    second = 'chief',
  }: { readonly method?: string; readonly second?: 'chief' | 'magistrate' } = {},
): Promise<void> {
  const sender = async (door: 'chamber' | 'chief' | 'magistrate'): Promise<Send> => {
    const visit = await demo.visit(door)
    return (method, url, data) => demo.call(visit, method, url, data)
  }
  const by = { first: await sender('chamber'), second: await sender(second) }
  await saveByTwo(by, { schemeId: 'ac63', method, path: `/api/schemes/ac63/${path}`, body })
}
