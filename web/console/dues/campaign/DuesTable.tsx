import { Checkbox, Table, UnstyledButton, VisuallyHidden } from '@mantine/core'
import type { DuesLine } from '../../../../src/dues/contract.ts'
import { DAY_MS } from '../../../../src/message/clock.ts'
import { moneyOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { StateTag } from '../../../ui/StateTag.tsx'
import classes from '../Dues.module.css'
import { DuesTag } from '../DuesTag.tsx'

/** As many as one act records. */
const MAX_PICKED = 200

/** Tables what each member owes; rows can be picked for one act where the user may record payments. */
export function DuesTable(props: {
  rows: readonly DuesLine[]
  busy: boolean
  nameOf: (code: string) => string
  onOpen: (id: string) => void
  /** Undefined if nothing can be done with many. */
  picked: ReadonlySet<string> | undefined
  onPick: (picked: ReadonlySet<string>) => void
}) {
  const { t, lang } = useText()
  const toggle = (id: string) => {
    const next = new Set(props.picked)
    if (!next.delete(id)) next.add(id)
    props.onPick(next)
  }
  return (
    <section
      className={classes.table}
      aria-busy={props.busy}
      aria-label={t('nav.dues')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <Table verticalSpacing={8} horizontalSpacing="md" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {props.picked !== undefined && (
              <Table.Th className={classes.tick ?? ''}>
                <VisuallyHidden>{t('dues.pay')}</VisuallyHidden>
              </Table.Th>
            )}
            <Table.Th>{t('members.name')}</Table.Th>
            <Table.Th className={classes.wide ?? ''}>{t('members.trade')}</Table.Th>
            <Table.Th className={`${classes.amount} ${classes.wide}`}>{t('dues.amount')}</Table.Th>
            <Table.Th className={classes.amount ?? ''}>{t('dues.left')}</Table.Th>
            <Table.Th className={`${classes.amount} ${classes.wide}`} aria-sort="descending">
              {t('dues.age.title')}
            </Table.Th>
            <Table.Th>{t('members.status')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.rows.map((row) => (
            <Table.Tr key={row.id} className={classes.row ?? ''} onClick={() => props.onOpen(row.id)}>
              {props.picked !== undefined && (
                <Table.Td onClick={(event) => event.stopPropagation()}>
                  <Checkbox
                    aria-label={t('typed.pick', { name: row.name })}
                    checked={props.picked.has(row.id)}
                    disabled={!props.picked.has(row.id) && props.picked.size >= MAX_PICKED}
                    onChange={() => toggle(row.id)}
                  />
                </Table.Td>
              )}
              <Table.Td>
                <UnstyledButton
                  className={classes.name}
                  data-row={row.id}
                  onClick={(event) => {
                    event.stopPropagation()
                    props.onOpen(row.id)
                  }}
                >
                  {row.name}
                </UnstyledButton>
                <small className={classes.where}>
                  {[
                    row.commune.name,
                    ...(row.status === 'active' ? [] : [t(`member.status.${row.status}`)]),
                  ].join(' · ')}
                </small>
              </Table.Td>
              <Table.Td className={classes.wide ?? ''}>{props.nameOf(row.trade)}</Table.Td>
              <Table.Td className={`${classes.amount} ${classes.wide}`}>
                {moneyOf(lang, row.amountCents)}
              </Table.Td>
              <Table.Td className={classes.amount ?? ''}>{moneyOf(lang, row.remainingCents)}</Table.Td>
              <Table.Td className={`${classes.amount} ${classes.wide}`}>
                <Age since={row.lateSince} />
              </Table.Td>
              <Table.Td>
                <span className={classes.tags}>
                  <DuesTag state={row.state} />
                  {row.suspended && <StateTag tone="bad">{t('dues.state.suspended')}</StateTag>}
                  {row.unnotified && <StateTag tone="warn">{t('dues.state.unnotified')}</StateTag>}
                </span>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

/** Shows the time for which a member has been late, in days under two months. */
function Age({ since }: { since: string | null }) {
  const { t } = useText()
  const now = useMinute()
  if (since === null) return null
  const days = Math.max(1, Math.floor((now - Date.parse(since)) / DAY_MS))
  return t('dues.age', {
    unit: days < 60 ? 'days' : 'months',
    count: days < 60 ? days : Math.floor(days / 30.44),
  })
}
