import { expect, test } from 'vitest'
import { AppError } from '../errors.ts'
import { createDemoCards } from './cards.ts'

const order = {
  ...{ schemeId: 'ac63', memberId: '0190a000-0000-7000-8000-00000000ab01', amountCents: 1000 },
  ...{
    label: 'Cotisation',
    reference: 'AC63 0000AB01',
    paidUrl: 'http://x/merci',
    backUrl: 'http://x/retour',
  },
}
const config = (demo: boolean) => ({ demo, baseUrl: undefined, port: 3000 }) as never

test('the stand-in for card payments does not exist outside a demo', () => {
  expect(() => createDemoCards({ config: config(false), now: () => new Date() })).toThrow('for a demo only')
})

test('an order is paid once by a signed call, which nobody else can make, and its page expires', async () => {
  let now = new Date('2026-03-12T09:00:00Z')
  const cards = createDemoCards({ config: config(true), now: () => now })
  const { url } = await cards.begin(order)
  const id = url.split('/').at(-1)!
  expect(cards.find(id)).toMatchObject({ amountCents: 1000, paid: false })
  const { body, signature } = cards.pay(id)!
  expect(cards.pay(id)).toBeUndefined()
  expect(cards.read(body, signature)).toMatchObject({ kind: 'paid', schemeId: 'ac63', amountCents: 1000 })
  const more = Buffer.from(body.toString().replace('1000', '9000'))
  for (const [of, by] of [
    [more, signature],
    [body, ''],
    [body, '00'.repeat(32)],
  ] as const)
    expect(() => cards.read(of, by)).toThrow(AppError)
  now = new Date('2026-03-12T09:05:01Z')
  expect(() => cards.read(body, signature)).toThrow(AppError)
  now = new Date('2026-03-12T09:30:01Z')
  expect(cards.find(id)).toBeUndefined()
})
