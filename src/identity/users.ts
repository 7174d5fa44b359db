import { randomInt } from 'node:crypto'
import { hashPassword } from 'better-auth/crypto'
import { z } from 'zod'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem } from '../errors.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { asOwner } from '../platform/db.ts'
import { RoleName } from './contract.ts'
import { findUserByMail, insertUser, upsertGrant } from './store.ts'

/** A domain reserved by RFC 2606, which distinguishes the demo's accounts from real ones. */
export const DEMO_MAIL_DOMAIN = 'demo.invalid'

export interface AddUser {
  readonly mail: string
  readonly name: string
  readonly schemeId: string
  /** A role of the console, as typed. */
  readonly role: string
  /** Code of an agency of the scheme. */
  readonly agencyCode?: string
  /** Trade chambers only: the trades whose members it sees and approves. */
  readonly trades?: readonly string[]
}

/**
 * Creates an account and gives it a role in a scheme; an existing account only gets the role.
 * @returns the password to hand over, which is stored nowhere in plain text, or undefined when the account existed
 * @throws AppError `invalid_input` with every problem, `unknown_scheme`
 */
export async function addUser(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'config'>,
  actor: Actor,
  input: AddUser,
): Promise<{ userId: string; password: string | undefined }> {
  authorize(actor, 'user.add', input.schemeId)
  const role = RoleName.safeParse(input.role)
  const problems: Problem[] = []
  if (!z.email().safeParse(input.mail).success) problems.push({ code: 'user.mail', path: 'mail' })
  // The demo refuses to start on a database with real accounts; an account added here would prevent its next start.
  else if (deps.config.demo && !input.mail.toLowerCase().endsWith(`@${DEMO_MAIL_DOMAIN}`)) {
    problems.push({ code: 'user.demo_mail', path: 'mail', values: { domain: DEMO_MAIL_DOMAIN } })
  }
  if (input.name.trim() === '') problems.push({ code: 'input.required', path: 'name' })
  if (!role.success) problems.push({ code: 'user.role', path: 'role', values: { role: input.role } })
  // The hash is slow by design, so it is computed outside the transaction.
  const password = generatePassword()
  const hash = await hashPassword(password)
  const at = deps.now()
  return asOwner(deps.db, async (tx) => {
    const scheme = await tx
      .selectFrom('schemes')
      .select(['id', 'trades'])
      .where('id', '=', input.schemeId)
      .executeTakeFirst()
    if (!scheme) throw new AppError('unknown_scheme', { values: { scheme: input.schemeId } })
    const agencies = await tx
      .selectFrom('agencies')
      .select(['id', 'code'])
      .where('schemeId', '=', input.schemeId)
      .orderBy('code')
      .execute()
    const agency = agencies.find(({ code }) => code === input.agencyCode)
    if (input.agencyCode !== undefined && !agency) {
      const codes = agencies.map(({ code }) => code).join(', ')
      problems.push({ code: 'user.agency', path: 'agency', values: { agency: input.agencyCode, codes } })
    }
    problems.push(...tradeProblems(input, scheme.trades))
    if (problems.length > 0 || !role.success) throw new AppError('invalid_input', { problems })
    const existing = await findUserByMail(tx, input.mail)
    const userId = existing?.id ?? deps.newId()
    if (!existing) {
      await insertUser(tx, {
        id: userId,
        name: input.name.trim(),
        mail: input.mail,
        at,
        password: { accountId: deps.newId(), hash, isDue: true },
      })
    }
    const grant = {
      userId,
      schemeId: scheme.id,
      role: role.data,
      agencyId: agency?.id ?? null,
      trades: input.trades ?? null,
    }
    await upsertGrant(tx, grant)
    await recordAudit(tx, scheme.id, at, {
      actor: actorName(actor),
      action: 'user.add',
      subject: `user:${userId}`,
      details: {
        role: grant.role,
        agencyId: grant.agencyId,
        ...(grant.trades === null ? {} : { trades: grant.trades }),
        created: !existing,
      },
    })
    return { userId, password: existing ? undefined : password }
  })
}

function tradeProblems({ role, trades }: AddUser, schemeTrades: readonly string[]): Problem[] {
  const values = { trades: schemeTrades.join(', ') }
  if (role !== 'trade_chamber') {
    return trades === undefined ? [] : [{ code: 'user.trades_unused', path: 'trades', values }]
  }
  const isRight =
    trades !== undefined && trades.length > 0 && trades.every((code) => schemeTrades.includes(code))
  return isRight ? [] : [{ code: 'user.trades', path: 'trades', values }]
}

/** Letters and digits that are not confused with each other when read aloud. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Generates a random password: 20 of 31 letters, which is 99 bits. */
export function generatePassword(): string {
  const letters = Array.from({ length: 20 }, () => LETTERS[randomInt(LETTERS.length)])
  return [0, 5, 10, 15].map((from) => letters.slice(from, from + 5).join('')).join('-')
}
