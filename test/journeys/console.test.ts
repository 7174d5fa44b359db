import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { demoObserver } from '../../src/demo/seed.ts'
import { authenticatorOf } from '../support/browser.ts'
import {
  chooseInMenu,
  copyDemo,
  enterCall,
  type Handset,
  LOOKS,
  removeDemo,
  settled,
  startOn,
  untilEnabled,
  violations,
  withDemo,
} from '../support/demo.ts'
import { freePort } from '../support/postgres.ts'
import { openAccount } from '../support/server.ts'
import { formerTotpOf, totpOf } from '../support/totp.ts'

const SENT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."

const demo = withDemo()

/** Reads the newest alert, which the first test sent. */
async function newestAlert(page: Page): Promise<string> {
  const { alerts } = await demo.call<{ alerts: { id: string }[] }>(
    page,
    'GET',
    '/api/schemes/ac63/alerts?limit=1',
  )
  return `/alertes/${alerts[0]?.id}`
}

/** Orders an alert by keyboard only, and counts the interactions: keys pressed without looking up count as one. */
async function alertByKeyboard(page: Page): Promise<{ interactions: number; ms: number }> {
  let interactions = 0
  const press = async (...keys: string[]) => {
    interactions += 1
    for (const key of keys) await page.keyboard.press(key)
  }
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  const start = performance.now()
  await press('2')
  await press('i', 's', 's')
  await page
    .getByRole('option', { name: /Issoire/ })
    .first()
    .waitFor()
  // Counterfeiters go from shop to shop: the agglomeration is proposed, and has the focus.
  await press('Enter')
  await page.getByRole('radio', { name: /Agglo/, checked: true }).waitFor()
  await page.getByText(SENT).first().waitFor()
  await press('Control+Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).waitFor()
  await press('Enter')
  // It has the focus; while the recipients are counted it is disabled.
  await untilEnabled(page, sheet.getByRole('button', { name: 'Maintenir pour diffuser' }))
  await press('Enter', 'Enter')
  await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
  return { interactions, ms: performance.now() - start }
}

test('the call to 17, by keyboard: the phones ring and the bar reaches 100 %', async () => {
  const page = await demo.enter(null, '/')
  const phones = await page.context().newPage()
  await phones.goto('/telephones')
  await page.bringToFront()
  await page.getByRole('button', { name: /Opératrice/ }).click()
  await page.waitForURL('**/salle')
  const { interactions, ms } = await alertByKeyboard(page)
  // U1: at most 6 interactions and 20 s.
  expect(interactions).toBeLessThanOrEqual(6)
  expect(ms).toBeLessThan(20_000)

  const bar = page.getByRole('progressbar').first()
  await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(0)
  const planned = Number(await bar.getAttribute('aria-valuemax'))
  expect(planned).toBeGreaterThan(50)
  await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBe(planned)
  await page.getByText(SENT).first().waitFor()

  await phones.getByText(SENT).first().waitFor()
  const rang = async () => {
    const { handsets } = await demo.call<{ handsets: Handset[] }>(page, 'GET', '/api/demo/handsets?limit=500')
    return handsets
      .filter(({ messages }) => messages.some((message) => message.text.startsWith(SENT)))
      .map(({ phone }) => phone)
  }
  // The copy for the observer is not counted, and is sent after the others.
  expect((await rang()).filter((phone) => phone !== demoObserver.phone)).toHaveLength(planned)
  await expect.poll(rang).toContain(demoObserver.phone)
})

test('pressing Enter twice out of habit answers the question on the offence, and sends nothing', async () => {
  const page = await demo.enter('operator', '/salle')
  await enterCall(page, '2', 'thie', /Thiers/)
  await page.getByRole('button', { name: /^Diffuser à/ }).waitFor()
  await page.keyboard.press('Control+Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await sheet.getByRole('button', { name: /^(Maintenir pour diffuser|Entrée encore une fois)/ }).waitFor()
  // A sent alert would show its page, since this demo has no time to cancel.
  await settled(page)
  expect(new URL(page.url()).pathname).toBe('/salle')
  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: 'Effacer', exact: true }).click()
})

test('a report that is not broadcast is listed in the journal with its reason', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  await enterCall(page, '3', 'thie', /Thiers/)
  await page.getByRole('button', { name: /Ne pas diffuser/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio').first().check({ force: true })
  await dialog.getByRole('button', { name: 'Classer sans diffuser' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.goto('/journal')
  await page.getByText('Vol par ruse').first().waitFor()
  await page.getByText('Thiers').first().waitFor()
})

test('each role starts on its own screen and sees only its own screens', async () => {
  const doors = [
    ['operator', '/salle', true],
    ['chamber', '/aujourdhui', false],
    ['magistrate', '/a-valider', false],
    ['merchant', '/portail', false],
  ] as const
  for (const [door, path, room] of doors) {
    const page = await demo.enter(door, path)
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
    await expect
      .poll(() => page.getByRole('link', { name: 'Salle d’alerte' }).count(), { message: door })
      .toBe(room ? 1 : 0)
  }
})

test('the SMS routes are one click from the header, live, and the attempts of a message one click from the alert', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/alertes')
  await page.getByRole('link', { name: 'SMS opérationnel' }).click()
  await page.waitForURL('**/routes')
  await page.getByRole('heading', { level: 2, name: 'simulator' }).waitFor()
  // Two readings make a rate, which the graph also gives as text.
  await page.getByRole('img', { name: /^simulator : messages acceptés par seconde sur 2 minutes/ }).waitFor()
  await page.getByText('Processus d’envoi', { exact: true }).waitFor()

  await page.goto(await newestAlert(page))
  const first = page.getByRole('region', { name: 'Liste des destinataires' }).getByRole('button').first()
  await first.focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => first.getAttribute('aria-expanded')).toBe('true')
  const steps = page.getByRole('list', { name: /^Ce qui est arrivé au message/ })
  await steps.getByText('Accepté par le fournisseur SMS.').waitFor()
  await steps.getByText('Remis au téléphone.').waitFor()
  await page.keyboard.press('Enter')
  await steps.waitFor({ state: 'detached' })
})

test('English from the menu of the person, kept after a reload', async () => {
  const page = await demo.enter('operator', '/salle')
  await page.getByRole('button', { name: /\(compte\)/ }).click()
  await page.getByRole('button', { name: /English/ }).click()
  await page.getByRole('link', { name: 'Alert room' }).waitFor()
  await page.reload()
  await page.getByRole('link', { name: 'Alert room' }).waitFor()
  await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('en')
})

test('the room stays one screen whatever is entered, and dialogs restore the focus', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  await enterCall(page, '2', 'iss', /Issoire/)
  const send = page.getByRole('button', { name: /^Diffuser à/ })
  await send.waitFor()
  await page.getByText(/^\+ \d+ métiers$/).click()
  await page.locator('#message').fill('Trois individus à Issoire vers la gare. Ne pas intervenir. '.repeat(7))
  const hidden = await page.locator('html').evaluate((html) => html.scrollHeight - html.clientHeight)
  expect(hidden).toBe(0)
  const box = await send.boundingBox()
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(LOOKS.desk.height)

  const focused = () => page.locator(':focus').textContent()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Oui, constatée' }).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(focused).toMatch(/^Diffuser à/)
  await page.getByRole('button', { name: /Ne pas diffuser/ }).press('Enter')
  await page.getByRole('radio', { name: 'Doute non levé' }).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(focused).toMatch(/^Ne pas diffuser/)
})

test('the first fields and the audience are visible at once, even with remarks and a near alert', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle', { maps: true })
  await enterCall(page, '2', 'iss', /Issoire/)
  await page
    .locator('#message')
    .fill('Vol à Issoire par un black, Clio AB-123-CD, 06 39 98 00 01, M. Durand. Ne pas intervenir.')
  await page.getByText('Origine, couleur de peau ou religion', { exact: false }).waitFor()
  // Sent a moment ago by another journey, so it may be about the same incident.
  await page.getByText('Une alerte proche est déjà partie', { exact: false }).waitFor()
  const places = [
    page.locator('#quoi'),
    page.getByRole('combobox', { name: 'Où' }),
    page.locator('#message'),
    page.locator('#pour-qui'),
    page.locator('input[id^="zone-"]').first(),
    page.getByRole('button', { name: /^Diffuser/ }),
  ]
  for (const height of [900, 768]) {
    await page.setViewportSize({ width: height === 900 ? 1440 : 1366, height })
    const bar = (await page.getByRole('button', { name: /^Diffuser/ }).boundingBox())?.y ?? 0
    // The recipients are shown over the end of the scrolling part.
    const who = (await page.locator('#pour-qui').boundingBox())?.y ?? 0
    for (const [index, place] of places.entries()) {
      const box = await place.boundingBox()
      expect(box?.y ?? -1, `${height}: ${index}`).toBeGreaterThan(0)
      expect((box?.y ?? 0) + (box?.height ?? 0), `${height}: ${index}`).toBeLessThanOrEqual(
        index === places.length - 1 ? height : index < 3 ? who : bar,
      )
    }
  }
  // The near alert has a ring on the map, and a text.
  await page.getByText(/^\d+ alertes? récentes?/).click()
  await page
    .getByRole('link', { name: /^63-\d\d-\d{4}$/ })
    .last()
    .waitFor()
})

test('outside the demo: a password opens the requested screen, and an ended session leads back to it', () =>
  signInOutsideDemo({ bySecondFactor: false }))

test(
  'outside the demo: a code of an application follows the password, and a passkey takes the place of both',
  {
    tags: 'long',
  },
  () => signInOutsideDemo({ bySecondFactor: true }),
)

async function signInOutsideDemo({ bySecondFactor }: { bySecondFactor: boolean }): Promise<void> {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const own = await copyDemo()
  const user = { mail: 'anne@example.org', name: 'Anne Roy' }
  let password = ''
  let userId = ''
  const real = await startOn(
    own,
    {
      PORT: String(port),
      TOCSIN_DEMO: 'false',
      TOCSIN_ENCRYPTION: 'off',
      TOCSIN_SECRET: 'only-for-this-test-and-long-enough-0001',
      TOCSIN_BASE_URL: url,
      TOCSIN_SMPP_HOST: '127.0.0.1',
      TOCSIN_SMPP_SYSTEM_ID: 'tocsin',
      TOCSIN_SMPP_PASSWORD: 'tocsin',
      TOCSIN_SMPP_PORT: '1',
      TOCSIN_SMPP_TLS: 'false',
    },
    {
      seed: async (deps) => {
        const account = await openAccount(deps, { ...user, schemeId: 'ac63', role: 'operator' })
        await openAccount(deps, { ...user, schemeId: 'ac39', role: 'magistrate' })
        await deps.db
          .updateTable('user')
          .set({ passwordDue: true })
          .where('id', '=', account.userId)
          .execute()
        password = account.password
        userId = account.userId
      },
    },
  )
  const context = await demo.browser.newContext({ locale: 'fr-FR', baseURL: url })
  try {
    const page = await context.newPage()
    const signIn = async (secret: string) => {
      await page.getByLabel('Adresse de messagerie').fill(user.mail)
      await page.locator('input[name=password]').fill(secret)
      await page.keyboard.press('Enter')
    }
    await page.goto('/journal?etat=refused')
    await signIn('not the password')
    await page.getByText('Adresse ou mot de passe incorrect').waitFor()
    await signIn(password)
    // A first password of an earlier release opens only the screen that replaces it.
    await page.getByRole('heading', { name: 'Choisissez votre mot de passe' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.goto(`${url}/salle`)
    await page.getByRole('heading', { name: 'Choisissez votre mot de passe' }).waitFor()
    await page.goto(`${url}/?vers=${encodeURIComponent('/journal?etat=refused')}`)
    const change = async (next: string, again = next) => {
      await page.locator('input[name=current]').fill(password)
      await page.locator('input[name=next]').fill(next)
      await page.locator('input[name=again]').fill(again)
      await page.getByRole('button', { name: 'Changer le mot de passe' }).click()
    }
    await change('gravier lune tambour', 'gravier lune tambours')
    await page.getByText('Les deux saisies diffèrent.').waitFor()
    await change('motdepasse2026')
    await page.getByText('Ce mot de passe est parmi les premiers essayés.', { exact: false }).waitFor()
    await change('gravier lune tambour')
    await page.waitForURL(`${url}/journal?etat=refused`)
    password = 'gravier lune tambour'

    // One user, two schemes, another role in each.
    const schemes = page.getByRole('combobox', { name: 'Dispositif', exact: true })
    await schemes.selectOption({ label: 'Alerte Commerces 63' })
    await page.getByRole('link', { name: 'Salle d’alerte' }).waitFor()
    await schemes.selectOption({ label: 'Alerte Commerces 39' })
    await page.getByRole('link', { name: 'Salle d’alerte' }).waitFor({ state: 'detached' })

    await context.clearCookies()
    const ended = page.getByText('Votre session a pris fin', { exact: false })
    // The next request closes the screen: that of this click, or one that the screen sends by itself before.
    const click = page.getByText('En attente', { exact: false }).first().click()
    await Promise.race([click.catch(() => undefined), ended.waitFor()])
    await ended.waitFor()
    await signIn(password)
    await page.waitForURL(/\/journal/)

    const signOut = page.getByRole('button', { name: 'Se déconnecter' })
    if (!bySecondFactor) {
      await page.evaluate("sessionStorage.setItem('tocsin.draft', 'a call')")
      await chooseInMenu(page, user.name, signOut)
      await expect.poll(() => page.evaluate("sessionStorage.getItem('tocsin.draft')")).toBe(null)
      return
    }
    // A code of an application follows the password.
    const account = page.getByRole('link', { name: 'Mon compte' })
    await chooseInMenu(page, user.name, account)
    const codes = page.getByRole('region', { name: 'Codes d’une application' })
    await codes.getByRole('button', { name: 'Ajouter une application' }).click()
    await codes.locator('input[autocomplete=current-password]').fill('not the password')
    await page.keyboard.press('Enter')
    await codes.getByRole('alert').waitFor()
    await codes.locator('input[autocomplete=current-password]').fill(password)
    await page.keyboard.press('Enter')
    const secret = ((await codes.locator('code').textContent()) ?? '').replaceAll(' ', '')
    expect(await violations(page)).toEqual([])
    await codes.getByLabel('Code de l’application').fill(await formerTotpOf(secret))
    await page.keyboard.press('Enter')
    const recovery = codes.getByRole('region', { name: 'Codes de secours Tocsin' })
    await recovery.waitFor()
    await expect.poll(() => recovery.getByRole('listitem').count()).toBe(10)
    expect(await violations(page)).toEqual([])
    await chooseInMenu(page, user.name, signOut)
    await signIn(password)
    await page.getByLabel('Code de l’application').fill('000000')
    await page.keyboard.press('Enter')
    await page.getByText('Ce code n’est pas le bon', { exact: false }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByLabel('Code de l’application').fill(totpOf(secret))
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/(a-valider|salle)/)

    // A passkey takes the place of both.
    const device = await authenticatorOf(page)
    await chooseInMenu(page, user.name, account)
    const keys = page.getByRole('region', { name: 'Clés d’accès' })
    await keys.getByRole('button', { name: 'Ajouter une clé sur cet appareil' }).click()
    await keys.getByLabel('Nom de l’appareil').fill('Poste de la salle')
    await page.keyboard.press('Enter')
    const list = keys.getByRole('list', { name: 'Clés d’accès' })
    await list.getByText('jamais utilisée', { exact: false }).waitFor()
    await expect.poll(() => device.count()).toBe(1)
    await chooseInMenu(page, user.name, signOut)
    // The browser suggests it in the field of the address; this authenticator confirms at once.
    await page.waitForURL(/\/(a-valider|salle)/)
    await page.goto('/compte')
    await list.getByText('dernière entrée', { exact: false }).waitFor()
    // Later, what governs access asks for it once more, in one touch, and goes on by itself.
    await real.deps.db
      .updateTable('session')
      .set({ factorAt: new Date(0) })
      .execute()
    real.deps.live.publish({ type: 'account', schemeId: '', userId })
    await list.getByRole('button', { name: 'Retirer la clé Poste de la salle' }).click()
    await keys.getByText('Aucune clé d’accès.').waitFor()

    // The wall of phones exists in the demo only.
    await page.goto('/telephones')
    await page.getByRole('heading', { name: 'Page introuvable' }).waitFor()
  } finally {
    await context.close()
    await real.stop()
    await removeDemo(own)
  }
}
