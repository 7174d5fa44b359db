import { VisuallyHidden } from '@mantine/core'
import type { DuesFigures } from '../../../../src/dues/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { SearchField } from '../../../ui/fields/SearchField.tsx'
import { countOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { TradeFilter } from '../../members/list/TradeFilter.tsx'
import { OneOf } from '../../room/call/Chips.tsx'
import classes from '../Dues.module.css'
import { duesFacets } from './search.ts'
import { ALL, type Facet, useDuesSearch } from './useListedDues.ts'

/** Filters the dues by their state, by name and by trade. */
export function DuesFilters(props: {
  facet: Facet
  members: DuesFigures['members'] | undefined
  trades: SchemeView['trades']
}) {
  const { t, lang } = useText()
  const { search, go } = useDuesSearch()
  const { facet, members } = props
  const labelOf = (one: Facet) => {
    const label = one === ALL ? t('filter.all') : t(`dues.state.${one}`)
    if (members === undefined) return label
    const count = one === ALL ? members.late + members.due + members.paid + members.exempt : members[one]
    return `${label} (${countOf(lang, count)})`
  }
  return (
    <>
      <VisuallyHidden id="etats-label">{t('dues.states')}</VisuallyHidden>
      <div className={classes.filters}>
        <OneOf
          labelledBy="etats-label"
          prefix="etat"
          value={facet}
          choices={([ALL, ...duesFacets] as const).map((one) => ({ value: one, label: labelOf(one) }))}
          onPick={(value) => go({ etat: duesFacets.find((one) => one === value) ?? ALL })}
        />
        <SearchField
          label={t('members.search')}
          value={search.q ?? ''}
          onSearch={(q) => go({ q })}
          className={classes.search ?? ''}
        />
        <TradeFilter
          trades={props.trades}
          value={search.metier ?? null}
          onPick={(metier) => go({ metier })}
        />
      </div>
    </>
  )
}
