import { useQuery } from '@tanstack/react-query'
import { readablePhone } from '../../../src/message/phone.ts'
import type { ChamberContact as Contact, DpoContact } from '../../../src/schemes/contract.ts'
import { aboutQuery } from '../../api/queries.ts'
import { useText } from '../format/text.ts'
import classes from './ChamberContact.module.css'

/** Says whom to ask at each chamber of the installation, where it is not known yet to which one the reader belongs. */
export function ChamberContacts() {
  const { t } = useText()
  const chambers = useQuery(aboutQuery).data?.chambers ?? []
  if (chambers.length === 0) return null
  return (
    <ul className={classes.list} aria-label={t('contact.chambers')}>
      {chambers.map((one) => (
        <li key={`${one.name} ${one.phone} ${one.mail}`}>
          <ChamberContact chamber={one.name} contact={one} />
        </li>
      ))}
    </ul>
  )
}

/**
 * Says whom to ask at the chamber: its number, which can be called from here, its address and its hours, and the data protection
 * officer, as far as they are known.
 */
export function ChamberContact(props: {
  chamber: string
  contact: Omit<Contact, 'address'>
  dpo?: DpoContact
}) {
  const { t } = useText()
  const { contact, dpo } = props
  const { phone, hours } = contact
  return (
    <address className={classes.contact}>
      <span>{t('contact.ask', { chamber: props.chamber })}</span>
      <Phone phone={phone} />
      {phone !== '' && hours !== '' && <span className={classes.hours}>{hours}</span>}
      <Mail mail={contact.mail} />
      {dpo !== undefined && Object.values(dpo).some((value) => value !== '') && (
        <span className={classes.dpo}>
          <span>{t('contact.dpo', { name: dpo.name })}</span>
          <Phone phone={dpo.phone} />
          <Mail mail={dpo.mail} />
        </span>
      )}
    </address>
  )
}

function Phone({ phone }: { phone: string }) {
  const { t } = useText()
  if (phone === '') return null
  return (
    <a href={`tel:${phone}`}>
      {t('contact.call')} {readablePhone(phone)}
    </a>
  )
}

function Mail({ mail }: { mail: string }) {
  return mail === '' ? null : <a href={`mailto:${mail}`}>{mail}</a>
}
