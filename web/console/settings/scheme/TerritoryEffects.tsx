import type { TerritoryPreview } from '../../../../src/schemes/territory/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Settings.module.css'

/** Shows the effects of another territory on communes, members, sectors and zones. */
export function TerritoryEffects(props: { preview: TerritoryPreview }) {
  const { t, lang } = useText()
  const { communes, added, removed, membersOutside, sectors, zones } = props.preview
  const list = new Intl.ListFormat(lang)
  const named = ({ count, names }: TerritoryPreview['added']) =>
    list.format(
      count > names.length ? [...names, t('territory.more', { count: count - names.length })] : names,
    )
  const isLost = (one: TerritoryPreview['sectors'][number]) => one.communes === one.outside
  return (
    <ul className={classes.list}>
      <li>{t('territory.communes', { count: communes })}</li>
      {added.count > 0 && <li>{t('territory.added', { count: added.count, names: named(added) })}</li>}
      {removed.count > 0 && (
        <li>{t('territory.removed', { count: removed.count, names: named(removed) })}</li>
      )}
      {membersOutside > 0 && <li>{t('territory.members', { count: membersOutside })}</li>}
      {sectors.map((one) => (
        <li key={`secteur ${one.name}`}>
          {isLost(one) ? t('territory.sector.lost', { name: one.name }) : t('territory.sector', one)}
        </li>
      ))}
      {zones.map((one) => (
        <li key={`zone ${one.name}`}>
          {isLost(one) ? t('territory.zone.lost', { name: one.name }) : t('territory.zone', one)}
        </li>
      ))}
    </ul>
  )
}
