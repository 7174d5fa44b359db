import { Skeleton, UnstyledButton } from '@mantine/core'
import IconX from '@tabler/icons-react/icons/IconX'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AudienceQuery } from '../../../../src/alerts/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { AreaChoice } from '../../../../src/territory/contract.ts'
import { areasQuery, audienceQuery } from '../../../api/queries.ts'
import { countOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { nameIn } from '../../../ui/format/trade.ts'
import { Failure } from '../../../ui/Notice.tsx'
import chips from '../call/Chips.module.css'
import { AnyOf, OneOf } from '../call/Chips.tsx'
import classes from '../call/Fields.module.css'
import type { Draft } from '../text/draft.ts'
import { hotkeysOf, keyOf, shortNameOf, worthShowing } from './areas.ts'
import { baseOf, drawnCodes } from './drawn.ts'

const SHOWN_TRADES = 4

/** Chooses the audience: an area around the place, and trades. */
export function AudienceField(props: {
  scheme: SchemeView
  draft: Draft
  /** The audience that is counted; null without an area. */
  query: AudienceQuery | null
  onArea: (choice: AreaChoice) => void
  /** Gives up what was drawn on the map: the area without it, or null. */
  onUndraw: (choice: AreaChoice | null) => void
  onTrades: (trades: string[]) => void
}) {
  const { t } = useText()
  const { draft, scheme } = props
  const areas = useQuery({ ...areasQuery(scheme.id, draft.commune?.code ?? null), select: worthShowing })
  const base = draft.area === null ? null : baseOf(draft.area.area)
  const named = areas.data?.find((one) => base !== null && keyOf(one.area) === keyOf(base))
  const drawn = draft.area === null ? [] : drawnCodes(draft.area.area)

  return (
    <div>
      <div className={classes.label} id="pour-qui">
        {t('room.who')}
        <span className={`${classes.aside} ${classes.keys}`}>
          {draft.commune !== null && t('room.who.keys')}
        </span>
        {draft.area !== null && drawn.length > 0 && (
          <Drawn
            name={draft.area.name}
            codes={drawn}
            isWhole={base === null}
            commune={draft.commune}
            onUndraw={() => props.onUndraw(named ?? null)}
          />
        )}
      </div>
      {draft.commune === null ? (
        drawn.length === 0 && <p className={classes.note}>{t('room.who.needsPlace')}</p>
      ) : areas.isLoadingError ? (
        <Failure error={areas.error} retry={() => void areas.refetch()} />
      ) : areas.data === undefined ? (
        <Skeleton height={32} radius="xl" />
      ) : (
        <AreaChoices areas={areas.data} chosen={base === null ? null : keyOf(base)} onArea={props.onArea} />
      )}
      {scheme.trades.length > 1 && (
        <TradeChoices scheme={scheme} chosen={draft.trades} query={props.query} onTrades={props.onTrades} />
      )}
    </div>
  )
}

/** Shows what was drawn on the map, with the button that gives it up. @param props `isWhole`: the area is nothing else */
function Drawn(props: {
  name: string
  codes: readonly string[]
  isWhole: boolean
  commune: Draft['commune']
  onUndraw: () => void
}) {
  const { t } = useText()
  const { codes, isWhole, commune } = props
  return (
    <>
      <UnstyledButton className={chips.drawn} title={props.name} onClick={props.onUndraw}>
        {t('area.drawn', { count: codes.length, more: isWhole ? 'no' : 'yes' })}
        <IconX size={14} aria-label={t('area.drawn.remove')} />
      </UnstyledButton>
      {isWhole && commune !== null && !codes.includes(commune.code) && (
        <span className={classes.note}>{t('area.drawn.elsewhere', { name: commune.name })}</span>
      )}
    </>
  )
}

/** Offers the areas around the place. @param props `chosen`: the key of one */
function AreaChoices(props: {
  areas: readonly AreaChoice[]
  chosen: string | null
  onArea: (choice: AreaChoice) => void
}) {
  const { t } = useText()
  const { areas } = props
  const letters = hotkeysOf(areas)
  return (
    <OneOf
      labelledBy="pour-qui"
      prefix="zone"
      value={props.chosen}
      choices={areas.map((choice) => ({
        value: keyOf(choice.area),
        label: shortNameOf(t, choice),
        hotkey: letters.get(keyOf(choice.area)),
        withAlt: true,
        title: t('area.title', { name: choice.name, communes: choice.communes }),
      }))}
      onPick={(key) => {
        const choice = areas.find((one) => keyOf(one.area) === key)
        if (choice) props.onArea(choice)
      }}
    />
  )
}

/** Offers the first trades, those that are chosen, and the others on demand, each with its members. */
function TradeChoices(props: {
  scheme: SchemeView
  chosen: Draft['trades']
  query: AudienceQuery | null
  onTrades: (trades: string[]) => void
}) {
  const { t, lang } = useText()
  const { scheme, chosen, query } = props
  const [all, setAll] = useState(false)
  // Each trade shows its members, also those that are not chosen.
  const everyone = useQuery(audienceQuery(scheme.id, query && { ...query, trades: [] })).data
  const reached = new Map(everyone?.byTrade.map((one) => [one.trade, one.members]))
  const trades = scheme.trades
    .map((trade) => ({ ...trade, name: nameIn(lang, trade) }))
    .filter((trade, index) => all || index < SHOWN_TRADES || chosen.includes(trade.code))
  const hidden = scheme.trades.length - trades.length
  return (
    <div className={classes.trades}>
      <span hidden id="metiers">
        {t('room.trades')}
      </span>
      <AnyOf
        labelledBy="metiers"
        all={t('room.trades.all')}
        value={chosen}
        choices={trades.map((trade) => {
          const members = reached.get(trade.code)
          return {
            value: trade.code,
            label: (
              <>
                {trade.name}
                {members !== undefined && <span className={chips.count}> {countOf(lang, members)}</span>}
              </>
            ),
          }
        })}
        onPick={props.onTrades}
      >
        {(hidden > 0 || all) && scheme.trades.length > SHOWN_TRADES && (
          <UnstyledButton className={chips.more} aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? t('room.trades.fewer') : t('room.trades.more', { count: hidden })}
          </UnstyledButton>
        )}
      </AnyOf>
    </div>
  )
}
