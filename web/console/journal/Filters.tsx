import { SegmentedControl, Select, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReportState, schemeQuery } from '../../api/queries.ts'
import { DayRange } from '../../ui/fields/days/DayRange.tsx'
import { SearchField } from '../../ui/fields/SearchField.tsx'
import { countOf } from '../../ui/format/format.ts'
import { labelOf, useText } from '../../ui/format/text.ts'
import classes from './Journal.module.css'
import { type JournalSearch, refusalReasons, reportStates } from './search.ts'

/** A change of the filters: a value sets one, undefined removes it. */
export type FilterChange = { [key in keyof JournalSearch]?: JournalSearch[key] | undefined }

/** Filters the calls by state, category, agency, reason, days and words. */
export function Filters(props: {
  schemeId: string
  search: JournalSearch
  /** Undefined until they have loaded. */
  counts: Readonly<Record<ReportState, number>> | undefined
  onFilter: (change: FilterChange) => void
}) {
  const { t, lang } = useText()
  const { search, counts, onFilter } = props
  const { categories = [], agencies = [] } = useQuery(schemeQuery(props.schemeId)).data ?? {}
  const withCount = (label: string, count: number | undefined) =>
    count === undefined ? label : `${label} ${countOf(lang, count)}`
  return (
    <div className={classes.filters}>
      <SegmentedControl
        className={classes.states ?? ''}
        aria-label={t('journal.state')}
        value={search.etat ?? 'all'}
        onChange={(value) =>
          onFilter({
            etat: reportStates.find((state) => state === value),
            ...(value !== 'refused' && { motif: undefined }),
          })
        }
        data={[
          { value: 'all', label: t('filter.all') },
          ...reportStates.map((state) => ({
            value: state,
            label: withCount(t(`journal.state.${state}`), counts?.[state]),
          })),
        ]}
      />
      <Select
        className={classes.choice ?? ''}
        aria-label={t('journal.category')}
        placeholder={t('journal.category')}
        value={search.categorie ?? null}
        onChange={(value) => onFilter({ categorie: value ?? undefined })}
        data={categories.map((category) => ({ value: category.code, label: labelOf(lang, category) }))}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clear') }}
      />
      {agencies.length > 1 && (
        <Select
          className={classes.choice ?? ''}
          aria-label={t('journal.agency')}
          placeholder={t('journal.agency')}
          value={search.service ?? null}
          onChange={(value) => onFilter({ service: value ?? undefined })}
          data={agencies
            .filter(({ kind }) => kind === 'police' || kind === 'gendarmerie')
            .map(({ id, name }) => ({ value: id, label: name }))}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
        />
      )}
      <Select
        className={classes.choice ?? ''}
        aria-label={t('journal.reason')}
        placeholder={t('journal.reason')}
        value={search.motif ?? null}
        onChange={(value) => {
          const motif = refusalReasons.find((reason) => reason === value)
          onFilter({ motif, ...(motif && { etat: 'refused' }) })
        }}
        data={refusalReasons.map((reason) => ({ value: reason, label: t(`refusal.${reason}`) }))}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clear') }}
      />
      <DayRange from={search.du} to={search.au} onChange={({ from, to }) => onFilter({ du: from, au: to })} />
      <Switch
        className={classes.exercises ?? ''}
        label={t('journal.exercises')}
        checked={search.exercices === 'oui'}
        onChange={(event) => onFilter({ exercices: event.currentTarget.checked ? 'oui' : undefined })}
      />
      <SearchField
        label={t('journal.search')}
        value={search.q ?? ''}
        onSearch={(q) => onFilter({ q })}
        className={classes.search ?? ''}
      />
    </div>
  )
}
