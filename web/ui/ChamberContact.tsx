import { useQuery } from '@tanstack/react-query'
import { readablePhone } from '../../src/message/phone.ts'
import type { ChamberContact as Contact } from '../../src/schemes/contract.ts'
import { aboutQuery } from '../api/queries.ts'
import classes from './ChamberContact.module.css'
import { useText } from './format/text.ts'

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

/** Says whom to ask at the chamber: its number, which can be called from here, its address and its hours, as far as they are known. */
export function ChamberContact(props: { chamber: string; contact: Omit<Contact, 'address'> }) {
  const { t } = useText()
  const { phone, mail, hours } = props.contact
  return (
    <address className={classes.contact}>
      <span>{t('contact.ask', { chamber: props.chamber })}</span>
      {phone !== '' && (
        <a href={`tel:${phone}`}>
          {t('contact.call')} {readablePhone(phone)}
        </a>
      )}
      {phone !== '' && hours !== '' && <span className={classes.hours}>{hours}</span>}
      {mail !== '' && <a href={`mailto:${mail}`}>{mail}</a>}
    </address>
  )
}
