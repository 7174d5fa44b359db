import type { RouteDetails } from '../../../src/deliveries/contract.ts'

/** The names of the kinds of gateways. */
export const kinds: Record<RouteDetails['kind'], string> = {
  smpp: 'SMPP',
  ovh: 'OVHcloud',
  smsmode: 'smsmode',
  twilio: 'Twilio',
  http: 'HTTP',
}
