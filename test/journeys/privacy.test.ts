import { readFile } from 'node:fs/promises'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { purgeOld } from '../../src/privacy/retention/purge.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const EVERY_LOOK = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk]

test('the chamber reads the retention periods and the deletions, downloads the register; everybody reads the notice', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=donnees')
  await page.getByText('Rien encore : aucune donnée n’a fait son temps.').waitFor()
  // A member left more than a month ago.
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
    page.getByRole('link', { name: 'Registre des traitements, traitement de texte, ODT' }).click(),
  ])
  const odt = await readFile((await file.path()) ?? '')
  expect(odt.subarray(30, 38).toString()).toBe('mimetype')
  const href = await page.getByRole('link', { name: 'Analyse d’impact, PDF' }).getAttribute('href')
  expect((await page.request.fetch(href ?? '')).headers()['content-type']).toBe('application/pdf')

  await page.getByRole('link', { name: 'Notice d’information' }).click()
  await page.getByRole('heading', { level: 1, name: 'Vos données' }).waitFor()
  await page.getByText('tant que vous adhérez, puis 30 jours', { exact: false }).waitFor()
  await page.getByText('après la réponse.', { exact: false }).waitFor()
  const visitor = await demo.enter(null, '/dispositif/ac63', { locale: 'en-GB' })
  await visitor.getByRole('link', { name: 'Your data' }).click()
  await visitor.getByText('as long as you are a member, then 30 days', { exact: false }).waitFor()
  await visitor.goto('/dispositif/nowhere/donnees')
  await visitor.getByRole('heading', { level: 1 }).waitFor()
})

test("only the chamber can read who accessed a member's data", { tags: 'long' }, async () => {
  const operator = await demo.enter('operator', '/adherents')
  const first = operator.locator('tbody tr').first().getByRole('button').first()
  const name = (await first.textContent()) ?? ''
  await first.click()
  await operator.getByRole('dialog', { name }).getByText('Contacts').first().waitFor()
  await expect.poll(() => operator.getByText('Qui a consulté ces données').count()).toBe(0)
  const chamber = await demo.enter('chamber', '/adherents')
  await chamber.getByRole('button', { name, exact: true }).first().click()
  const drawer = chamber.getByRole('dialog', { name })
  await drawer.getByText('Qui a consulté ces données').click()
  await drawer.getByText(/^Fiche · .* · opérat/).waitFor()
  expect(await violationsIn(chamber, [LOOKS.phone, LOOKS.desk])).toEqual([])
})

test('an erasure request, from the demand to the proof', { tags: 'long' }, async () => {
  const page = await demo.enter('chamber', '/adherents')
  const first = page.locator('tbody tr').nth(2).getByRole('button').first()
  const name = (await first.textContent()) ?? ''
  await first.click()
  await page.getByRole('dialog', { name }).getByRole('link', { name: 'Demande sur ses données…' }).click()
  const form = page.getByRole('form', { name: 'Nouvelle demande' })
  await form.getByText(`De l’adhérent ${name}.`).waitFor()
  expect(await violationsIn(page, EVERY_LOOK)).toEqual([])
  await form.getByLabel('Demande', { exact: true }).selectOption({ label: 'Effacement' })
  await form.getByLabel('Reçue le').fill('2001-01-01')
  await form.getByRole('button', { name: 'Inscrire la demande' }).click()
  await form.getByText('plus d’un an', { exact: false }).waitFor()
  const today = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Paris', dateStyle: 'short' }).format(
    new Date(),
  )
  await form.getByLabel('Reçue le').fill(today)
  await form.getByRole('button', { name: 'Inscrire la demande' }).click()
  const list = page.getByRole('list', { name: 'Demandes sur les données' })
  await list.getByText('À répondre').waitFor()
  await list.getByRole('button', { name: 'Effacer…' }).click()
  await list.getByText(`${name} quitte le dispositif`, { exact: false }).waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await list.getByRole('button', { name: 'Effacer pour de bon' }).click()
  await list.getByText('Adhérent effacé').waitFor()
  await list.getByText('Faite', { exact: true }).waitFor()
  // The proof: it is audited, and its name is nowhere in the list.
  const { rows } = await sql<{ action: string }>`
    select action from audit_entries where scheme_id = 'ac63' and action in ('request.enter', 'data.erase') order by seq`.execute(
    demo.deps.db,
  )
  expect(rows.map(({ action }) => action)).toEqual(['request.enter', 'data.erase'])
  await page.goto(`/adherents?q=${encodeURIComponent(name)}`)
  await page.getByText('Rien ne correspond', { exact: false }).waitFor()

  // A person who is not a member: a refusal requires a reason.
  await page.goto('/reglages?partie=donnees')
  await page.getByRole('button', { name: 'Nouvelle demande' }).click()
  await form.getByRole('button', { name: 'Inscrire la demande' }).click()
  await form.getByText('Dites qui demande', { exact: false }).waitFor()
  await form.getByLabel('Qui demande').fill('Mme Petit')
  await form.getByRole('button', { name: 'Inscrire la demande' }).click()
  await list.getByRole('button', { name: 'Refuser…' }).click()
  await list.getByRole('button', { name: 'Refuser la demande' }).click()
  await list.getByText('Dites pourquoi', { exact: false }).waitFor()
  await list.getByLabel('Pourquoi').fill('Aucune donnée à ce nom.')
  await list.getByRole('button', { name: 'Refuser la demande' }).click()
  await list.getByText('Refusée').waitFor()

  // Access: the file of the person, in one action.
  await page.getByRole('button', { name: 'Nouvelle demande' }).click()
  await form.getByLabel('Qui demande').fill('Une dame au 06 39 98 00 01')
  await form.getByRole('button', { name: 'Inscrire la demande' }).click()
  await list.getByText(/encore \d+ jours/).waitFor()
  const href = await list.getByRole('link', { name: 'Dossier à imprimer (PDF)' }).getAttribute('href')
  const file = await page.request.fetch(href ?? '')
  expect([file.status(), file.headers()['content-type']]).toEqual([200, 'application/pdf'])
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])

  // Rectification: the form of the member, with its data.
  await page.goto('/adherents')
  const second = page.locator('tbody tr').nth(1).getByRole('button').first()
  const shop = (await second.textContent()) ?? ''
  await second.click()
  await page
    .getByRole('dialog', { name: shop })
    .getByRole('link', { name: 'Demande sur ses données…' })
    .click()
  await form.getByLabel('Demande', { exact: true }).selectOption({ label: 'Rectification' })
  await form.getByRole('button', { name: 'Inscrire la demande' }).click()
  await list.getByRole('link', { name: 'Corriger la fiche' }).click()
  await page.getByRole('dialog', { name: `Modifier ${shop}` }).waitFor()
})
