import { Checkbox, Radio, Stack } from '@mantine/core'
import { useId } from 'react'
import type {
  ApproveEnrolment,
  Duplicate,
  EnrolmentView,
  KnownMember,
  ReplacedField,
} from '../../../src/enrolment/contract.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { moneyOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import classes from './Enrolments.module.css'

export const NEW = 'new'

/** The choice: a new member, or a member's id and the fields that the request replaces. */
export interface OntoChoice {
  readonly into: string | null
  readonly replace: readonly ReplacedField[]
}

export function approvalOf({ into, replace }: OntoChoice): ApproveEnrolment {
  return into === null || into === NEW
    ? { as: 'new' }
    : { as: 'member', memberId: into, replace: [...replace] }
}

/**
 * Chooses whether a request becomes a new member or is added to a similar one. Each is shown with its current data;
 * none is preselected.
 */
export function Onto(props: {
  request: EnrolmentView
  members: readonly Duplicate[]
  nameOfTrade: (code: string) => string
  choice: OntoChoice
  onChange: (choice: OntoChoice) => void
}) {
  const { t } = useText()
  const { request, members, choice, onChange } = props
  const isKnown = members.some(({ by }) => by.includes('siret'))
  return (
    <Radio.Group
      mt={16}
      label={t('enrolments.into')}
      value={choice.into}
      onChange={(into) => onChange({ into, replace: [] })}
    >
      <Stack gap={16} mt={8}>
        <Radio
          value={NEW}
          label={t('enrolments.into.new')}
          disabled={isKnown}
          description={isKnown ? t('enrolments.into.new.known') : undefined}
        />
        {members.map((member) => (
          <div key={member.id} className={classes.known}>
            <Radio
              value={member.id}
              disabled={member.known === null || (isKnown && !member.by.includes('siret'))}
              label={t('enrolments.into.known', { name: member.name, commune: member.commune.name })}
              description={t('enrolments.into.why', {
                why: member.by.map((by) => t(`enrolments.alike.${by}`)).join(', '),
              })}
            />
            {member.known === null ? (
              <p className={classes.aside}>{t('enrolments.into.other')}</p>
            ) : (
              <Comparison
                request={request}
                member={member}
                known={member.known}
                nameOfTrade={props.nameOfTrade}
                replace={choice.into === member.id ? choice.replace : null}
                onChange={(replace) => onChange({ into: member.id, replace })}
              />
            )}
          </div>
        ))}
      </Stack>
    </Radio.Group>
  )
}

/**
 * Shows the member beside the request.
 * @param props `replace`: null if another choice is selected, so that no field can be ticked
 */
function Comparison(props: {
  request: EnrolmentView
  member: Duplicate
  known: KnownMember
  nameOfTrade: (code: string) => string
  replace: readonly ReplacedField[] | null
  onChange: (replace: readonly ReplacedField[]) => void
}) {
  const { t, lang } = useText()
  const { request, member, known, replace } = props
  const none = t('member.unknown')
  const rows: readonly (readonly [ReplacedField, string, string | null, string | null])[] = [
    ['name', t('enrolments.compare.name'), member.name, request.name],
    ['address', t('member.address'), known.address, request.address],
    ['commune', t('members.commune'), member.commune.name, request.commune.name],
    ['trade', t('members.trade'), props.nameOfTrade(known.trade), props.nameOfTrade(request.trade)],
    ['siret', t('member.siret'), known.siret, request.siret],
  ]
  const own = known.contacts.find(({ same }) => same)
  const contact = [request.person, readablePhone(request.phone), request.mail].filter(Boolean).join(', ')
  const status = member.status ?? 'active'
  const mayReturn = status === 'left' || status === 'pending'
  const tick = (field: ReplacedField, label: string, value: string) => (
    <Checkbox
      label={value}
      aria-label={t('enrolments.compare.replace', { field: label, value })}
      checked={replace?.includes(field) === true}
      disabled={replace === null}
      onChange={(event) => {
        const others = (replace ?? []).filter((one) => one !== field)
        props.onChange(event.currentTarget.checked ? [...others, field] : others)
      }}
    />
  )
  const id = useId()
  return (
    <>
      <table className={classes.compare} aria-describedby={id}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t('enrolments.compare.member')}</th>
            <th scope="col">{t('enrolments.compare.request')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([field, label, old, asked]) => (
            <tr key={field} data-differs={old !== asked || undefined}>
              <th scope="row">{label}</th>
              <td>{old ?? none}</td>
              <td>{asked === null || asked === old ? (asked ?? none) : tick(field, label, asked)}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">{t('enrolments.compare.contacts')}</th>
            <td>
              {known.contacts.map((one) => (
                <p key={one.id}>
                  {[one.person, one.phone === null ? null : readablePhone(one.phone)]
                    .filter(Boolean)
                    .join(', ') || none}
                  {!one.sms && <> ({t('enrolments.compare.noSms')})</>}
                </p>
              ))}
              {known.contacts.length === 0 && none}
            </td>
            <td>
              {own === undefined ? (
                <>
                  {contact} ({t('enrolments.compare.added')})
                </>
              ) : (
                tick('contact', t('enrolments.compare.contacts'), contact)
              )}
            </td>
          </tr>
          <tr data-differs={status !== 'active' || undefined}>
            <th scope="row">{t('enrolments.compare.status')}</th>
            <td>{t(`member.status.${status}`)}</td>
            <td>
              {mayReturn
                ? tick('status', t('enrolments.compare.status'), t('member.status.active'))
                : t('enrolments.compare.stays')}
            </td>
          </tr>
          <tr data-differs={known.owesCents > 0 || undefined}>
            <th scope="row">{t('enrolments.compare.owes')}</th>
            <td>{moneyOf(lang, Math.max(0, known.owesCents))}</td>
            <td>{t('enrolments.compare.stays')}</td>
          </tr>
        </tbody>
      </table>
      <p id={id} className={classes.aside}>
        {t('enrolments.compare.hint')}{' '}
        {(own === undefined || known.notified > 0) &&
          t('enrolments.compare.notified', { count: known.notified })}
      </p>
    </>
  )
}
