import { describe, expect, test } from 'vitest'
import { evidenceOf, type FailedDelivery, isMemoryFull } from './evidence.ts'

const acceptedAt = new Date('2026-06-01T10:00:00Z')
const failed = (over: Partial<FailedDelivery>) =>
  evidenceOf({ state: 'failed', errorCode: null, acceptedAt, gatewayKind: 'smpp', ...over })

describe('evidence of a failed delivery about its number', () => {
  test.each([
    ['unknown to the network', { errorCode: 1 }, 'unknown'],
    ['unidentified', { errorCode: 5 }, 'unknown'],
    ['absent for SMS', { errorCode: 6 }, 'absent'],
    ['absent', { errorCode: 27 }, 'absent'],
    ['memory full', { errorCode: 32 }, undefined],
    ['a network fault', { errorCode: 34 }, undefined],
    ['a receipt without a code', {}, undefined],
    ['phone off until the expiry', { state: 'expired' }, 'absent'],
    ['phone off until the expiry, with a code', { state: 'expired', errorCode: 27 }, 'absent'],
    ['refused: no such number', { acceptedAt: null, errorCode: 11 }, 'unknown'],
    ['refused: the number opted out', { acceptedAt: null, errorCode: 102 }, undefined],
    ['refused: fault of the provider', { acceptedAt: null, errorCode: 8 }, undefined],
    [
      'refused with a code that has a meaning in receipts only',
      { acceptedAt: null, errorCode: 1 },
      undefined,
    ],
    ['expired without a submission', { state: 'expired', acceptedAt: null }, undefined],
    ['OVH: unknown', { gatewayKind: 'ovh', errorCode: 23 }, 'unknown'],
    ['OVH: absent', { gatewayKind: 'ovh', errorCode: 24 }, 'absent'],
    ['OVH: 27 has another meaning', { gatewayKind: 'ovh', errorCode: 27 }, undefined],
    ['OVH: expired for lack of credit', { gatewayKind: 'ovh', state: 'expired', errorCode: 21 }, undefined],
    ['Twilio: unknown', { gatewayKind: 'twilio', errorCode: 30005 }, 'unknown'],
    ['Twilio: absent', { gatewayKind: 'twilio', errorCode: 30003 }, 'absent'],
    ['a code of a removed gateway', { gatewayKind: undefined, errorCode: 1 }, undefined],
  ] as const)('%s', (_, over, evidence) => {
    expect(failed(over)).toBe(evidence)
  })
})

test.each([
  ['smpp', undefined, 32, true],
  ['smpp', undefined, 2, false],
  ['smpp', [2, 208], 2, true],
  ['smpp', [2, 208], 32, false],
  ['ovh', undefined, 26, true],
  ['ovh', undefined, 32, false],
  ['smsmode', undefined, 32, false],
  ['http', [40], 40, true],
])(
  '%s with the codes %j: %i says that the memory of the phone is full: %s',
  (kind, memoryFullCodes, errorCode, expected) => {
    const gateways = [{ name: 'first', kind, memoryFullCodes }]
    expect(isMemoryFull(gateways, { gateway: 'first', errorCode })).toBe(expected)
    expect(isMemoryFull(gateways, { gateway: 'other', errorCode })).toBe(false)
    expect(isMemoryFull(gateways, { gateway: 'first', errorCode: null })).toBe(false)
  },
)
