import { expect, test } from 'vitest'
import type { SmsReceipt } from '../gateway.ts'
import { findRowOf } from './ledger-row.ts'
import { ReceiptForms } from './receipt-forms.ts'
import type { AcceptedRow } from './receipt-lookup.ts'
import { keyOf } from './taken.ts'

const row: AcceptedRow = {
  schemeId: 'cci63',
  id: '01994c1e-0000-7000-8000-000000000001',
  alertId: null,
  lane: 'alert',
  no: 1,
  phone: '+33612345678',
  state: 'accepted',
  parts: 1,
  deliveredIds: null,
  gateway: 'smpp',
  messageIds: ['7a1f0'],
  messageId: '7a1f0',
  acceptedAt: null,
}
const receiptOf = (messageId: string, phone?: string): SmsReceipt => ({
  gateway: 'smpp',
  messageId,
  state: 'delivered',
  phone,
  reference: undefined,
  errorCode: undefined,
})
const rows = new Map([[keyOf('smpp', row.messageId), [row]]])
const noForms = () => new ReceiptForms([], () => {})

test('an id in other case or with zeros before it is the same id', () => {
  expect(findRowOf(receiptOf('007A1F0'), rows, noForms())).toBe(row)
})

test('a long id in the other base is enough without a phone', () => {
  expect(findRowOf(receiptOf(String(0x7a1f0)), rows, noForms())).toBe(row)
})

test('a phone proves an id in the other base, and the third proof makes the base known', () => {
  const learnt: string[] = []
  const forms = new ReceiptForms([], (gateway, base) => learnt.push(`${gateway} ${base}`))
  for (let no = 1; no <= 3; no++) {
    expect(learnt).toEqual([])
    expect(findRowOf(receiptOf(String(0x7a1f0), row.phone), rows, forms)).toBe(row)
  }
  expect(learnt).toEqual(['smpp toHexadecimal'])
  expect(forms.baseOf('smpp')).toBe('toHexadecimal')
})

test('another phone under the same id is accepted only from a gateway that never wrote ours', () => {
  const forms = noForms()
  const other = receiptOf('7A1F0', '+33600000000')
  expect(findRowOf(other, rows, forms)).toBe(row)
  forms.isOf(receiptOf('7a1f0', row.phone), { id: row.messageId, phone: row.phone })
  expect(findRowOf(other, rows, forms)).toBeUndefined()
})
