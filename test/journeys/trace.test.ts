import { expect, test } from 'vitest'
import type { AlertView } from '../../src/alerts/contract.ts'
import { type Handset, LOOKS, violations, violationsIn, withDemo } from '../support/demo.ts'
import { saveInDemo } from '../support/two-persons.ts'

const demo = withDemo()

/** Five characters after the reference. */
const MARK = /Réf\. \d{2}-\d{2}-\d{4}-(\w{5})$/

test('a leaked copy: the chief finds its recipient, with a reason, and reads what it does not prove', {
  tags: 'long',
}, async () => {
  await saveInDemo(demo, 'doctrine', { leakTracing: true })
  const context = await demo.visit('chief')
  const post = <T>(path: string, data: object) =>
    demo.call<T>(context, 'POST', `/api/schemes/ac63${path}`, data)
  const report = await post<{ id: string }>('/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63430',
  })
  const draft = await post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Faux billets à Thiers. Ne pas intervenir.',
    area: { kind: 'commune', code: '63430' },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'La brigade le demande.',
  })
  const path = `/alertes/${draft.id}`
  const page = await context.newPage()
  await page.goto(path)
  const trace = page.getByRole('region', { name: 'Retrouver l’origine d’une fuite' })
  await page.getByRole('region', { name: 'Chronologie' }).waitFor()
  // Nothing is sent yet, so there is no copy to trace.
  await expect.poll(() => trace.count()).toBe(0)
  await post(`/alerts/${draft.id}/broadcast`, { version: draft.version })

  const copies = async () => {
    const { handsets } = await demo.call<{ handsets: Handset[] }>(
      context,
      'GET',
      '/api/demo/handsets?limit=500',
    )
    return handsets.flatMap(({ phone, messages }) =>
      messages
        .filter(({ text }) => text.includes(draft.reference))
        .map(({ text }) => ({ phone, mark: MARK.exec(text)?.[1] ?? '' })),
    )
  }
  await expect.poll(async () => (await copies()).length).toBeGreaterThan(3)
  const [copy] = await copies()
  const { mark, phone } = copy!
  expect(mark).toMatch(/^[A-HJKMNP-TV-Z2-9]{5}$/)

  await trace.waitFor()
  const ask = trace.getByRole('button', { name: 'Chercher' })
  const field = trace.getByRole('textbox', { name: 'Marque' })
  const reason = trace.getByRole('textbox', { name: 'Motif de la recherche' })
  const answer = trace.getByRole('status')
  // A reason is required.
  await field.fill(`63-26-0142-${mark.toLowerCase()}`)
  await ask.click()
  await trace.getByRole('alert').waitFor()
  await expect.poll(() => reason.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)
  await reason.fill('Copie vue sur un groupe de discussion.')
  await field.fill(mark)
  await page.keyboard.press('Enter')
  await answer.getByText(`La marque ${mark} est celle de l’exemplaire adressé à :`).waitFor()
  // One shop, and only the last two digits of its number.
  await expect.poll(() => answer.getByRole('listitem').count()).toBe(1)
  const told = (await answer.getByRole('listitem').textContent()) ?? ''
  expect(told).toContain('Thiers')
  expect(told.endsWith(phone.slice(-2))).toBe(true)
  expect(told.replaceAll(/\D/g, '')).not.toContain(phone.slice(-6))
  await answer.getByText(/jamais une preuve/).waitFor()
  expect(await violationsIn(page, Object.values(LOOKS))).toEqual([])

  // Typing another mark clears the result; a mark that no copy has is reported as such.
  const marks = new Set((await copies()).map((one) => one.mark))
  const foreign = ['22222', '33333', '44444', 'AAAAA', 'BBBBB'].find((one) => !marks.has(one)) ?? ''
  await field.fill(foreign)
  await answer.getByText('jamais une preuve', { exact: false }).waitFor({ state: 'detached' })
  await page.keyboard.press('Enter')
  await answer
    .getByText(`Aucun exemplaire de cette alerte ne porte la marque ${foreign}`, { exact: false })
    .waitFor()
  expect(await violations(page)).toEqual([])
  // An invalid mark is refused, with what to do.
  await field.fill('0I1AB')
  await page.keyboard.press('Enter')
  await trace.getByRole('alert').waitFor()
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
  expect(await violations(page)).toEqual([])

  // For chiefs only.
  const operator = await demo.enter('operator', path)
  await operator.getByRole('region', { name: 'Chronologie' }).waitFor()
  await expect
    .poll(() => operator.getByRole('region', { name: 'Retrouver l’origine d’une fuite' }).count())
    .toBe(0)
})
