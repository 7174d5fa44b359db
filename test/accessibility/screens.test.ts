import { sql } from 'kysely'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AlertPage, AlertView, NearList } from '../../src/alerts/contract.ts'
import { changeMembers } from '../../src/changes/actions.ts'
import { sendDueNotices } from '../../src/changes/notices.ts'
import type { ReportView } from '../../src/reports/contract.ts'
import { atName } from '../../src/territory/places/naming.ts'
import { settingsParts } from '../../web/console/settings/search.ts'
import en from '../../web/messages/en.json' with { type: 'json' }
import fr from '../../web/messages/fr.json' with { type: 'json' }
import {
  allViolations,
  BEHIND_DIALOG,
  colourViolations,
  type Door,
  FRAME,
  LOOKS,
  type Look,
  setLook,
  settled,
  violationsButColours,
  withDemo,
} from '../support/demo.ts'
import { IS_LONG, runsOf, sampleOf } from '../support/random.ts'
import { openAccount } from '../support/server.ts'

type Text = typeof fr
type Locale = 'fr-FR' | 'en-GB'

/** The administrator of the platform has no button in the demo. */
type Visitor = Door | 'admin' | null

interface Screen {
  /** Role that sees it; null: a visitor. */
  readonly as: readonly Visitor[]
  /** Address with its parameters; by default its path in the router. */
  readonly path?: () => string
  /** Further addresses of the same screen: its filters and parts. */
  readonly also?: readonly string[]
  /** Finds what proves that one of these addresses shows its own content, not that of the screen without it. */
  readonly shows?: (page: Page, path: string) => Locator
  /** Dialogs and panels that can be opened on it, each from the newly opened screen. */
  readonly states?: Readonly<Record<string, State>>
  /** Selector of what is the same at all these addresses. */
  readonly keeps?: string
  /** True: it stays dark, whatever the system asks for. */
  readonly isDark?: boolean
  /** True: its users have different content there, so that each of them sees it in every look. */
  readonly isDifferent?: boolean
}

/** The options of one look at a screen. */
interface Looked {
  readonly isDark?: boolean | undefined
  /** True: only in the first look of the language. */
  readonly isOnce?: boolean
  /** Selectors of what axe has checked on another screen. */
  readonly except?: readonly string[]
}

interface State {
  readonly path?: string
  /** True: a dialog, which covers the screen. */
  readonly isDialog?: boolean
  /** The user who sees it; by default the first of the screen. */
  readonly as?: Exclude<Visitor, null>
  readonly open: (page: Page, text: Text) => Promise<void>
}

const ADMIN = { mail: 'admin@demo.invalid', name: 'Ada Martin', schemeId: '', role: 'admin' } as const
let password = ''
const demo = withDemo({
  async fill(deps) {
    password = (await openAccount(deps, ADMIN)).password
  },
})
const { TOCSIN_SOAK } = process.env
const { desk, phone, darkDesk, lightPhone } = LOOKS

type Check = (page: Page, except?: readonly string[]) => Promise<string[]>

/** The list of all parts of the settings, which stays beside each of them. */
const PARTS = 'main nav > *'

const WHOLE: readonly (readonly [Look, Check])[] = [desk, darkDesk, phone, lightPhone].map((look) => [
  look,
  allViolations,
])

/**
 * The looks checked for each language: in French every rule on a wide light screen and the colour rules on a dark phone,
 * in English all other rules on a light phone; in a soak, every rule in each combination. Of the further addresses and states
 * of the screens, `npm test` checks a third in every look of both languages and a third in the first look in French, by the
 * seed of the run.
 */
const LOOKS_OF: Readonly<Record<Locale, readonly (readonly [Look, Check])[]>> = TOCSIN_SOAK
  ? { 'fr-FR': WHOLE, 'en-GB': WHOLE }
  : {
      'fr-FR': [
        [desk, allViolations],
        [phone, colourViolations],
      ],
      'en-GB': [[lightPhone, violationsButColours]],
    }

/** States of a screen are checked in French, which has the longer texts, and in a soak also in English. */
const hasStates = (locale: Locale) => locale === 'fr-FR' || TOCSIN_SOAK !== undefined

let alertId = ''
let waitingId = ''
let unnotified = ''
const partOf = (part: string) => `/reglages?partie=${part}`

/** Each screen of the router, by its path. */
const screens: Readonly<Record<string, Screen>> = {
  '/': { as: [null] },
  '/verifier': {
    as: [null],
    states: {
      'a text that nobody sent': {
        async open(page, text) {
          await page.getByLabel(text['verify.text']).fill('Bonjour, cliquez ici')
          await page.getByLabel(text['verify.reference'], { exact: true }).fill('63-26-9999')
          await page.getByRole('button', { name: text['verify.ask'], exact: true }).click()
          await page.getByText(text['verify.unknown.means']).waitFor()
        },
      },
    },
  },
  '/parquet/$scheme/$id': {
    as: [null],
    path: () => '/parquet/ac63/00000000-0000-4000-8000-000000000001',
  },
  '/invitation': { as: [null], path: () => '/invitation#unknown' },
  '/secours': { as: [null, 'chief'], also: ['/secours?fin=oui'] },
  '/connexion/depart': { as: [null] },
  '/connexion/retour': { as: [null], path: () => '/connexion/retour?code=x&state=x' },
  '/numero/$token': { as: [null], path: () => '/numero/unknown' },
  '/demo/carte/$order': { as: [null], path: () => '/demo/carte/unknown' },
  '/dispositif/$scheme': { as: [null], path: () => '/dispositif/ac63', also: ['/dispositif/nowhere'] },
  '/dispositif/$scheme/donnees': { as: [null], path: () => '/dispositif/ac63/donnees' },
  '/accessibilite': { as: [null] },
  '/dispositif/$scheme/accessibilite': { as: [null], path: () => '/dispositif/ac63/accessibilite' },
  '/dispositif/$scheme/etat': { as: [null], path: () => '/dispositif/ac63/etat' },
  '/dispositif/$scheme/inscription': { as: [null], path: () => '/dispositif/ac63/inscription' },
  '/portail': {
    as: [null, 'merchant'],
    isDifferent: true,
    states: {
      'a code by SMS': {
        async open(page, text) {
          await page.getByLabel(text['portal.sign.phone']).fill('06 39 98 99 98')
          await page.getByRole('button', { name: text['portal.sign.send'] }).click()
          await page.getByRole('button', { name: text['portal.sign.other'] }).waitFor()
        },
      },
      'a wrong mail address': {
        async open(page, text) {
          await page.getByRole('button', { name: text['portal.sign.byMail'] }).click()
          await page.getByLabel(text['portal.sign.mail']).fill('zoe')
          await page.getByRole('button', { name: text['portal.sign.send'] }).click()
          await page.getByLabel(text['portal.sign.mail']).and(page.locator('[aria-invalid=true]')).waitFor()
        },
      },
      'a code by mail': {
        async open(page, text) {
          await page.getByRole('button', { name: text['portal.sign.byMail'] }).click()
          await page.getByLabel(text['portal.sign.mail']).fill('personne@example.org')
          await page.getByRole('button', { name: text['portal.sign.send'] }).click()
          await page.getByRole('button', { name: text['portal.sign.mail.other'] }).waitFor()
        },
      },
    },
  },
  '/portail/signaler': {
    as: ['merchant'],
    states: {
      'what is missing': {
        async open(page, text) {
          await page.getByRole('button', { name: text['portal.report.send'] }).click()
          await page.locator('[aria-invalid=true]').first().waitFor()
        },
      },
    },
  },
  '/portail/commerce': {
    as: ['merchant'],
    states: {
      'every form': {
        async open(page, text) {
          await page.getByRole('button', { name: text['portal.phone.change'] }).click()
          await page.getByRole('button', { name: text['portal.person.add'] }).click()
          await page.getByRole('button', { name: text['portal.person.edit'] }).first().click()
        },
      },
    },
  },
  '/portail/compte': { as: ['merchant'] },
  '/portail/cotisation': { as: ['merchant'] },
  '/portail/donnees': {
    as: ['merchant'],
    states: {
      'every form': {
        async open(page, text) {
          await page.getByRole('button', { name: text['passkeys.add'] }).click()
          await page.getByRole('button', { name: text['portal.leave.begin'] }).click()
          await page.getByRole('button', { name: text['portal.data.correct'] }).click()
        },
      },
    },
  },
  '/portail/charte': { as: ['merchant'] },
  '/salle': { as: ['operator'] },
  '/aujourdhui': { as: ['chamber'] },
  '/a-valider': {
    as: ['chief', 'magistrate'],
    states: {
      'sending back': {
        isDialog: true,
        as: 'chief',
        async open(page, text) {
          await page.getByRole('button', { name: text['approvals.return'] }).first().click()
          await page.getByRole('dialog').getByRole('textbox').waitFor()
        },
      },
      rejecting: {
        isDialog: true,
        as: 'chief',
        async open(page, text) {
          await page.getByRole('button', { name: text['approvals.reject'] }).first().click()
          await page.getByRole('dialog').getByRole('textbox').waitFor()
        },
      },
    },
  },
  '/alertes': { as: ['operator'], also: ['/alertes?etat=rejected'] },
  '/alertes/$alertId': {
    as: ['operator'],
    path: () => `/alertes/${alertId}`,
    states: {
      'a follow-up': {
        isDialog: true,
        async open(page, text) {
          await page.getByRole('button', { name: text['followUp.update'], exact: true }).click()
          await page.getByRole('dialog').locator('#suite-texte').waitFor()
        },
      },
    },
  },
  '/journal': { as: ['operator', 'magistrate'], also: ['/journal?etat=refused'] },
  '/audit': { as: ['chamber', 'chief'] },
  '/dispositifs': { as: ['admin'] },
  '/exploitation': { as: ['admin'] },
  '/audit-installation': { as: ['admin'], also: ['/audit-installation?du=2001-01-01&au=2001-01-02'] },
  '/series': { as: ['operator'] },
  '/adherents': {
    as: ['chamber', 'operator'],
    also: ['/adherents?numeros=doubtful'],
    states: {
      chosen: {
        as: 'chamber',
        async open(page) {
          await page.getByRole('checkbox').nth(1).check({ force: true })
        },
      },
      'what is sent of a suspension': {
        isDialog: true,
        as: 'chamber',
        path: '/adherents?etat=active&commune=63178',
        async open(page, text) {
          await page.getByRole('checkbox').nth(1).check({ force: true })
          await page.getByRole('button', { name: text['bulk.suspend'] }).click()
          await page.getByRole('dialog').getByRole('textbox').fill('charte')
          await page
            .getByRole('status', { name: text['bulk.notified.read'] })
            .getByText(/\d SMS/)
            .waitFor()
        },
      },
      'who was not notified': {
        as: 'chamber',
        path: '/adherents?etat=unnotified',
        async open(page) {
          await page.locator('tbody button, [aria-posinset] button').first().waitFor()
          await expect.poll(() => page.locator('tbody tr, [aria-posinset]').count()).toBe(1)
        },
      },
      changes: {
        isDialog: true,
        as: 'chamber',
        path: '/adherents?etat=unnotified',
        async open(page, text) {
          await page.getByRole('button', { name: text['changes.title'] }).click()
          await page.getByRole('dialog').getByText('charte', { exact: false }).waitFor()
        },
      },
      'a file': {
        isDialog: true,
        as: 'chamber',
        async open(page) {
          await page.locator('tbody button, [aria-posinset] button').first().click()
          await page.getByRole('dialog').getByRole('heading').first().waitFor()
        },
      },
    },
  },
  '/adherents/$memberId': {
    as: ['chamber'],
    path: () => `/adherents/${unnotified}`,
    also: ['/adherents/00000000-0000-4000-8000-000000000000'],
  },
  '/importer': { as: ['chamber'] },
  '/adherents/doublons': { as: ['chamber'] },
  '/secteurs': { as: ['chamber'] },
  '/numeros': { as: ['chamber'], also: ['/numeros?facette=shared'] },
  '/cotisations': {
    as: ['chamber'],
    states: {
      'an account': {
        isDialog: true,
        async open(page) {
          await page.locator('tbody button, [aria-posinset] button').first().click()
          await page.getByRole('dialog').getByRole('heading').first().waitFor()
        },
      },
    },
  },
  '/cotisations/paiements': { as: ['chamber'] },
  '/cotisations/prelevements': { as: ['chamber'] },
  '/cotisations/comptabilite': { as: ['chamber'], also: ['/cotisations/comptabilite?annee=2001'] },
  '/demandes': { as: ['chamber'], also: ['/demandes?etat=approved'] },
  '/messages': {
    as: ['chamber'],
    states: {
      writing: {
        async open(page, text) {
          await page.getByRole('button', { name: text['messages.write'] }).click()
          await page.getByRole('button', { name: text['messages.read'] }).click()
          await page.locator('[aria-invalid=true]').first().waitFor()
        },
      },
    },
  },
  '/valider/$scheme/$alertId': { as: ['chief'], path: () => `/valider/ac63/${waitingId}` },
  '/releve': { as: ['operator'] },
  '/salle/mural': { as: ['operator'] },
  // test/journeys/wall.test.ts shows it with its content.
  '/mur': { as: [null], isDark: true },
  '/statistiques': { as: ['chamber'] },
  '/routes': { as: ['chief', 'operator'] },
  '/reglages': {
    as: ['chamber', 'chief', 'admin'],
    also: settingsParts.map(partOf),
    shows: (page, path) => page.locator(`h2#${path.split('=')[1]}`),
    keeps: PARTS,
    states: {
      'the editor of a trade': {
        path: partOf('metiers'),
        async open(page, text) {
          await page
            .getByRole('button', { name: text['trades.edit.label'].split('{')[0] ?? '' })
            .first()
            .click()
          await page.getByRole('searchbox', { name: text['trades.activities.search'] }).fill('47.2')
          await page.getByRole('list', { name: text['trades.activities.search'] }).waitFor()
        },
      },
      'the break-glass account, of an administrator': {
        path: partOf('secours'),
        as: 'admin',
        async open(page, text) {
          await page
            .getByRole('heading', { name: text['settings.part.secours'], level: 1, exact: true })
            .waitFor()
          await page.getByRole('heading', { name: text['breakGlass.openings'], exact: true }).waitFor()
        },
      },
      'a category, with a variable that nothing fills': {
        path: partOf('textes'),
        as: 'chamber',
        async open(page, text) {
          await page
            .getByRole('button', { name: /^(?:Modifier|Edit) / })
            .first()
            .click()
          await page.getByRole('textbox', { name: text['texts.template'] }).fill('Vol {quoi} 😀')
          await page.getByText('quoi', { exact: false }).last().waitFor()
        },
      },
      'a category to take out of use': {
        path: partOf('textes'),
        as: 'chamber',
        async open(page, text) {
          await page
            .getByRole('button', { name: /^(?:Retirer|Take) / })
            .first()
            .click()
          await page.getByText(text['texts.remove.what']).waitFor()
        },
      },
    },
  },
  '/compte': {
    as: ['operator'],
    states: {
      'a new passkey': {
        async open(page, text) {
          await page.getByRole('button', { name: text['passkeys.add'] }).click()
          await page.getByLabel(text['passkeys.name']).waitFor()
        },
      },
    },
  },
  '/telephones': { as: ['operator'] },
  '/courriels': { as: ['operator'] },
}

const call = <T>(of: BrowserContext, path: string, data: object = {}) =>
  demo.call<T>(of, 'POST', `/api/schemes/ac63${path}`, data)

/** Creates an alert that requires a second person, and submits it. */
async function submit(operator: BrowserContext, communeCode: string): Promise<AlertView> {
  const { id: reportId, commune } = await call<ReportView>(operator, '/reports', {
    categoryCode: 'armed-robbery',
    communeCode,
  })
  const draft = await call<AlertView>(operator, '/alerts', {
    reportId,
    text: `Vol à main armée ${atName(commune.name)} à l’instant. Ne pas intervenir, ne pas transférer SMS.`,
    area: { kind: 'commune', code: communeCode },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Essai',
  })
  return call(operator, `/alerts/${draft.id}/submit`, { version: draft.version })
}

beforeAll(async () => {
  // Decisions that wait for a chief: an alert, a follow-up, and one that was sent without a second person.
  const [operator, chief] = [await demo.visit('operator'), await demo.visit('chief')]
  waitingId = (await submit(operator, '63113')).id
  const sent = await submit(operator, '63178')
  await call(chief, `/alerts/${sent.id}/approve`, { version: sent.version })
  alertId = sent.id
  const { alert } = await demo.call<AlertPage>(operator, 'GET', `/api/schemes/ac63/alerts/${sent.id}`)
  await call(operator, `/alerts/${sent.id}/follow-ups/submit`, {
    kind: 'update',
    text: 'Mise à jour : deux hommes en scooter vers la gare.',
    after: alert.broadcasts[0]?.id,
    key: crypto.randomUUID(),
  })
  const urgent = await submit(operator, '63003')
  const { alerts } = await call<NearList>(chief, '/alerts/near', { reportId: urgent.reportId })
  await call(chief, `/alerts/${urgent.id}/override`, {
    version: urgent.version,
    reason: 'Auteurs armés.',
    confirmNear: alerts.filter(({ mustConfirm }) => mustConfirm).map(({ id }) => id),
  })

  // A member without a number or address, so that no message could announce its suspension.
  const { db } = demo.deps
  const { rows } = await sql<{ id: string }>`
    select id from members where scheme_id = 'ac63' and status = 'active' order by id limit 1`.execute(db)
  unnotified = rows[0]?.id ?? ''
  await sql`update contacts set sms = false, mail = null where member_id = ${unnotified}::uuid`.execute(db)
  await changeMembers(demo.deps, { kind: 'system', name: 'test' }, 'ac63', {
    action: { kind: 'suspend', reason: 'charte' },
    members: { ids: [unnotified] },
  })
  await sql`update member_notices set due_at = created.at from (select now() - interval '1 hour' as at) created`.execute(
    db,
  )
  // At noon on a Tuesday, whenever the test runs, since SMS to members are only sent at certain hours.
  await sendDueNotices({ ...demo.deps, now: () => new Date('2099-06-02T10:00:00.000Z') })
})

test('checks every screen of the router', async () => {
  // A name that the compiler does not follow, since the app is built with other settings than its tests.
  const source = '../../web/router.tsx'
  const { router } = (await import(source)) as { router: { routesByPath: Readonly<Record<string, unknown>> } }
  expect(Object.keys(screens).toSorted()).toEqual(Object.keys(router.routesByPath).toSorted())
})

async function enter(visitor: Visitor, locale: Locale): Promise<Page> {
  const page = await demo.enter(visitor === 'admin' ? null : visitor, '/nowhere', { locale })
  if (visitor === 'admin') {
    await demo.call(page, 'POST', '/api/auth/sign-in/email', { email: ADMIN.mail, password })
    await page.reload()
  }
  return page
}

/** Marks the heading of the screen that is left. */
const LEFT = 'data-left'

/** Holds the place of content that is being read. */
const PLACEHOLDER = '.mantine-Skeleton-root'

/** Opens another screen as a link does: a third of the processor time of a page load. */
async function follow(page: Page, path: string): Promise<void> {
  await page.locator('h1').evaluateAll((headings, left) => {
    for (const heading of headings) heading.setAttribute(left, '')
  }, LEFT)
  // The router listens to this function.
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`)
  await page.locator(`h1:not([${LEFT}])`).first().waitFor({ state: 'attached' })
}

const doors = [null, 'operator', 'chief', 'magistrate', 'chamber', 'merchant', 'admin'] as const

const routes = Object.keys(screens)
const further = Object.entries(screens).flatMap(([route, { also = [], states = {} }]) => [
  ...also,
  ...Object.keys(states).map((state) => `${route}, ${state}`),
])
/** The further addresses and the states that are checked in every look of the language; the others only in its first one. */
const inEveryLook = new Set(sampleOf(further, runsOf(further.length)).some)
/** These, and as many that are checked in the first look in French only; all of them in the long set. */
const checkedFurther = new Set(sampleOf(further, Math.min(2 * runsOf(further.length), further.length)).some)
/** The screens tested in English; `npm test` tests a sample of them. */
const english = sampleOf(routes, Math.ceil(routes.length / 3))
describe.each([
  ['fr-FR', fr, routes],
  ['en-GB', en as Text, english.some],
] as const)('every screen is accessible: %s', checkScreens)
describe.each([['en-GB', en as Text, english.all]] as const)(
  'every screen is accessible, all of them: %s',
  { tags: 'long' },
  checkScreens,
)

function checkScreens(locale: Locale, text: Text, checked: readonly string[]): void {
  test.each(doors)('as %s', async (door) => {
    const page = await enter(door, locale)
    const found: string[] = []
    /** The looks in the order of the next screen, which begins with the last one of the screen before. */
    let looks = LOOKS_OF[locale]
    const seen = new Set<Look>()
    const look = async (where: string, of: Looked = {}) => {
      const taken = of.isOnce ? LOOKS_OF[locale].slice(0, 1) : looks
      for (const [given, check] of taken) {
        const one = of.isDark ? { ...given, colorScheme: 'dark' as const } : given
        await setLook(page, one)
        const all = await check(page, [...(seen.has(given) ? FRAME : []), ...(of.except ?? [])])
        seen.add(given)
        found.push(...all.map((what) => `${where}, ${one.width} px, ${one.colorScheme}: ${what}`))
      }
      looks = LOOKS_OF[locale].toSorted(
        ([a], [b]) => Number(b === taken.at(-1)?.[0]) - Number(a === taken.at(-1)?.[0]),
      )
    }
    /** Refused requests and alarms are found on the screens themselves, not in what a state or a wrong address tries. */
    let isScreen = false
    page.on('response', (response) => {
      if (isScreen && response.status() >= 400)
        found.push(`${page.url()}: ${response.status()} of ${new URL(response.url()).pathname}`)
    })
    const lookAtScreen = async (path: string, of: Looked) => {
      isScreen = door !== null
      await open(path, of)
      await look(path, of)
      const alarms =
        door === null ? [] : await page.getByRole('alert').filter({ visible: true }).allTextContents()
      found.push(...alarms.map((text) => `${path}: “${text.slice(0, 120)}”`))
      isScreen = false
    }
    const open = async (path: string, of: Looked = {}) => {
      if (of.isOnce) looks = LOOKS_OF[locale]
      // Some screens share a heading, and one is always dark.
      if (!page.url().endsWith('/nowhere')) await follow(page, '/nowhere')
      await setLook(page, looks[0]?.[0] ?? desk)
      await follow(page, path)
      // A part that is loaded for the first time has its place held for a while, although no request is pending any more.
      await settled(page)
      await expect.poll(() => page.locator(PLACEHOLDER).filter({ visible: true }).count()).toBe(0)
    }
    // The app sets the language once it runs.
    await page.locator(`html[lang=${locale.slice(0, 2)}]`).waitFor()
    if (door === null) {
      await page.getByRole('heading', { level: 1 }).waitFor()
      await look('/nowhere')
    }
    for (const [route, screen] of Object.entries(screens)) {
      if (!checked.includes(route)) continue
      const { as, path = () => route, also = [], shows, keeps, states = {}, isDark, isDifferent } = screen
      if (!as.includes(door)) continue
      const isFirst = as[0] === door
      await lookAtScreen(path(), { isDark, isOnce: !isFirst && !isDifferent && !IS_LONG })
      for (const each of isFirst ? also : []) {
        if (!checkedFurther.has(each) || (!hasStates(locale) && !inEveryLook.has(each))) continue
        const of = { except: keeps ? [keeps] : [], isOnce: !inEveryLook.has(each) }
        await open(each, of)
        await shows?.(page, each).waitFor()
        await look(each, of)
      }
      for (const [name, state] of Object.entries(states)) {
        if ((state.as ?? as[0]) !== door || !hasStates(locale)) continue
        if (!checkedFurther.has(`${route}, ${name}`)) continue
        // Some are opened by a button that a phone has in a menu.
        looks = LOOKS_OF[locale]
        await open(state.path ?? path())
        await state.open(page, text)
        await look(`${route}, ${name}`, {
          isOnce: !inEveryLook.has(`${route}, ${name}`),
          except: state.isDialog ? BEHIND_DIALOG : [],
        })
      }
    }
    expect(found).toEqual([])
  })
}
