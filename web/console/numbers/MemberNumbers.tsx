import { UnstyledButton } from '@mantine/core'
import type { NumberMember, NumberView } from '../../../src/members/numbers/contract.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { dayOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { StateTag } from '../../ui/StateTag.tsx'
import { describeHealth } from './health.ts'
import classes from './Numbers.module.css'
import { NumberTag } from './NumberTag.tsx'

/** Shows one member with its numbers, and what is known of each. */
export function MemberNumbers(props: { member: NumberMember; trade: string; onOpen: (id: string) => void }) {
  const { t } = useText()
  const { member } = props
  return (
    <li className={classes.member}>
      <div>
        <UnstyledButton className={classes.name} data-row={member.id} onClick={() => props.onOpen(member.id)}>
          {member.name}
        </UnstyledButton>
        <span className={classes.where}>
          {[
            props.trade,
            member.commune.name,
            ...(member.status === 'active' ? [] : [t(`member.status.${member.status}`)]),
          ].join(' · ')}
        </span>
      </div>
      {member.numbers.length === 0 ? (
        <span className={classes.where}>{t('member.contacts.none')}</span>
      ) : (
        <ul className={classes.numbers}>
          {member.numbers.map((number) => (
            <li key={number.contactId}>
              <Line number={number} />
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function Line(props: { number: NumberView }) {
  const { t, lang } = useText()
  const { phone, person, kind, sms, health, said, sharedWith } = props.number
  const about = [
    ...(kind === 'mobile' && !sms ? [t('member.noSms')] : []),
    ...(health === null ? [] : [describeHealth(t, lang, health)]),
    ...(said === null ? [] : [t(`numbers.said.${said.what}.at`, { day: dayOf(lang, said.at) })]),
    ...(sharedWith.length === 0
      ? []
      : [t('numbers.sharedWith', { names: sharedWith.map(({ name }) => name).join(', ') })]),
  ]
  return (
    <>
      <span className={classes.line}>
        <b>{phone === null ? t('members.noPhone') : readablePhone(phone)}</b>
        {person !== '' && <span>{person}</span>}
        {kind === 'landline' && <StateTag tone="warn">{t('numbers.landline')}</StateTag>}
        {sms && health !== null && <NumberTag state={health.state} />}
        {said !== null && (
          <StateTag tone={said.what === 'gone' ? 'bad' : 'warn'}>{t(`numbers.said.${said.what}`)}</StateTag>
        )}
      </span>
      {about.length > 0 && <span className={classes.about}>{about.join(' · ')}</span>}
    </>
  )
}
