import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const EVERY_LOOK = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk]

test('the chamber writes to a group by SMS and mail; to many, somebody else sends it', async () => {
  // Whatever the hour of the test: in the day, so that it leaves at once, or at night, when it says so.
  const page = await demo.enter('chamber', '/adherents')
  await page.getByRole('link', { name: 'Messages', exact: true }).click()
  await page.getByText('Aucun message').waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await page.getByRole('button', { name: 'Écrire un message' }).click()
  const form = page.getByRole('form', { name: 'Écrire un message' })
  await form.getByRole('button', { name: 'Relire avant l’envoi' }).click()
  await form.getByText('Écrivez le message.').waitFor()
  await form.getByLabel('Message', { exact: true }).fill('Réunion mardi à 19 h à la CCI.')
  await form.getByRole('combobox', { name: 'Métier' }).click()
  await page.getByRole('option', { name: /^Pharmacies/ }).click()
  await form.getByRole('button', { name: 'Relire avant l’envoi' }).click()
  await form.getByText(/destinataires\s: Pharmacies/).waitFor()
  expect(await violationsIn(page, EVERY_LOOK)).toEqual([])
  await form.getByRole('button', { name: /^Envoyer à \d+ destinataires/ }).click()
  await page.getByText('Message envoyé').waitFor()
  const list = page.getByRole('list', { name: 'Messages' })
  await list.getByText(/Pharmacies · \d+ remis sur \d+/).waitFor()
  const { rows } = await sql<{ lane: string; kind: string }>`
    select lane, kind from broadcasts where kind = 'group'`.execute(demo.deps.db)
  expect(rows).toEqual([{ lane: 'service', kind: 'group' }])

  await page.getByRole('button', { name: 'Écrire un message' }).click()
  await form.getByLabel('Par', { exact: true }).selectOption('mail')
  await form.getByLabel('Objet').fill('Nouvelle charte')
  await form.getByLabel('Message', { exact: true }).fill('Bonjour,\n\nla charte change.')
  await form.getByRole('combobox', { name: 'Métier' }).click()
  await page.getByRole('option', { name: /^Pharmacies/ }).click()
  await form.getByRole('button', { name: 'Relire avant l’envoi' }).click()
  await form.getByRole('button', { name: /^Envoyer à/ }).click()
  await list.getByText('Nouvelle charte').waitFor()
  await list.getByText(/courriels? remis/).waitFor()

  // To everybody it waits: not for whoever wrote it.
  await page.getByRole('button', { name: 'Écrire un message' }).click()
  await form.getByLabel('Message', { exact: true }).fill('Le numéro change.')
  await form.getByRole('button', { name: 'Relire avant l’envoi' }).click()
  await form.getByText('une autre personne devra l’envoyer', { exact: false }).waitFor()
  await form.getByRole('button', { name: /^Soumettre/ }).click()
  await list.getByText('Vous l’avez écrit', { exact: false }).waitFor()
  expect(await violationsIn(page, [LOOKS.lightPhone, LOOKS.darkDesk])).toEqual([])
  const chief = await demo.enter('chief', '/messages', { locale: 'en-GB' })
  const waiting = chief.getByRole('listitem').filter({ hasText: 'To send' })
  await waiting.waitFor()
  expect(await violationsIn(chief, EVERY_LOOK)).toEqual([])
  await waiting.getByRole('button', { name: 'Refuse…' }).click()
  await waiting.getByRole('button', { name: 'Refuse the message' }).click()
  await waiting.getByText('Say why', { exact: false }).waitFor()
  await waiting.getByLabel('Why').fill('Pas maintenant.')
  await waiting.getByRole('button', { name: 'Refuse the message' }).click()
  await chief.getByText('Pas maintenant.').waitFor()
  await page.reload()
  await list.getByText('Pas maintenant.').waitFor()
}, 90_000)
