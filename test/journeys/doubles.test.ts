/**
 * Merging two members is rare; src/changes/merge proves it.
 * @module-tag long
 */
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { DoublePage } from '../../src/changes/merge/contract.ts'
import type { MemberDues } from '../../src/dues/contract.ts'
import type { MemberPage } from '../../src/members/contract.ts'
import { dayIn, METROPOLITAN_ZONE } from '../../src/message/clock.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const everywhere = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk] as const

/** Adds a member again under another name, as a differently written list would. */
async function enterAgain(id: string, of: string, phone: string): Promise<void> {
  await sql`
    insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at)
    select scheme_id, ${id}, name, search_name, trade, commune_code, 'active', now(), now() from members where id = ${of}`.execute(
    demo.deps.db,
  )
  await sql`insert into contacts (scheme_id, id, member_id, person, mobile, sms)
    values ('ac63', ${id}, ${id}, 'Dominique', ${phone}, true)`.execute(demo.deps.db)
}

test('the chamber compares two members, marks them as different, merges them, and undoes both', async () => {
  const page = await demo.enter('chamber', '/adherents')
  await page.getByRole('link', { name: 'Doublons probables' }).click()
  // Removes the two of the demo, which this test is not about.
  await page.getByRole('list', { name: 'Doublons' }).getByRole('region').first().waitFor()
  const { pairs: known } = await demo.call<DoublePage>(page, 'GET', '/api/schemes/ac63/doubles')
  expect(known.map(({ by }) => by.join())).toEqual(['phone,place', 'phone'])
  // Both were charged the fee of the year; merged, they owe it once.
  const [pair] = known
  if (pair === undefined) throw new Error('no pair')
  const owed = (id: string) =>
    demo
      .call<MemberDues>(page, 'GET', `/api/schemes/ac63/members/${id}/dues`)
      .then(({ balanceCents }) => balanceCents)
  const owedBefore = [await owed(pair.first.id), await owed(pair.second.id)]
  expect(owedBefore).toEqual([1000, 1000])
  const own = page.getByRole('region', { name: `${pair.first.name} et ${pair.second.name}` })
  await own.first().getByRole('button', { name: 'Réunir…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Réunir en un seul adhérent' }).click()
  const undo = page
    .getByRole('region', { name: 'Réunis depuis 24 heures' })
    .getByRole('button', { name: /^Annuler la réunion/ })
  await undo.waitFor()
  expect([await owed(pair.first.id), await owed(pair.second.id)].sort()).toEqual([0, 1000])
  await undo.click()
  await undo.waitFor({ state: 'detached' })
  expect([await owed(pair.first.id), await owed(pair.second.id)]).toEqual(owedBefore)

  // If the other one paid, the amount due of the kept one is cancelled, unless the user decides otherwise.
  await demo.call(page, 'POST', `/api/schemes/ac63/members/${pair.second.id}/payments`, {
    way: 'cash',
    amountCents: 1000,
    receivedOn: dayIn(METROPOLITAN_ZONE, new Date()),
    reference: '',
    inAdvance: false,
  })
  const merging = page.getByRole('dialog')
  for (const letOff of [false, true]) {
    await page.reload()
    await own
      .first()
      .getByText(/: 10,00\s€, réglés/)
      .waitFor()
    await own.first().getByRole('button', { name: 'Réunir…' }).click()
    const box = merging.getByRole('checkbox', { name: /^Annuler 10,00\s€ dus par la fiche gardée/ })
    await expect.poll(() => box.isChecked()).toBe(true)
    if (letOff) expect(await violationsIn(page, everywhere)).toEqual([])
    else await box.uncheck()
    await merging.getByRole('button', { name: 'Réunir en un seul adhérent' }).click()
    await undo.waitFor()
    expect(await owed(pair.first.id)).toBe(letOff ? 0 : 1000)
    await undo.click()
    await undo.waitFor({ state: 'detached' })
    expect(await owed(pair.first.id)).toBe(1000)
  }
  for (const { first, second } of known) {
    const body = { members: [first.id, second.id], apart: true }
    await demo.call(page, 'PUT', '/api/schemes/ac63/doubles', body)
  }
  await page.reload()
  await page.getByText('Aucun doublon probable').waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])

  const { members } = await demo.call<MemberPage>(
    page,
    'GET',
    '/api/schemes/ac63/members?commune=63178&status=active&limit=40',
  )
  const [one, other] = members.filter(({ phones }) => phones.length === 1)
  if (one === undefined || other === undefined) throw new Error('no members')
  await enterAgain('00000000-0000-4000-8000-00000000d001', one.id, '+33639989901')
  await enterAgain('00000000-0000-4000-8000-00000000d002', other.id, other.phones[0] ?? '')
  await page.reload()
  const list = page.getByRole('list', { name: 'Doublons' })
  const pairs = list.getByRole('region')
  await expect.poll(() => pairs.count()).toBe(2)
  const sure = list.getByRole('region', { name: `${other.name} et ${other.name}` })
  await sure.getByText('Même mobile').waitFor()
  await sure.getByText('Même nom, même commune').waitFor()
  expect(await violationsIn(page, everywhere)).toEqual([])

  // Marked as different, and undone.
  await sure.getByRole('button', { name: 'Ce sont deux commerces' }).click()
  await expect.poll(() => pairs.count()).toBe(1)
  await page.getByRole('alert').getByRole('button', { name: 'Annuler' }).click()
  await expect.poll(() => pairs.count()).toBe(2)
  // The decision is stored.
  await sure.getByRole('button', { name: 'Ce sont deux commerces' }).click()
  await expect.poll(() => pairs.count()).toBe(1)
  await page.reload()
  await expect.poll(() => pairs.count()).toBe(1)

  // If one of the two is suspended, the merged member is active: the screen says so beforehand.
  await sql`update members set status = 'suspended' where id = '00000000-0000-4000-8000-00000000d001'`.execute(
    demo.deps.db,
  )
  await page.reload()
  await list.getByRole('button', { name: 'Réunir…' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Réunir deux adhérents' })
  await dialog.getByText(`La suspension de ${one.name} est levée`).waitFor()
  await dialog.getByText('06 39 98 99 01'.replaceAll(' ', '\u00a0')).waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await dialog.getByRole('button', { name: 'Réunir en un seul adhérent' }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('Aucun doublon probable').waitFor()
  const recent = page.getByRole('region', { name: 'Réunis depuis 24 heures' })
  await recent.getByText(/Annulable, dernier délai/).waitFor()
  expect(await violationsIn(page, everywhere)).toEqual([])

  // On the page of the kept member; the other one's address leads there.
  await page.goto(`/adherents?membre=${one.id}`)
  const drawer = page.getByRole('dialog')
  await drawer.getByText('06 39 98 99 01'.replaceAll(' ', '\u00a0')).waitFor()
  await page.goto('/adherents?membre=00000000-0000-4000-8000-00000000d001')
  await drawer.getByText('Cette fiche a été réunie dans une autre').waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await drawer.getByRole('link', { name: `Ouvrir ${one.name}` }).click()
  await drawer.getByText('06 39 98 99 01'.replaceAll(' ', '\u00a0')).waitFor()

  await page.goto('/adherents/doublons')
  await recent.getByRole('button', { name: `Annuler la réunion de ${one.name} dans ${one.name}` }).click()
  await expect.poll(() => pairs.count()).toBe(1)
  await recent.waitFor({ state: 'detached' })
})
