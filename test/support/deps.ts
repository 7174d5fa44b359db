import { randomFillSync } from 'node:crypto'
import { createAuditKeys } from '../../src/audit/keys.ts'
import { readConfig } from '../../src/config.ts'
import type { SmsGateway } from '../../src/deliveries/gateway.ts'
import { PlannedBroadcasts } from '../../src/deliveries/plan/planned.ts'
import type { Deps } from '../../src/deps.ts'
import { offlineRegistry } from '../../src/enrolment/registry.ts'
import { listAuthors, namesOfActors } from '../../src/identity/store.ts'
import type { JobName, JobPayloads, Jobs } from '../../src/jobs.ts'
import type { Actor, Role } from '../../src/permissions.ts'
import type { Database } from '../../src/platform/db.ts'
import { createLive } from '../../src/platform/http/live.ts'
import { createIds } from '../../src/platform/ids.ts'
import { testCipher } from './encryption.ts'
import { createTestLog } from './log-scan.ts'

/** Finds the accounts in the entries of the audit record. */
export const authors = { namesOfActors, listAuthors }

/**
 * Jobs that are recorded but never run. A job of a rolled-back transaction stays recorded: query the database for
 * facts.
 */
export interface NotedJobs extends Jobs {
  readonly noted: { name: JobName; payload: JobPayloads[JobName] }[]
}

export function noteJobs(): NotedJobs {
  const noted: NotedJobs['noted'] = []
  return {
    noted,
    async enqueue(_tx, name, payload) {
      noted.push({ name, payload })
    },
    async enqueueAll(_tx, name, payloads) {
      for (const payload of payloads) noted.push({ name, payload })
    },
    async work() {},
    repeat() {},
    askLater() {},
    async stop() {},
  }
}

/** Makes a gateway that is bound and refuses every submission. */
export function idleGateway(simulated = true): SmsGateway {
  const name = simulated ? 'simulator' : 'provider'
  return {
    name,
    kind: 'smpp',
    simulated,
    state: () => ({
      name,
      state: 'bound',
      inFlight: 0,
      window: 100,
      partsPerSecond: undefined,
      silentMs: 0,
      lastError: undefined,
    }),
    totals: () => ({
      submitted: 0,
      accepted: 0,
      refused: 0,
      throttled: 0,
      unanswered: 0,
      receipts: 0,
      linksLost: 0,
      answerMs: 0,
      refusals: {},
    }),
    limit() {},
    submit: () => Promise.reject(new Error('nothing is sent in this test')),
    onReceipts() {},
    onInbound() {},
    async start() {},
    async stop() {},
  }
}

const TEST_SECRET = 'a secret of more than thirty-two characters, for tests only'

/** Makes dependencies over a test database in demo mode, with one simulated gateway and no background work. */
export function testDeps(database: Database, over: Partial<Deps> = {}): Deps {
  const now = over.now ?? (() => new Date())
  return {
    config: readConfig({ TOCSIN_DEMO: 'true', TOCSIN_LOG_LEVEL: 'silent' }),
    secret: { current: TEST_SECRET },
    auditKeys: createAuditKeys({ secret: { current: TEST_SECRET } }),
    cipher: testCipher(),
    database,
    db: database.db,
    now,
    newId: createIds(now, (bytes) => randomFillSync(bytes)),
    random: Math.random,
    log: createTestLog(),
    jobs: noteJobs(),
    live: createLive(),
    planned: new PlannedBroadcasts(),
    gateways: [idleGateway()],
    companies: offlineRegistry(),
    mailer: undefined,
    cards: undefined,
    identityProvider: undefined,
    ...over,
  }
}

/** Makes a signed-in user with one role in one scheme. */
export function actorOf(
  role: Role,
  schemeId: string,
  ids: { readonly agencyId?: string; readonly trades?: readonly string[] } = {},
): Extract<Actor, { kind: 'user' }> {
  const grant = {
    schemeId,
    role,
    agencyId: ids.agencyId ?? null,
    trades: ids.trades ?? null,
  }
  return { kind: 'user', userId: `${role}-1`, name: 'Camille Roche', grants: [grant] }
}

/** The program itself, which changes settings without a second person. */
export const program = { kind: 'system', name: 'test' } as const satisfies Actor

/** Makes a signed-in contact of one or more active members of a scheme. */
export function contactOf(schemeId: string, ...memberIds: string[]): Extract<Actor, { kind: 'contact' }> {
  const shops = memberIds.map((memberId) => ({
    schemeId,
    memberId,
    // The first contact that `seedMembers` creates for it.
    contactId: memberId,
    status: 'active' as const,
  }))
  return { kind: 'contact', sessionId: 'session-1', shops }
}
