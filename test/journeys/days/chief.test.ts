import { expect, test } from 'vitest'
import type { MailSummary } from '../../../src/demo/contract.ts'
import type { PeopleView } from '../../../src/people/contract.ts'
import { LOOKS, violations, violationsIn, withDemo } from '../../support/demo.ts'

const demo = withDemo()
const PASSWORD = 'gravier lune tambour'

test('a chief invites an operator, lets them back in, and closes the account with its open screen', async () => {
  const chief = await demo.enter('chief', '/reglages?partie=personnes')
  const mail = 'anne.roy@demo.invalid'
  const linkTo = async () => {
    const of = async () => {
      const { mails } = await demo.call<{ mails: MailSummary[] }>(chief, 'GET', '/api/demo/mails')
      return mails.filter(({ to }) => to === mail)
    }
    const before = (await of()).length
    return async () => {
      await expect.poll(async () => (await of()).length, { interval: 100 }).toBe(before + 1)
      const [{ id } = { id: '' }] = await of()
      const { text } = await demo.call<{ text: string }>(chief, 'GET', `/api/demo/mails/${id}`)
      return new URL(/https?:\S+invitation#\S+/.exec(text)?.[0] ?? '')
    }
  }

  // A new operator of the service, who chooses a password on a phone.
  const invited = await linkTo()
  await chief.getByRole('button', { name: 'Inviter une personne' }).click()
  await chief.getByLabel('Adresse de messagerie').fill(mail)
  await chief.getByLabel('Prénom et nom').fill('Anne Roy')
  expect(await violations(chief)).toEqual([])
  await chief.getByRole('button', { name: 'Inviter', exact: true }).click()
  const row = chief.getByRole('listitem').filter({ hasText: mail })
  await row.getByText('invité', { exact: true }).waitFor()
  const first = await invited()
  const operator = await demo.enter(null, `${first.pathname}${first.hash}`, { look: LOOKS.phone })
  await operator.getByRole('heading', { name: 'Bienvenue, Anne Roy' }).waitFor()
  const choose = async (password: string) => {
    await operator.locator('input[name=password]').fill(password)
    await operator.locator('input[name=again]').fill(password)
    await operator.getByRole('button', { name: 'Ouvrir mon compte' }).click()
  }
  await choose('anne roy')
  await operator.getByText('12 caractères au moins, 128 au plus').waitFor()
  await operator.getByText('Il contient votre nom', { exact: false }).waitFor()
  expect(await violationsIn(operator, [LOOKS.phone, LOOKS.darkDesk])).toEqual([])
  await choose(PASSWORD)
  await operator.waitForURL(/\/salle/)

  // Phone and password are lost: a new link, from the screen.
  await chief.reload()
  await row.getByText('actif', { exact: true }).waitFor()
  const recovered = await linkTo()
  await row.getByRole('button', { name: 'Rendre l’accès à Anne Roy' }).click()
  await chief.getByRole('button', { name: 'Envoyer un nouveau lien' }).click()
  await row.getByText('lien envoyé', { exact: true }).waitFor()
  await operator.getByText('Votre session a pris fin', { exact: false }).waitFor()
  const again = await recovered()
  await operator.goto(`${first.pathname}${first.hash}`)
  await operator.reload()
  await operator.getByRole('heading', { name: 'Ce lien a déjà servi' }).waitFor()
  await operator.goto(`${again.pathname}${again.hash}`)
  await operator.reload()
  await operator.getByRole('heading', { name: /Retrouvez votre accès/ }).waitFor()
  await choose(PASSWORD)
  await operator.waitForURL(/\/salle/)

  // They left: one act closes the account and its open screen, and can be undone.
  await chief.reload()
  await row.getByRole('button', { name: 'Fermer le compte de Anne Roy' }).click()
  await operator.getByText('Votre session a pris fin', { exact: false }).waitFor()
  await row.getByText('fermé', { exact: true }).waitFor()
  expect(await violationsIn(chief, [LOOKS.phone, LOOKS.darkDesk])).toEqual([])
  await chief.getByRole('button', { name: 'Annuler' }).click()
  await row.getByText('actif', { exact: true }).waitFor()

  // Colleagues of another service, and those above, are shown without acts.
  const { people } = await demo.call<PeopleView>(chief, 'GET', '/api/schemes/ac63/people')
  const refusals = people.map(({ roles: [role], refusal }) => `${role?.role} ${refusal}`).sort()
  expect(refusals).toEqual(
    ['chamber role', 'chief self', 'magistrate role', 'operator null', 'operator service'].filter((one) =>
      refusals.includes(one),
    ),
  )
  await chief.getByRole('searchbox', { name: 'Nom, adresse ou service' }).fill('nobody at all')
  await chief.getByText('Personne ne correspond à cette recherche.').waitFor()
})
