import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { schemeQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import type { Current } from '../current.tsx'
import classes from './Header.module.css'

/** The scheme, which a user of several can change, above the agency of the user in it, or the trades of a delegate. */
export function SchemeName(props: { current: Current }) {
  const { t } = useText()
  const { scheme, schemes, choose } = props.current
  const trades = useTradeNames(props.current)
  return (
    <div className={classes.place}>
      {schemes.length < 2 ? (
        <span className={classes.scheme}>{scheme.name}</span>
      ) : (
        <NativeSelect
          variant="unstyled"
          classNames={{ input: classes.choice ?? '', wrapper: classes.choiceBox ?? '' }}
          aria-label={t('shell.chooseScheme')}
          value={scheme.id}
          onChange={(event) => choose(event.currentTarget.value)}
          data={schemes.map((one) => ({ value: one.id, label: one.name }))}
        />
      )}
      <small>
        {trades !== null && trades.length > NAMED_TRADES
          ? t('shell.trades', { count: trades.length })
          : (trades?.join(', ') ?? scheme.agency?.name ?? t(`role.${scheme.role}`))}
      </small>
    </div>
  )
}

/** Trades that the top bar names: more are counted, and named in the menu of the person. */
const NAMED_TRADES = 2

/** Returns the names of the trades to which the role is limited; null without a limit, or until their names are loaded. */
export function useTradeNames({ scheme, may }: Current): string[] | null {
  const { lang } = useText()
  const codes = scheme.trades
  const view = useQuery({ ...schemeQuery(scheme.id), enabled: codes !== null && may('scheme.read') }).data
  if (codes === null || view === undefined) return null
  return codes.map((code) => tradeNameOf(lang, view.trades, code))
}
