import { readablePhone } from '../../message/phone.ts'

/** Writes a name and how it is reached: "CCI, 2 rue Haute, 04 65 71 63 00, cci@example.fr"; what is unknown is left out. */
export function contactLine(
  name: string,
  contact: { readonly address?: string; readonly phone: string; readonly mail: string },
): string {
  const { address = '', phone, mail } = contact
  return [name, address, phone === '' ? '' : readablePhone(phone), mail].filter(Boolean).join(', ')
}
