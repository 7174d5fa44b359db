import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { changeMembers } from '../../src/changes/actions.ts'
import { tellDue } from '../../src/changes/tell.ts'
import en from '../../web/messages/en.json' with { type: 'json' }
import fr from '../../web/messages/fr.json' with { type: 'json' }
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
/** Both widths in both colours, in French, whose words are longer; what English adds is seen in one of each. */
const LOOKS_OF = {
  'fr-FR': [LOOKS.desk, LOOKS.darkDesk, LOOKS.lightPhone, LOOKS.phone],
  'en-GB': [LOOKS.desk, LOOKS.phone],
} as const
type Text = typeof fr
const TUESDAY = new Date('2099-06-02T10:00:00.000Z')
/** Suspended, without a number nor an address: it could not be told. */
let untold = ''

beforeAll(async () => {
  const { rows } = await sql<{ id: string }>`
    select id from members where scheme_id = 'ac63' and status = 'active' order by id limit 1`.execute(
    demo.deps.db,
  )
  untold = rows[0]?.id ?? ''
  await sql`update contacts set sms = false, mail = null where member_id = ${untold}::uuid`.execute(
    demo.deps.db,
  )
  const action = { kind: 'suspend', reason: 'charte' } as const
  await changeMembers(demo.deps, { kind: 'system', name: 'test' }, 'ac63', {
    action,
    members: { ids: [untold] },
  })
  await sql`update member_notices set due_at = created.at from (select now() - interval '1 hour' as at) created`.execute(
    demo.deps.db,
  )
  // At noon of a Tuesday, whenever the test runs: SMS to members have their hours.
  await tellDue({ ...demo.deps, now: () => TUESDAY })
})

/** Each screen of the chamber at work, as far as it goes. */
const screens: Record<string, { path: string; open: (page: Page, text: Text) => Promise<void> }> = {
  messages: {
    path: '/messages',
    async open(page, text) {
      await page.getByRole('button', { name: text['messages.write'] }).click()
      await page.getByRole('button', { name: text['messages.read'] }).click()
      await page.locator('[aria-invalid=true]').first().waitFor()
    },
  },
  dues: {
    path: '/cotisations',
    async open(page) {
      await page.getByRole('table').waitFor()
    },
  },
  'an account': {
    path: '/cotisations',
    async open(page) {
      await page.getByRole('table').getByRole('button').first().click()
      await page.getByRole('dialog').getByRole('heading').first().waitFor()
    },
  },
  statistics: {
    path: '/statistiques',
    async open(page, text) {
      await page.getByRole('heading', { level: 1, name: text['nav.statistics'] }).waitFor()
      await page.getByRole('table').or(page.getByRole('img')).first().waitFor()
    },
  },
  privacy: {
    path: '/reglages?partie=donnees',
    async open(page, text) {
      await page.getByRole('heading', { level: 2, name: text['settings.part.donnees'] }).waitFor()
    },
  },
  members: {
    path: '/adherents',
    async open(page) {
      await page.getByRole('checkbox').nth(1).check({ force: true })
    },
  },
  'what is sent of a suspension': {
    path: '/adherents?etat=active&commune=63178',
    async open(page, text) {
      await page.getByRole('checkbox').nth(1).check({ force: true })
      await page.getByRole('button', { name: text['bulk.suspend'] }).click()
      await page.getByRole('dialog').getByRole('textbox').fill('charte')
      await page
        .getByRole('status', { name: text['bulk.told.read'] })
        .getByText(/\d SMS/)
        .waitFor()
    },
  },
  'who was not told': {
    path: '/adherents?etat=untold',
    async open(page) {
      await page.getByRole('table').getByRole('button').first().waitFor()
      expect(await page.getByRole('table').getByRole('row').count()).toBe(2)
    },
  },
  changes: {
    path: '/adherents?etat=untold',
    async open(page, text) {
      await page.getByRole('button', { name: text['changes.title'] }).click()
      await page.getByRole('dialog').getByText('charte', { exact: false }).waitFor()
    },
  },
  'a member': {
    path: '/adherents/:untold',
    async open(page, text) {
      await page.getByText(text['history.change.suspend']).first().waitFor()
    },
  },
  import: {
    path: '/importer',
    async open(page, text) {
      await page.getByRole('heading', { level: 1, name: text['nav.import'] }).waitFor()
    },
  },
}

test.each([
  ['fr-FR', fr],
  ['en-GB', en as Text],
] as const)(
  'every screen of the chamber can be used by everybody: %s',
  async (locale, text) => {
    const page = await demo.enter('chamber', '/messages', { locale })
    for (const [name, { path, open }] of Object.entries(screens)) {
      await page.setViewportSize(LOOKS.desk)
      await page.goto(path.replace(':untold', untold))
      await open(page, text)
      expect(await violationsIn(page, LOOKS_OF[locale]), name).toEqual([])
    }
  },
  300_000,
)
