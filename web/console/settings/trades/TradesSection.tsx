import { ActionIcon, Button, Skeleton, VisuallyHidden } from '@mantine/core'
import IconArrowDown from '@tabler/icons-react/icons/IconArrowDown'
import IconArrowUp from '@tabler/icons-react/icons/IconArrowUp'
import IconPlus from '@tabler/icons-react/icons/IconPlus'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type {
  TradeSetting,
  TradeSettings,
  TradesChange,
} from '../../../../src/schemes/trade-settings/contract.ts'
import { callApi } from '../../../api/client.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { nameIn } from '../../../ui/format/trade.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import settingClasses from '../Settings.module.css'
import { moveCode, orderOf, restoreOf } from './draft.ts'
import { tradeSettingsQuery } from './queries.ts'
import { TradeEditor } from './TradeEditor.tsx'
import classes from './Trades.module.css'

/** Lists the trades of the scheme, or shows the editor of one. */
export function TradesSection(props: { schemeId: string; onDirty: (isDirty: boolean) => void }) {
  const settings = useQuery(tradeSettingsQuery(props.schemeId))
  if (settings.isLoadingError) return <Failure error={settings.error} retry={() => void settings.refetch()} />
  if (settings.data === undefined) return <Skeleton height={320} />
  return <Trades {...props} settings={settings.data} />
}

/** Sends changes of the trades; a toast undoes each. */
function useTrades(schemeId: string) {
  const { t } = useText()
  const listKey = tradeSettingsQuery(schemeId).queryKey
  const refresh = [schemeQuery(schemeId).queryKey]
  const undo = useAction(
    (change: TradesChange) => callApi('setTrades', { params: { scheme: schemeId }, body: change }),
    { stores: listKey, refresh, refreshAfterFailure: [listKey], success: t('trades.undone') },
  )
  const save = useAction(
    ({ change }: { change: TradesChange; before: TradeSettings; said: string }) =>
      callApi('setTrades', { params: { scheme: schemeId }, body: change }),
    {
      stores: listKey,
      refresh,
      refreshAfterFailure: [listKey],
      onSuccess: (saved, { before, said }) => {
        if (saved.version === before.version) return
        void toast(said, () => undo.mutate(restoreOf(before, saved)))
      },
    },
  )
  return { save, undo }
}

function Trades(props: { schemeId: string; settings: TradeSettings; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { schemeId, settings } = props
  /** As it was when it was opened: what another user changed meanwhile is refused, not overwritten. */
  const [open, setOpen] = useState<{ base: TradeSettings; trade: TradeSetting | undefined } | null>(null)
  const opener = useRef<string | null>(null)
  const { save, undo } = useTrades(schemeId)
  useEffect(() => {
    if (open === null && opener.current !== null) document.getElementById(opener.current)?.focus()
  }, [open])
  const edit = (trade: TradeSetting | undefined) => {
    opener.current = trade === undefined ? 'trade-new' : `trade-${trade.code}`
    setOpen({ base: settings, trade })
  }
  if (open !== null)
    return (
      <TradeEditor
        key={open.base.version}
        schemeId={schemeId}
        base={open.base}
        trade={open.trade}
        onDirty={props.onDirty}
        onSaved={(saved, said) => {
          setOpen(null)
          void toast(said, () => undo.mutate(restoreOf(open.base, saved)))
        }}
        onClose={() => setOpen(null)}
      />
    )
  return (
    <>
      <section className={settingClasses.card} aria-labelledby="metiers-utilises">
        <div className={classes.head}>
          <h3 id="metiers-utilises" className={settingClasses.cardTitle}>
            {t('trades.used', { count: settings.trades.length })}
          </h3>
          <Button
            id="trade-new"
            leftSection={<IconPlus size={18} stroke={1.8} aria-hidden />}
            onClick={() => edit(undefined)}
          >
            {t('trades.new')}
          </Button>
        </div>
        <p className={settingClasses.mute}>{t('trades.used.what')}</p>
        <Failure error={save.failure ?? undo.failure} />
        <Used settings={settings} save={save} onEdit={edit} />
      </section>
      <Unused settings={settings} save={save} />
    </>
  )
}

type Save = ReturnType<typeof useTrades>['save']

function Used(props: { settings: TradeSettings; save: Save; onEdit: (trade: TradeSetting) => void }) {
  const { t, lang } = useText()
  const { settings, save } = props
  const { trades } = settings
  const codes = trades.map(({ code }) => code)
  const list = useRef<HTMLOListElement>(null)
  /** The button that moved a trade keeps the focus where it went. */
  const moved = useRef<string | null>(null)
  const [said, setSaid] = useState('')
  const order = codes.join()
  useEffect(() => {
    if (moved.current === null || order === '') return
    const buttons = [
      ...(list.current?.querySelectorAll<HTMLButtonElement>(`[data-move="${moved.current}"]`) ?? []),
    ]
    const [pressed] = buttons
    // At either end, the button is off: the other one of the trade takes the focus.
    const next =
      pressed?.disabled === true
        ? pressed.parentElement?.querySelector<HTMLButtonElement>('button:enabled')
        : pressed
    next?.focus()
    moved.current = null
  }, [order])
  const move = (trade: TradeSetting, by: -1 | 1) => {
    moved.current = `${trade.code} ${by}`
    const change = orderOf(settings, moveCode(codes, trade.code, by))
    const place = codes.indexOf(trade.code) + by + 1
    save.mutate(
      { change, before: settings, said: t('trades.moved', { name: nameIn(lang, trade) }) },
      {
        onSuccess: () =>
          setSaid(t('trades.place', { name: nameIn(lang, trade), place, count: codes.length })),
      },
    )
  }
  return (
    <>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      <ol ref={list} className={classes.list}>
        {trades.map((trade, at) => (
          <li key={trade.code}>
            <div className={classes.about}>
              <b>{nameIn(lang, trade)}</b>
              <Summary trade={trade} />
            </div>
            <div className={classes.acts}>
              {([-1, 1] as const).map((by) => (
                <ActionIcon
                  key={by}
                  variant="default"
                  size={44}
                  data-move={`${trade.code} ${by}`}
                  disabled={at + by < 0 || at + by >= trades.length || save.isPending}
                  aria-label={t(by === -1 ? 'trades.up' : 'trades.down', { name: nameIn(lang, trade) })}
                  onClick={() => move(trade, by)}
                >
                  {by === -1 ? (
                    <IconArrowUp size={18} aria-hidden />
                  ) : (
                    <IconArrowDown size={18} aria-hidden />
                  )}
                </ActionIcon>
              ))}
              <Button
                id={`trade-${trade.code}`}
                variant="default"
                aria-label={t('trades.edit.label', { name: nameIn(lang, trade) })}
                onClick={() => props.onEdit(trade)}
              >
                {t('trades.edit')}
              </Button>
            </div>
          </li>
        ))}
      </ol>
    </>
  )
}

/** Says how many members a trade has, with a link to them, and how much leads to it. */
function Summary(props: { trade: TradeSetting }) {
  const { t } = useText()
  const { code, members, naf, naf2025, words } = props.trade
  return (
    <span className={classes.summary}>
      {members === 0 ? (
        t('trades.members', { count: 0 })
      ) : (
        <Link to="/adherents" search={{ metier: code }} className={settingClasses.link}>
          {t('trades.members', { count: members })}
        </Link>
      )}
      {' · '}
      {t('trades.leads', { activities: naf.length + naf2025.length, words: words.length })}
    </span>
  )
}

function Unused(props: { settings: TradeSettings; save: Save }) {
  const { t, lang } = useText()
  const { settings, save } = props
  if (settings.unused.length === 0) return null
  return (
    <section className={settingClasses.card} aria-labelledby="metiers-inutilises">
      <h3 id="metiers-inutilises" className={settingClasses.cardTitle}>
        {t('trades.unused')}
      </h3>
      <p className={settingClasses.mute}>{t('trades.unused.what')}</p>
      <ul className={classes.list}>
        {settings.unused.map((trade) => (
          <li key={trade.code}>
            <div className={classes.about}>
              <b>{nameIn(lang, trade)}</b>
              <Summary trade={trade} />
            </div>
            <Button
              variant="default"
              disabled={save.isPending}
              aria-label={t('trades.use.label', { name: nameIn(lang, trade) })}
              onClick={() =>
                save.mutate({
                  change: orderOf(settings, [...settings.trades.map(({ code }) => code), trade.code]),
                  before: settings,
                  said: t('trades.isUsed', { name: nameIn(lang, trade) }),
                })
              }
            >
              {t('trades.use')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
