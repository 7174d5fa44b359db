import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, program, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  idOf,
  MAGISTRATE,
  phoneOf,
  seedMagistrate,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Actor, Role } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { createReport, getReport, refuseReport } from '../../reports/actions.ts'
import { claimReport, releaseReport } from '../../reports/claims.ts'
import type { ReportView } from '../../reports/contract.ts'
import { setDoctrine } from '../../schemes/actions.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import {
  authoriseMessage,
  rejectMessage,
  returnMessage,
  reviewMessage,
  submitAlert,
} from '../approval/actions.ts'
import { firstMessageOf } from '../approval/messages.ts'
import { createAlert, discardAlert } from '../compose/draft.ts'
import type { AlertView } from '../contract.ts'
import { approveAlert, broadcastAlert, overrideAlert } from './broadcast.ts'

// The statements are the same on both kinds of database and other tests of these actions run on both, so this one uses
// the faster kind.
let database: Database
let clock = new Date('2026-03-12T17:30:00Z')
let deps: Deps

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  await seedMagistrate(database.db)
  await seedMembers(database.db, 'ac63', [{ id: idOf(1), phones: [phoneOf(1)] }])
  deps = testDeps(database, { now: () => clock })
  await setDoctrine(
    deps,
    program,
    'ac63',
    DoctrineSettings.parse({
      approval: [{ categories: 'all', severities: ['vital'] }],
      care: { budgetPerWeek: { alert: null, notice: null } },
    }),
  )
})
afterAll(() => database.close())

const person = (role: Role, userId: string): Actor => ({
  ...actorOf(role, 'ac63', { agencyId }),
  userId,
})
const writer = person('operator', 'writer')
const second = person('chief', 'second')

/** Moves the clock two days ahead, so that no earlier alert is near. */
const later = () => {
  clock = new Date(clock.getTime() + 48 * 3_600_000)
}

/** Creates a report with its alert, which requires a second person if its category is vital. */
async function write(
  over: { exercise?: boolean; categoryCode?: string } = {},
): Promise<{ report: ReportView; alert: AlertView }> {
  const report = await createReport(deps, writer, 'ac63', {
    categoryCode: 'robbery',
    communeCode: '63178',
    ...over,
  })
  const alert = await createAlert(deps, writer, 'ac63', {
    reportId: report.id,
    text: 'Vol à main armée à Issoire à 17h30. Ne pas intervenir.',
    area: { kind: 'commune', code: '63178' },
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  return { report, alert }
}

const read = ({ version }: AlertView) => ({ version })

/** Returns the error code of a refusal, or an empty string if the action succeeded. */
async function outcomeOf(act: Promise<unknown>): Promise<string> {
  try {
    await act
    return ''
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return error.problems[0]?.code ?? error.code
  }
}

function table(head: readonly string[], rows: readonly (readonly string[])[], width: number): string {
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell) => cell.padEnd(width))
        .join('')
        .trimEnd(),
    )
    .join('\n')
}

/** The expected state of the report and of its claim, or the refusal. */
const REPORTS = [
  '                      claim                 take                  release               compose               discard               broadcast             refuse',
  'waiting               waiting (mine)        waiting (mine)        waiting               waiting               not_found             not_found             refused',
  'claimed by me         waiting (mine)        waiting (mine)        waiting               waiting (mine)        not_found             not_found             refused',
  'claimed by other      report_claimed        waiting (mine)        waiting (other)       waiting (other)       not_found             not_found             refused',
  'composing             waiting (mine)        waiting (mine)        waiting               waiting               waiting               broadcast             refused',
  'submitted             waiting (mine)        waiting (mine)        waiting               waiting               waiting               wrong_state           refused',
  'rejected              waiting (mine)        waiting (mine)        waiting               waiting               wrong_state           wrong_state           refused',
  'broadcast             already_decided       already_decided       broadcast             already_decided       alert_not_draft       alert_not_draft       already_decided',
  'refused               already_decided       already_decided       refused               already_decided       not_found             not_found             already_decided',
].join('\n')

/** Roles that may act (operator, chief, magistrate), or the refusal for all. The chamber and members never may. */
const APPROVALS = {
  others: [
    '                 submit           broadcast        approve          return           reject           override         review',
    'draft            O Ch             approval_needed  wrong_state      wrong_state      wrong_state      Ch               wrong_state',
    'submitted        wrong_state      wrong_state      Ch M             Ch M             Ch M             Ch               wrong_state',
    'returned         O Ch             wrong_state      wrong_state      wrong_state      wrong_state      Ch               wrong_state',
    'rejected         wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state',
    'approved         alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  wrong_state',
    'discarded        wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state',
    'open review      alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  Ch M',
    'own override     alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  own_override',
    'signed           alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  wrong_state',
  ].join('\n'),
  own: [
    '                 submit           broadcast        approve          return           reject           override         review',
    'draft            O Ch             approval_needed  wrong_state      wrong_state      wrong_state      Ch               wrong_state',
    'submitted        wrong_state      wrong_state      own_alert        own_alert        own_alert        Ch               wrong_state',
    'returned         O Ch             wrong_state      wrong_state      wrong_state      wrong_state      Ch               wrong_state',
    'rejected         wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state',
    'approved         alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  wrong_state',
    'discarded        wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state',
    'open review      alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  own_override',
    'own override     alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  own_override',
    'signed           alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  wrong_state',
  ].join('\n'),
  exercise: [
    '                 submit           broadcast        approve          return           reject           override         review',
    'draft            O Ch             approval_needed  wrong_state      wrong_state      wrong_state      Ch               wrong_state',
    'submitted        wrong_state      wrong_state      Ch M             Ch M             Ch M             Ch               wrong_state',
    'returned         O Ch             wrong_state      wrong_state      wrong_state      wrong_state      Ch               wrong_state',
    'rejected         wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state',
    'approved         alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  wrong_state',
    'discarded        wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state      wrong_state',
    'open review      alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  own_override',
    'own override     alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  own_override',
    'signed           alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  alert_not_draft  wrong_state',
  ].join('\n'),
}

test('every action on a report has the expected result in each of its states', async () => {
  const other = person('operator', 'other')
  const states = {
    waiting: async () =>
      (await createReport(deps, writer, 'ac63', { categoryCode: 'counterfeit', communeCode: '63178' })).id,
    'claimed by me': async () => {
      const id = await states.waiting()
      await claimReport(deps, writer, 'ac63', id, { take: false })
      return id
    },
    'claimed by other': async () => {
      const id = await states.waiting()
      await claimReport(deps, other, 'ac63', id, { take: false })
      return id
    },
    composing: async () => (await write({ categoryCode: 'counterfeit' })).report.id,
    submitted: async () => {
      const { report, alert } = await write()
      await submitAlert(deps, writer, 'ac63', alert.id, read(alert))
      return report.id
    },
    rejected: async () => {
      const { report, alert } = await write()
      await submitAlert(deps, writer, 'ac63', alert.id, read(alert))
      await rejectMessage(deps, second, 'ac63', firstMessageOf(alert.id), { ...read(alert), reason: 'Doute' })
      return report.id
    },
    broadcast: async () => {
      const { report, alert } = await write({ categoryCode: 'counterfeit' })
      await broadcastAlert(deps, writer, 'ac63', alert.id, read(alert))
      return report.id
    },
    refused: async () => {
      const id = await states.waiting()
      await refuseReport(deps, writer, 'ac63', id, { reason: 'doubt' })
      return id
    },
  }
  const compose = (id: string) =>
    createAlert(deps, writer, 'ac63', {
      reportId: id,
      text: 'Faux billets à Issoire. Ne pas intervenir.',
      area: { kind: 'commune', code: '63178' },
      trades: [],
      doctrine: { offence: true, arrested: false, level: 'established' },
    })
  const alertOf = async (id: string) => (await getReport(deps, writer, 'ac63', id)).alert?.id ?? idOf(99)
  const acts: Record<string, (id: string) => Promise<unknown>> = {
    claim: (id) => claimReport(deps, writer, 'ac63', id, { take: false }),
    take: (id) => claimReport(deps, writer, 'ac63', id, { take: true }),
    release: (id) => releaseReport(deps, writer, 'ac63', id),
    compose,
    discard: async (id) => discardAlert(deps, writer, 'ac63', await alertOf(id)),
    broadcast: async (id) => broadcastAlert(deps, writer, 'ac63', await alertOf(id), { version: 1 }),
    refuse: (id) => refuseReport(deps, writer, 'ac63', id, { reason: 'doubt' }),
  }
  const rows: string[][] = []
  for (const [state, make] of Object.entries(states)) {
    const row = [state]
    for (const act of Object.values(acts)) {
      later()
      const id = await make()
      const outcome = await outcomeOf(act(id))
      const after = await getReport(deps, writer, 'ac63', id)
      const by = after.claim === null ? '' : after.claim.userId === 'writer' ? ' (mine)' : ' (other)'
      row.push(outcome === '' ? `${after.state}${by}` : outcome)
    }
    rows.push(row)
  }
  expect(table(['', ...Object.keys(acts)], rows, 22)).toBe(REPORTS)
})

const roles: readonly Role[] = ['operator', 'chief', 'magistrate', 'chamber']

/** Tries every approval action in each state by every role, who is the author of the alert or another person. */
async function tryApprovals({ exercise, author }: { exercise: boolean; author: boolean }): Promise<void> {
  const submitted = async () => {
    const { alert } = await write({ exercise })
    return submitAlert(deps, writer, 'ac63', alert.id, read(alert))
  }
  const overriddenBy = async (who: Actor) => {
    const { alert } = await write({ exercise })
    return overrideAlert(deps, who, 'ac63', alert.id, { ...read(alert), reason: 'Urgence' })
  }
  const sign = (who: Actor, alert: AlertView) =>
    reviewMessage(deps, who, 'ac63', firstMessageOf(alert.id), { verdict: 'justified', note: 'Vu' })
  const userId = author ? 'writer' : 'somebody'
  const states: Record<string, () => Promise<AlertView>> = {
    draft: async () => (await write({ exercise })).alert,
    submitted,
    returned: async () => {
      const alert = await submitted()
      return returnMessage(deps, second, 'ac63', firstMessageOf(alert.id), {
        ...read(alert),
        reason: 'Heure',
      })
    },
    rejected: async () => {
      const alert = await submitted()
      return rejectMessage(deps, second, 'ac63', firstMessageOf(alert.id), {
        ...read(alert),
        reason: 'Doute',
      })
    },
    approved: async () => {
      const alert = await submitted()
      return approveAlert(deps, second, 'ac63', alert.id, read(alert))
    },
    discarded: async () => {
      const { alert } = await write({ exercise })
      return discardAlert(deps, writer, 'ac63', alert.id)
    },
    'open review': () => overriddenBy(second),
    'own override': () => overriddenBy(person('chief', userId)),
    signed: async () => sign(person('magistrate', 'third'), await overriddenBy(second)),
  }
  const acts: Record<string, (alert: AlertView, who: Actor) => Promise<unknown>> = {
    submit: (alert, who) => submitAlert(deps, who, 'ac63', alert.id, read(alert)),
    broadcast: (alert, who) => broadcastAlert(deps, who, 'ac63', alert.id, read(alert)),
    approve: (alert, who) => approveAlert(deps, who, 'ac63', alert.id, read(alert)),
    return: (alert, who) =>
      returnMessage(deps, who, 'ac63', firstMessageOf(alert.id), { ...read(alert), reason: 'Heure' }),
    reject: (alert, who) =>
      rejectMessage(deps, who, 'ac63', firstMessageOf(alert.id), { ...read(alert), reason: 'Doute' }),
    override: (alert, who) =>
      overrideAlert(deps, who, 'ac63', alert.id, { ...read(alert), reason: 'Urgence' }),
    review: (alert, who) => sign(who, alert),
  }
  const rows: string[][] = []
  for (const [state, make] of Object.entries(states)) {
    const row = [state]
    // A refused action changes nothing: the next action finds the alert unchanged.
    let alert: AlertView | null = null
    for (const act of Object.values(acts)) {
      const by: string[] = []
      const why = new Set<string>()
      for (const role of roles) {
        if (alert === null) {
          later()
          alert = await make()
        }
        const outcome = await outcomeOf(act(alert, person(role, userId)))
        if (outcome !== '') {
          if (outcome !== 'forbidden') why.add(outcome.replace('doctrine.', ''))
          continue
        }
        by.push(role.slice(0, 1).toUpperCase() + (role === 'chief' ? 'h' : ''))
        alert = null
      }
      row.push(by.length > 0 ? by.join(' ') : [...why].join(' ') || 'nobody')
    }
    rows.push(row)
  }
  const whose = !author ? 'others' : exercise ? 'exercise' : 'own'
  expect(table(['', ...Object.keys(acts)], rows, 17)).toBe(APPROVALS[whose])
}

const NAME =
  'every approval action has the expected result in each state, by every role: exercise $exercise, author $author'
test.each([
  { exercise: false, author: false },
  { exercise: false, author: true },
  { exercise: true, author: true },
])(NAME, tryApprovals)
// Whether it is an exercise or not makes no difference for a user other than the author.
test.each([{ exercise: true, author: false }])(NAME, { tags: 'long' }, tryApprovals)

test.each(roles)('only certain roles may record an authorisation: %s', async (role) => {
  later()
  const { alert } = await write()
  const outcome = await outcomeOf(
    authoriseMessage(deps, person(role, 'somebody'), 'ac63', firstMessageOf(alert.id), {
      ...read(alert),
      magistrateId: MAGISTRATE.id,
      scope: 'Plaque',
    }),
  )
  // Established facts need no authorisation. A user who may not record one gets a refusal that does not reveal this.
  const may = role === 'operator' || role === 'chief' || role === 'magistrate'
  expect(outcome).toBe(may ? 'doctrine.authorisation_needless' : 'forbidden')
})
