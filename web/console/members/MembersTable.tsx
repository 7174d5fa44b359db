import { Checkbox, Table, UnstyledButton } from '@mantine/core'
import type { MemberSummary } from '../../../src/members/contract.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import type { MemberStatus } from '../../api/queries.ts'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { useText } from '../../ui/text.ts'
import { NumberTag } from '../numbers/NumberTag.tsx'
import classes from './Members.module.css'
import { TagList } from './TagList.tsx'
import type { useSelection } from './useSelection.ts'

const tones: Record<MemberStatus, Tone> = {
  active: 'neutral',
  pending: 'warn',
  suspended: 'bad',
  left: 'neutral',
}

/** The list of members, with check boxes for users who may change several. */
export function MembersTable(props: {
  rows: readonly MemberSummary[]
  isStale: boolean
  nameOfTrade: (code: string) => string
  /** Null if the user may not change several members. */
  selecting: Pick<ReturnType<typeof useSelection>, 'isChosen' | 'toggle'> | null
  onOpen: (memberId: string) => void
}) {
  const { t } = useText()
  const { rows, selecting } = props
  const shownChosen = rows.filter(({ id }) => selecting?.isChosen(id)).length
  return (
    <section
      className={classes.table}
      aria-busy={props.isStale}
      aria-label={t('nav.members')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <Table verticalSpacing={8} horizontalSpacing="md" highlightOnHover stickyHeader={false}>
        <Table.Thead>
          <Table.Tr>
            {selecting !== null && (
              <Table.Th className={classes.check ?? ''}>
                <Checkbox
                  aria-label={t('bulk.chooseShown')}
                  checked={shownChosen === rows.length}
                  indeterminate={shownChosen > 0 && shownChosen < rows.length}
                  onChange={(event) =>
                    selecting.toggle(
                      rows.map(({ id }) => id),
                      event.currentTarget.checked,
                    )
                  }
                />
              </Table.Th>
            )}
            <Table.Th>{t('members.name')}</Table.Th>
            <Table.Th className={classes.wide ?? ''}>{t('members.trade')}</Table.Th>
            <Table.Th className={classes.wide ?? ''}>{t('members.commune')}</Table.Th>
            <Table.Th className={classes.wide ?? ''}>{t('members.phones')}</Table.Th>
            <Table.Th>{t('members.status')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((member) => (
            <Row
              key={member.id}
              member={member}
              trade={props.nameOfTrade(member.trade)}
              onOpen={() => props.onOpen(member.id)}
              chosen={selecting?.isChosen(member.id) ?? null}
              onChoose={(on) => selecting?.toggle([member.id], on)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

function Row(props: {
  member: MemberSummary
  trade: string
  onOpen: () => void
  /** Null if the user may not change several members. */
  chosen: boolean | null
  onChoose: (on: boolean) => void
}) {
  const { t } = useText()
  const { member } = props
  return (
    <Table.Tr className={classes.row ?? ''} onClick={props.onOpen} data-chosen={props.chosen || undefined}>
      {props.chosen !== null && (
        <Table.Td className={classes.check ?? ''} onClick={(event) => event.stopPropagation()}>
          <Checkbox
            aria-label={t('bulk.choose', { name: member.name })}
            checked={props.chosen}
            onChange={(event) => props.onChoose(event.currentTarget.checked)}
          />
        </Table.Td>
      )}
      <Table.Td>
        <UnstyledButton
          className={classes.name}
          onClick={(event) => {
            event.stopPropagation()
            props.onOpen()
          }}
        >
          {member.name}
        </UnstyledButton>{' '}
        <NumberTag state={member.numbers} /> <TagList ids={member.tags} />
        <small className={classes.narrow}>
          {[member.commune.name, props.trade, ...member.phones.map(readablePhone)].join(' · ')}
        </small>
      </Table.Td>
      <Table.Td className={classes.wide ?? ''}>{props.trade}</Table.Td>
      <Table.Td className={classes.wide ?? ''}>{member.commune.name}</Table.Td>
      <Table.Td className={`${classes.phones} ${classes.wide}`}>
        {member.phones.length === 0 ? (
          <span className={classes.warn}>{t('members.noPhone')}</span>
        ) : (
          member.phones.map(readablePhone).join(', ')
        )}
      </Table.Td>
      <Table.Td>
        <StateTag tone={tones[member.status]}>{t(`member.status.${member.status}`)}</StateTag>
      </Table.Td>
    </Table.Tr>
  )
}
