import { setObservers } from '../alerts/observers/actions.ts'
import { NO_SCHEME } from '../audit/chain.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { setSchemeContact } from '../enrolment/contact.ts'
import { AppError } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { DEMO_MAIL_DOMAIN } from '../identity/store.ts'
import type { Actor } from '../permissions.ts'
import { vacuumDueTables } from '../platform/database/upkeep.ts'
import { acrossSchemes } from '../platform/db.ts'
import { loadScheme, setDoctrine } from '../schemes/actions.ts'
import { seedDemoAlerts } from './alerts.ts'
import { seedDemoCharters } from './charters.ts'
import { actorOfDoor } from './doors.ts'
import { seedDemoDoubles } from './doubles.ts'
import { seedDemoDues } from './dues.ts'
import { seedDemoEnrolments } from './enrolments.ts'
import { seedDemoJoining } from './joined.ts'
import { type DemoScheme, demoMembers, seedDemoMembers } from './members.ts'
import { seedDemoNumbers, seedDemoReconfirmation } from './numbers.ts'
import { seedDemoOnCall } from './on-call.ts'

const actor: Actor = { kind: 'system', name: 'demo' }
const SEEDED = 'demo.seed'
/** Receives a copy of every message; its number belongs to no member. */
export const demoObserver = {
  name: 'Préfecture du Puy-de-Dôme',
  phone: '+33639981001',
  agency: 'prefecture-63',
} as const
/** The change of the doctrine that the chamber of the demo has proposed and that waits for approval. */
const WAITING_DOCTRINE = { unansweredMinutes: { alert: 20 } }
const schemes = Object.keys(demoMembers) as DemoScheme[]

/**
 * Prevents sign-in without password on an installation in service.
 * @throws AppError `demo_refused` when the database contains an account that is not of the demo.
 */
export async function refuseRealInstallation(deps: Pick<Deps, 'db'>): Promise<void> {
  const accounts = await deps.db.selectFrom('user').select('email').execute()
  // The database cannot compare the end of an address that is stored under a pseudonym.
  if (accounts.some(({ email }) => !email.endsWith(`@${DEMO_MAIL_DOMAIN}`)))
    throw new AppError('demo_refused')
}

/** Tells whether the demo of a migrated database was filled. */
export async function isDemoFilled({ db }: Pick<Deps, 'db'>): Promise<boolean> {
  const found = await db
    .selectFrom('auditEntries')
    .select('seq')
    .where('schemeId', '=', NO_SCHEME)
    .where('action', '=', SEEDED)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}

/**
 * Fills a new demo with the five ready-made schemes and their members, once per database. An audit entry marks the
 * completion; an interrupted start runs again.
 */
export async function seedDemo(deps: Deps, printLine: (line: string) => void): Promise<void> {
  if (await isDemoFilled(deps)) return
  const { lang } = deps.config
  const step = (key: string, values?: Record<string, number>) =>
    printLine(formatMessage(lang, 'start.demo', { step: formatMessage(lang, key, values) }))
  step('start.demo_schemes')
  for (const id of schemes) await loadScheme(deps, actor, id)
  step('start.demo_members')
  let members = 0
  for (const id of schemes) members += await seedDemoMembers(deps, id)
  await seedDemoJoining(deps)
  const desk = {
    operator: await actorOfDoor(deps, 'operator'),
    chief: await actorOfDoor(deps, 'chief'),
    chamber: await actorOfDoor(deps, 'chamber'),
  }
  await setSchemeContact(deps, desk.chamber, 'ac63', {
    chamber: {
      phone: '04 65 71 63 00',
      mail: `alerte@${DEMO_MAIL_DOMAIN}`,
      address: '148 boulevard Lavoisier, 63000 Clermont-Ferrand',
      hours: formatMessage(lang, 'demo.contact.hours'),
    },
    dpo: { name: formatMessage(lang, 'demo.contact.dpo'), mail: `dpo@${DEMO_MAIL_DOMAIN}` },
  })
  await seedDemoCharters(deps, 'ac63', desk.chamber)
  await seedDemoEnrolments(deps, 'ac63')
  await seedDemoNumbers(deps, 'ac63')
  await seedDemoReconfirmation(deps, 'ac63', desk.chamber)
  await seedDemoAlerts(deps, 'ac63', desk)
  await seedDemoDues(deps, 'ac63')
  await seedDemoDoubles(deps, 'ac63')
  await seedDemoOnCall(deps, actor, 'ac63')
  await setObservers(deps, actor, 'ac63', { observers: [demoObserver] })
  // A change that waits for the chief. No mail: nobody has opened the demo yet.
  await setDoctrine({ ...deps, mailer: undefined }, desk.chamber, 'ac63', WAITING_DOCTRINE, {
    reason: formatMessage(lang, 'demo.change.reason'),
  })
  // Analysed now, so that the query planner knows the tables before the first user.
  if (deps.database.embedded) await vacuumDueTables(deps.database, () => true)
  await acrossSchemes(deps.db, (tx) =>
    recordAudit(tx, NO_SCHEME, deps.now(), {
      actor: 'system:demo',
      action: SEEDED,
      subject: 'demo',
      details: { schemes: schemes.length, members },
    }),
  )
  step('start.demo_done', { schemes: schemes.length, members })
}
