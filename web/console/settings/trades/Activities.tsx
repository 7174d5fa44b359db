import { Button } from '@mantine/core'
import IconX from '@tabler/icons-react/icons/IconX'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { FoundActivities, TradeSettings } from '../../../../src/schemes/trade-settings/contract.ts'
import { SearchField } from '../../../ui/fields/SearchField.tsx'
import { useText } from '../../../ui/format/text.ts'
import { nameIn } from '../../../ui/format/trade.ts'
import { Failure } from '../../../ui/Notice.tsx'
import settingClasses from '../Settings.module.css'
import { type Activity, isSameActivity, ownerOfActivity, type TradeDraft } from './draft.ts'
import { activitiesQuery } from './queries.ts'
import classes from './Trades.module.css'

const LISTS = ['naf', 'naf2025'] as const
type ListName = (typeof LISTS)[number]

/** The activities that lead to a trade, in both classifications, and a search that adds others. */
export function Activities(props: {
  schemeId: string
  base: TradeSettings
  code: string | null
  draft: TradeDraft
  onChange: (part: Partial<TradeDraft>) => void
  errors: Readonly<Record<ListName, string | undefined>>
}) {
  const { t } = useText()
  const { draft, onChange } = props
  const [q, setQ] = useState('')
  return (
    <section className={settingClasses.card} aria-labelledby="activites">
      <h3 id="activites" className={settingClasses.cardTitle}>
        {t('trades.activities')}
      </h3>
      <p className={settingClasses.mute}>{t('trades.activities.what')}</p>
      <SearchField label={t('trades.activities.search')} value={q} onSearch={setQ} />
      {q.length >= 2 && <Found {...props} q={q} />}
      {LISTS.map((list) => (
        <div key={list}>
          <h4 className={classes.listTitle}>
            {t(list === 'naf' ? 'trades.naf' : 'trades.naf2025', { count: draft[list].length })}
          </h4>
          {draft[list].length === 0 && <p className={settingClasses.mute}>{t('trades.activities.none')}</p>}
          <ul className={classes.activities}>
            {draft[list].map((activity) => (
              <li key={activity.code}>
                <span>
                  <b>{activity.code}</b> <ActivityTitle activity={activity} />
                </span>
                <Button
                  variant="subtle"
                  className={classes.remove ?? ''}
                  aria-label={t('trades.remove', { name: activity.code })}
                  onClick={() =>
                    onChange({
                      [list]: draft[list].filter((one) => one !== activity),
                      moved: draft.moved.filter((one) => one.list !== list || one.said !== activity.code),
                    })
                  }
                >
                  <IconX size={16} aria-hidden />
                </Button>
              </li>
            ))}
          </ul>
          {props.errors[list] !== undefined && (
            <p role="alert" className={settingClasses.error}>
              {props.errors[list]}
            </p>
          )}
        </div>
      ))}
    </section>
  )
}

function ActivityTitle(props: { activity: Activity }) {
  const { t } = useText()
  const { title, example, subclasses } = props.activity
  const many =
    example !== null
      ? t('trades.subclasses.example', { count: subclasses, example })
      : subclasses > 1
        ? t('trades.subclasses', { count: subclasses })
        : null
  return <>{[title, many].filter((part) => part !== null).join(' · ')}</>
}

type FoundActivity = FoundActivities['activities'][number]

function Found(props: Parameters<typeof Activities>[0] & { q: string }) {
  const { t, lang } = useText()
  const { schemeId, base, code, draft, onChange, q } = props
  const found = useQuery(activitiesQuery(schemeId, base.version, q))
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />
  if (found.data === undefined) return null
  const { activities } = found.data
  const nameOf = (of: string | null) => {
    const trade = [...base.trades, ...base.unused].find((one) => one.code === of)
    return trade === undefined ? null : nameIn(lang, trade)
  }
  const add = ({ nomenclature, trade: _, ...activity }: FoundActivity) => {
    const list: ListName = nomenclature === 'rev2' ? 'naf' : 'naf2025'
    const owner = ownerOfActivity(base, list, activity, code)
    onChange({
      [list]: [...draft[list], activity].toSorted((one, other) => (one.code < other.code ? -1 : 1)),
      ...(owner !== undefined && {
        moved: [...draft.moved, { from: owner.trade.code, list, said: owner.said }],
      }),
    })
  }
  return (
    <>
      <p role="status" className={settingClasses.mute}>
        {t('trades.found', { count: activities.length, q })}
      </p>
      <ul className={classes.activities} aria-label={t('trades.activities.search')}>
        {activities.map((one) => {
          const list: ListName = one.nomenclature === 'rev2' ? 'naf' : 'naf2025'
          const owner = ownerOfActivity(base, list, one, code)
          const isHere = draft[list].some((here) => isSameActivity(here, one))
          const leads = nameOf(one.trade)
          return (
            <li key={`${one.nomenclature}${one.code}`}>
              <span>
                <b>{one.code}</b> <ActivityTitle activity={one} />
                <small>
                  {t(list === 'naf' ? 'trades.rev2' : 'trades.2025')}
                  {one.trade !== null &&
                    one.trade !== code &&
                    leads !== null &&
                    ` · ${t('trades.leadsTo', { name: leads })}`}
                </small>
              </span>
              {isHere ? (
                <span className={settingClasses.mute}>{t('trades.isHere')}</span>
              ) : (
                <Button
                  variant="default"
                  size="sm"
                  aria-label={t(owner === undefined ? 'trades.add.label' : 'trades.move.label', {
                    name: one.code,
                  })}
                  onClick={() => add(one)}
                >
                  {t(owner === undefined ? 'trades.add' : 'trades.move')}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
    </>
  )
}
