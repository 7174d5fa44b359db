import { readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { purgeOld } from '../../src/alerts/retention/purge.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const EVERY_LOOK = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk]

test('the chamber reads how long data is kept and what left, takes the register; everybody reads the notice', async () => {
  const page = await demo.enter('chamber', '/reglages?partie=donnees')
  await page.getByText('Rien encore : aucune donnée n’a fait son temps.').waitFor()
  // Somebody left more than a month ago.
  await sql`update members set status = 'left', updated_at = now() - interval '40 days'
    where id = (select id from members where scheme_id = 'ac63' and status = 'active' order by id limit 1)`.execute(
    demo.deps.db,
  )
  expect(await purgeOld(demo.deps)).toMatchObject({ member: 1 })
  await page.reload()
  await page.getByRole('row', { name: /Adhérents, après leur départ 1/ }).waitFor()
  expect(await violationsIn(page, EVERY_LOOK)).toEqual([])
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Registre des traitements', exact: false }).click(),
  ])
  const register = await readFile((await file.path()) ?? '', 'utf8')
  expect(register).toContain('# Registre des traitements')
  expect(register).toContain('# Analyse d’impact')

  await page.getByRole('link', { name: 'Notice d’information' }).click()
  await page.getByRole('heading', { level: 1, name: 'Vos données' }).waitFor()
  await page.getByText('tant que vous adhérez, puis 30 jours', { exact: false }).waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  const visitor = await demo.enter(null, '/dispositif/ac63', { locale: 'en-GB' })
  await visitor.getByRole('link', { name: 'Your data' }).click()
  await visitor.getByText('as long as you are a member, then 30 days', { exact: false }).waitFor()
  expect(await violationsIn(visitor, [LOOKS.lightPhone, LOOKS.darkDesk])).toEqual([])
  await visitor.goto('/dispositif/nowhere/donnees')
  await visitor.getByRole('heading', { level: 1 }).waitFor()
}, 90_000)

test('who opened the file of a member is there to read for the chamber alone', async () => {
  const operator = await demo.enter('operator', '/adherents')
  const first = operator.locator('tbody tr').first().getByRole('button').first()
  const name = (await first.textContent()) ?? ''
  await first.click()
  await operator.getByRole('dialog', { name }).getByText('Contacts').first().waitFor()
  expect(await operator.getByText('Qui a consulté cette fiche').count()).toBe(0)
  const chamber = await demo.enter('chamber', '/adherents')
  await chamber.getByRole('button', { name, exact: true }).first().click()
  const drawer = chamber.getByRole('dialog', { name })
  await drawer.getByText('Qui a consulté cette fiche').click()
  await drawer.getByText(/ · opérat/).waitFor()
  expect(await violationsIn(chamber, [LOOKS.phone, LOOKS.desk])).toEqual([])
})
