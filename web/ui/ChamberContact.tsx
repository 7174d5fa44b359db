import { readablePhone } from '../../src/message/phone.ts'
import type { ChamberContact as Contact } from '../../src/schemes/contract.ts'
import classes from './ChamberContact.module.css'
import { useText } from './text.ts'

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
