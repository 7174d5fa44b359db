import { describe, expect, test } from 'vitest'
import { evidenceOf, type FailedDelivery } from './evidence.ts'

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
    ['the fault of the network', { errorCode: 34 }, undefined],
    ['a receipt without a code', {}, undefined],
    ['off until the end', { state: 'expired' }, 'absent'],
    ['off until the end, with its code', { state: 'expired', errorCode: 27 }, 'absent'],
    ['refused: no such number', { acceptedAt: null, errorCode: 11 }, 'unknown'],
    ['refused: who it is has said stop', { acceptedAt: null, errorCode: 102 }, undefined],
    ['refused: the provider is at fault', { acceptedAt: null, errorCode: 8 }, undefined],
    [
      'refused with a number that means something in a receipt',
      { acceptedAt: null, errorCode: 1 },
      undefined,
    ],
    ['never left', { state: 'expired', acceptedAt: null }, undefined],
    ['OVH: unknown', { gatewayKind: 'ovh', errorCode: 23 }, 'unknown'],
    ['OVH: absent', { gatewayKind: 'ovh', errorCode: 24 }, 'absent'],
    ['OVH: 27 is another thing there', { gatewayKind: 'ovh', errorCode: 27 }, undefined],
    ['OVH: expired for want of credit', { gatewayKind: 'ovh', state: 'expired', errorCode: 21 }, undefined],
    ['Twilio: unknown', { gatewayKind: 'twilio', errorCode: 30005 }, 'unknown'],
    ['Twilio: absent', { gatewayKind: 'twilio', errorCode: 30003 }, 'absent'],
    ['a code of a gateway that is gone', { gatewayKind: undefined, errorCode: 1 }, undefined],
  ] as const)('%s', (_, over, evidence) => {
    expect(failed(over)).toBe(evidence)
  })
})
