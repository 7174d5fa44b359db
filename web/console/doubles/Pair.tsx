import { Button } from '@mantine/core'
import type { DoubleDues, DoublePage } from '../../../src/changes/merge/contract.ts'
import { MERGE_CHOICES } from '../../../src/changes/merge/rules.ts'
import type { MemberView } from '../../../src/members/contract.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { dayOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { toast } from '../../ui/toasts/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Doubles.module.css'
import { choicesBetween, duesLines, shownValues } from './fields.ts'
import { memberQueries } from './queries.ts'

/** Shows two members side by side, why they may be duplicates, and the possible actions. */
export function Pair(props: {
  pair: DoublePage['pairs'][number]
  nameOfTrade: (code: string) => string
  onMerge: () => void
}) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { first, second, by, dues } = props.pair
  const duesOf = (one: DoubleDues) => duesLines(t, lang, one).join(' · ')
  const setApart = (isApart: boolean) =>
    callApi('setMembersApart', {
      params: { scheme: scheme.id },
      body: { members: [first.id, second.id], apart: isApart },
    })
  const undo = useAction(() => setApart(false), {
    refresh: memberQueries,
    onError: (error) => void toast(error.message),
  })
  const apart = useAction(() => setApart(true), {
    refresh: memberQueries,
    onSuccess: () =>
      void toast(t('doubles.apart.done', { first: first.name, second: second.name }), () => undo.mutate()),
  })
  const shown = [shownValues(t, first, props.nameOfTrade), shownValues(t, second, props.nameOfTrade)] as const
  const different = new Set(choicesBetween(...shown))
  const lines = [
    ...MERGE_CHOICES.filter((choice) => choice !== 'name').map((choice) => ({
      name: t(`doubles.choice.${choice}`),
      values: [shown[0][choice], shown[1][choice]] as const,
      isDifferent: different.has(choice),
    })),
    {
      name: t('members.status'),
      values: [t(`member.status.${first.status}`), t(`member.status.${second.status}`)] as const,
      isDifferent: first.status !== second.status,
    },
    {
      name: t('member.since'),
      values: [dayOf(lang, first.createdAt), dayOf(lang, second.createdAt)] as const,
      isDifferent: false,
    },
  ]
  const label = t('doubles.pair', { first: first.name, second: second.name })
  return (
    <li className={classes.pair}>
      <section aria-label={label}>
        <div className={classes.reasons}>
          {by.map((reason) => (
            <StateTag key={reason} tone="neutral">
              {t(`doubles.by.${reason}`)}
            </StateTag>
          ))}
        </div>
        <table className={classes.table}>
          <caption className={classes.caption}>{label}</caption>
          <thead>
            <tr>
              <th scope="col">{t('members.name')}</th>
              <th scope="col">{first.name}</th>
              <th scope="col">{second.name}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ name, values, isDifferent }) => (
              <tr key={name} data-different={isDifferent || undefined}>
                <th scope="row">{name}</th>
                <td>{values[0]}</td>
                <td>{values[1]}</td>
              </tr>
            ))}
            {dues !== null && (
              <tr data-different={duesOf(dues.first) !== duesOf(dues.second) || undefined}>
                <th scope="row">{t('doubles.dues')}</th>
                <td>{duesOf(dues.first)}</td>
                <td>{duesOf(dues.second)}</td>
              </tr>
            )}
            <tr>
              <th scope="row">{t('member.contacts')}</th>
              <td>
                <Contacts member={first} other={second} />
              </td>
              <td>
                <Contacts member={second} other={first} />
              </td>
            </tr>
          </tbody>
        </table>
        <Failure error={apart.failure} />
        <div className={classes.actions}>
          <Button data-row={`${first.id} ${second.id}`} onClick={props.onMerge}>
            {t('doubles.merge.open')}
          </Button>
          <Button variant="default" loading={apart.isPending} onClick={() => apart.mutate()}>
            {t('doubles.apart')}
          </Button>
        </div>
      </section>
    </li>
  )
}

function Contacts(props: { member: MemberView; other: MemberView }) {
  const { t } = useText()
  const { contacts } = props.member
  if (contacts.length === 0) return <>{t('member.contacts.none.short')}</>
  return (
    <ul className={classes.contacts}>
      {contacts.map(({ id, person, phone, mail, sms }) => (
        <li key={id}>
          <b
            data-same={
              props.other.contacts.some((one) => one.phone !== null && one.phone === phone) || undefined
            }
          >
            {phone === null ? t('members.noPhone') : readablePhone(phone)}
          </b>{' '}
          <span>{[person, mail, sms ? t('member.sms') : t('member.noSms')].filter(Boolean).join(' · ')}</span>
        </li>
      ))}
    </ul>
  )
}
