import { Button, Select } from '@mantine/core'
import IconAdjustmentsHorizontal from '@tabler/icons-react/icons/IconAdjustmentsHorizontal'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useId, useState } from 'react'
import type { MemberPage } from '../../../../src/members/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { type MemberStatus, schemeQuery } from '../../../api/queries.ts'
import { SearchField } from '../../../ui/fields/SearchField.tsx'
import { countOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { numberFacets } from '../../numbers/search.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { charterFacets, filterOf, type MembersSearch, memberDues } from '../search.ts'
import { ManageTags } from '../tags/ManageTags.tsx'
import { useTags } from '../tags/tags.ts'
import { CommuneFilter } from './CommuneFilter.tsx'
import { TradeFilter } from './TradeFilter.tsx'

const statuses: readonly MemberStatus[] = ['active', 'pending', 'suspended', 'left']

interface FiltersProps {
  readonly search: MembersSearch
  readonly trades: SchemeView['trades']
  readonly counts: MemberPage['counts'] | null
  /** Name of the commune of the search, if a listed member has it. */
  readonly communeName: string | null
  readonly go: (change: { [key in keyof MembersSearch]?: string | undefined }) => void
}

/** The search and the facets of the list of members; on a phone the facets open by a button. */
export function MemberFilters(props: FiltersProps & { children: ReactNode }) {
  const { t } = useText()
  const { search, go } = props
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  const { q: _, ...facets } = filterOf(search)
  return (
    <div className={classes.filters}>
      <SearchField
        label={t('members.search')}
        value={search.q ?? ''}
        onSearch={(q) => go({ q })}
        className={classes.search ?? ''}
      />
      <Button
        variant="default"
        className={classes.unfold ?? ''}
        aria-expanded={isOpen}
        aria-controls={id}
        leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
        onClick={() => setOpen(!isOpen)}
      >
        {t('members.filters', { count: Object.keys(facets).length })}
      </Button>
      <div id={id} className={classes.facets} data-open={isOpen || undefined}>
        <Facets {...props} />
      </div>
      {props.children}
    </div>
  )
}

function Facets({ search, trades, counts, communeName, go }: FiltersProps) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const sectors = useQuery(schemeQuery(scheme.id)).data?.sectors ?? []
  return (
    <>
      <TradeFilter
        trades={trades}
        counts={counts?.byTrade}
        value={search.metier ?? null}
        onPick={(metier) => go({ metier })}
      />
      <CommuneFilter
        schemeId={scheme.id}
        value={search.commune ?? null}
        known={communeName}
        onPick={(commune) => go({ commune: commune ?? undefined })}
      />
      {sectors.length > 0 && (
        <Facet
          label={t('members.sector')}
          value={search.secteur}
          choices={sectors.map(({ id, name }) => ({ value: id, label: name }))}
          onPick={(secteur) => go({ secteur })}
        />
      )}
      <StatusFacet search={search} counts={counts} go={go} />
      <Facet
        label={t('members.numbers')}
        value={search.numeros}
        choices={numberFacets.map((one) => ({ value: one, label: t(`numbers.facet.${one}`) }))}
        onPick={(numeros) => go({ numeros })}
      />
      {may('dues.read') && (
        <Facet
          label={t('members.dues')}
          value={search.cotisation}
          choices={memberDues.map((one) => ({ value: one, label: t(`members.dues.${one}`) }))}
          onPick={(cotisation) => go({ cotisation })}
        />
      )}
      {may('member.change') && (
        <Facet
          label={t('memberForm.postalCode')}
          value={search.codePostal}
          choices={[{ value: 'absent', label: t('members.postalCode.missing') }]}
          onPick={(codePostal) => go({ codePostal })}
        />
      )}
      <TagFilter value={search.etiquette ?? null} onPick={(etiquette) => go({ etiquette })} />
      {may('enrolment.read') && (
        <Facet
          label={t('members.charter')}
          value={search.charte}
          choices={charterFacets.map((one) => ({ value: one, label: t(`members.charter.${one}`) }))}
          onPick={(charte) => go({ charte })}
        />
      )}
    </>
  )
}

function StatusFacet({ search, counts, go }: Pick<FiltersProps, 'search' | 'counts' | 'go'>) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const labelOf = (status: MemberStatus) =>
    counts === null || search.etat !== undefined
      ? t(`member.status.${status}`)
      : `${t(`member.status.${status}`)} (${countOf(lang, counts.byStatus[status])})`
  return (
    <Facet
      label={t('members.status')}
      value={search.etat}
      choices={[
        ...statuses.map((status) => ({ value: status as string, label: labelOf(status) })),
        ...(may('member.change') ? [{ value: 'unnotified', label: t('member.status.unnotified') }] : []),
      ]}
      onPick={(etat) => go({ etat })}
    />
  )
}

/** A filter of one value, which names itself until one is chosen. */
function Facet(props: {
  label: string
  value: string | undefined
  choices: { value: string; label: string }[]
  onPick: (value: string | undefined) => void
}) {
  const { t } = useText()
  return (
    <Select
      aria-label={props.label}
      placeholder={props.label}
      clearable
      clearButtonProps={{ 'aria-label': t('filter.clear') }}
      value={props.value ?? null}
      onChange={(value) => props.onPick(value ?? undefined)}
      data={props.choices}
    />
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
