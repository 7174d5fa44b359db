import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { TerritoryPart } from '../../../../src/schemes/territory/contract.ts'
import type { Area, SimpleArea } from '../../../../src/territory/contract.ts'
import { callApi } from '../../../api/client.ts'
import type { FormatMessage } from '../../../ui/format/text.ts'

/** Begins the keys of the queries about the territory of a scheme. */
export const territoryKey = (schemeId: string) => ['territory', schemeId]

/** The effects of a territory on the scheme, compared with the one in force, whose parts are listed by name. */
export const territoryPreviewQuery = (schemeId: string, territory: Area | null) =>
  queryOptions({
    queryKey: [...territoryKey(schemeId), 'preview', territory],
    queryFn: ({ signal }) =>
      callApi('previewTerritory', {
        params: { scheme: schemeId },
        body: { territory: territory ?? { kind: 'communes', codes: [] } },
        signal,
      }),
    enabled: territory !== null,
    placeholderData: keepPreviousData,
  })

export const territoryPartsQuery = (schemeId: string, q: string) =>
  queryOptions({
    queryKey: [...territoryKey(schemeId), 'parts', q],
    queryFn: async ({ signal }) =>
      (await callApi('searchTerritoryParts', { params: { scheme: schemeId }, query: { q }, signal })).parts,
    enabled: q !== '',
    placeholderData: keepPreviousData,
  })

export const keyOfPart = ({ kind, code }: Pick<TerritoryPart, 'kind' | 'code'>) => `${kind} ${code}`

/** Returns the area made of some parts; null without any. */
export function areaOfParts(parts: readonly Pick<TerritoryPart, 'kind' | 'code'>[]): Area | null {
  const communes = parts.flatMap(({ kind, code }) => (kind === 'commune' ? [code] : []))
  const areas = parts.flatMap(({ kind, code }): SimpleArea[] => (kind === 'commune' ? [] : [{ kind, code }]))
  if (communes.length > 1) areas.push({ kind: 'communes', codes: communes })
  else areas.push(...communes.map((code): SimpleArea => ({ kind: 'commune', code })))
  const [first] = areas
  if (first === undefined) return null
  return areas.length === 1 ? first : { kind: 'union', areas }
}

/** Says of what a territory is made, by codes: their names are not known everywhere. */
export function territoryWords(t: FormatMessage, lang: string, territory: Area): string {
  const areas = territory.kind === 'union' ? territory.areas : [territory]
  const words = areas.flatMap((area) => {
    switch (area.kind) {
      case 'region':
        return [t('settings.scheme.territory.region', { code: area.code })]
      case 'departement':
        return [t('settings.scheme.territory.departement', { code: area.code })]
      case 'arrondissement':
        return [t('settings.scheme.territory.arrondissement', { code: area.code })]
      case 'epci':
        return [t('settings.scheme.territory.epci', { code: area.code })]
      case 'commune':
        return [t('settings.scheme.territory.commune', { code: area.code })]
      case 'communes':
        return [t('settings.scheme.territory.communes', { count: area.codes.length })]
      default:
        return []
    }
  })
  return new Intl.ListFormat(lang).format(words)
}
