import { Button, Select } from '@mantine/core'
import { useState } from 'react'
import type { MemberPage } from '../../../src/members/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import type { MemberStatus } from '../../api/queries.ts'
import { countOf } from '../../ui/format.ts'
import { SearchField } from '../../ui/SearchField.tsx'
import { useText } from '../../ui/text.ts'
import { numberFacets } from '../numbers/search.ts'
import { useCurrent } from '../shell/current.tsx'
import { CommuneFilter } from './CommuneFilter.tsx'
import { ManageTags } from './ManageTags.tsx'
import classes from './Members.module.css'
import { charterFacets, type MembersSearch } from './search.ts'
import { TradeFilter } from './TradeFilter.tsx'
import { useTags } from './tags.ts'

const statuses: readonly MemberStatus[] = ['active', 'pending', 'suspended', 'left']
const duesFacets = ['owing', 'settled'] as const

/** The search and the facets of the list of members. */
export function MemberFilters(props: {
  search: MembersSearch
  trades: SchemeView['trades']
  counts: MemberPage['counts'] | null
  /** Name of the commune of the search, if a listed member has it. */
  communeName: string | null
  go: (change: { [key in keyof MembersSearch]?: string | undefined }) => void
}) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const { search, trades, counts, go } = props
  return (
    <div className={classes.filters}>
      <SearchField
        label={t('members.search')}
        value={search.q ?? ''}
        onSearch={(q) => go({ q })}
        className={classes.search ?? ''}
      />
      <TradeFilter
        trades={trades}
        counts={counts?.byTrade}
        value={search.metier ?? null}
        onPick={(metier) => go({ metier })}
      />
      <CommuneFilter
        schemeId={scheme.id}
        value={search.commune ?? null}
        known={props.communeName}
        onPick={(commune) => go({ commune: commune ?? undefined })}
      />
      <Select
        aria-label={t('members.status')}
        placeholder={t('members.status')}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clear') }}
        value={search.etat ?? null}
        onChange={(value) => go({ etat: value ?? undefined })}
        data={[
          ...statuses.map((status) => ({
            value: status,
            label:
              counts === null || search.etat !== undefined
                ? t(`member.status.${status}`)
                : `${t(`member.status.${status}`)} (${countOf(lang, counts.byStatus[status])})`,
          })),
          ...(may('member.change')
            ? [{ value: 'unnotified' as const, label: t('member.status.unnotified') }]
            : []),
        ]}
      />
      <Select
        aria-label={t('members.numbers')}
        placeholder={t('members.numbers')}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clear') }}
        value={search.numeros ?? null}
        onChange={(value) => go({ numeros: numberFacets.find((one) => one === value) })}
        data={numberFacets.map((one) => ({ value: one, label: t(`numbers.facet.${one}`) }))}
      />
      {may('dues.read') && (
        <Select
          aria-label={t('members.dues')}
          placeholder={t('members.dues')}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
          value={search.cotisation ?? null}
          onChange={(value) => go({ cotisation: duesFacets.find((one) => one === value) })}
          data={duesFacets.map((one) => ({ value: one, label: t(`members.dues.${one}`) }))}
        />
      )}
      <TagFilter value={search.etiquette ?? null} onPick={(etiquette) => go({ etiquette })} />
      {may('enrolment.read') && (
        <Select
          aria-label={t('members.charter')}
          placeholder={t('members.charter')}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
          value={search.charte ?? null}
          onChange={(value) => go({ charte: charterFacets.find((one) => one === value) })}
          data={charterFacets.map((one) => ({ value: one, label: t(`members.charter.${one}`) }))}
        />
      )}
    </div>
  )
}

/** The filter by tag, and the way to the tags of the scheme. */
function TagFilter(props: { value: string | null; onPick: (tag: string | undefined) => void }) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const tags = useTags()
  const [isManaging, setManaging] = useState(false)
  if (!may('member.tags')) return null
  return (
    <>
      {tags.length > 0 && (
        <Select
          aria-label={t('tags.filter')}
          placeholder={t('tags.filter')}
          clearable
          clearButtonProps={{ 'aria-label': t('filter.clear') }}
          searchable
          value={props.value}
          onChange={(value) => props.onPick(value ?? undefined)}
          data={tags.map(({ id, name, members }) => ({
            value: id,
            label: `${name} (${countOf(lang, members)})`,
          }))}
        />
      )}
      {may('tag.manage') && (
        <Button variant="subtle" onClick={() => setManaging(true)}>
          {t('tags.manage')}
        </Button>
      )}
      {isManaging && <ManageTags onClose={() => setManaging(false)} />}
    </>
  )
}
