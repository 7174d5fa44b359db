import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import IconArrowLeft from '@tabler/icons-react/icons/IconArrowLeft'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
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
import { SettingActions } from '../SettingActions.tsx'
import settingClasses from '../Settings.module.css'
import { Activities } from './Activities.tsx'
import { changeOf, draftOf, orderOf, type TradeDraft } from './draft.ts'
import { tradeSettingsQuery } from './queries.ts'
import classes from './Trades.module.css'
import { Words } from './Words.tsx'

/** Edits one trade, or a new one: its names, and the activities and words that lead to it. */
export function TradeEditor(props: {
  schemeId: string
  /** The trades as they were when the editor was opened. */
  base: TradeSettings
  trade: TradeSetting | undefined
  onDirty: (isDirty: boolean) => void
  onSaved: (saved: TradeSettings, said: string) => void
  onClose: () => void
}) {
  const { t, lang } = useText()
  const { schemeId, base, trade, onDirty, onClose } = props
  const code = trade?.code ?? null
  const form = useForm<TradeDraft>({ initialValues: draftOf(trade) })
  const { values: draft, setValues: change } = form
  const isDirty = form.isDirty()
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  useEffect(() => () => onDirty(false), [onDirty])
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: false }), [])
  const name = trade === undefined ? t('trades.new') : nameIn(lang, trade)
  const listKey = tradeSettingsQuery(schemeId).queryKey
  const paths = pathsOf(code)
  const save = useAction(
    (body: TradesChange) => callApi('setTrades', { params: { scheme: schemeId }, body }),
    {
      fields: paths === null ? [] : Object.values(paths),
      stores: listKey,
      refresh: [schemeQuery(schemeId).queryKey],
      refreshAfterFailure: [listKey],
      onSuccess: (saved, { trades }) => {
        const isGone =
          code !== null &&
          !trades.some((one) => one === code || (typeof one !== 'string' && one.code === code))
        props.onSaved(
          saved,
          isGone ? t('trades.isUnused', { name }) : t('trades.saved', { name: draft.nameFr }),
        )
      },
    },
  )
  const problemOf = (field: keyof NonNullable<typeof paths>) =>
    paths === null ? undefined : save.problemAt(paths[field])
  return (
    <form
      className={settingClasses.dues}
      noValidate
      aria-labelledby="metier"
      onSubmit={form.onSubmit((values) => {
        if (!save.isPending && isDirty) save.mutate(changeOf(base, code, values))
      })}
    >
      <section className={settingClasses.card}>
        {/* With unsaved changes, the button at the end discards them and leads back. */}
        {!isDirty && (
          <Button
            variant="subtle"
            className={classes.back ?? ''}
            leftSection={<IconArrowLeft size={16} aria-hidden />}
            onClick={onClose}
          >
            {t('trades.back')}
          </Button>
        )}
        <h3 id="metier" ref={heading} tabIndex={-1} className={classes.title}>
          {name}
        </h3>
        <div className={classes.names}>
          <TextInput
            label={t('trades.nameFr')}
            required
            maxLength={80}
            {...form.getInputProps('nameFr')}
            error={problemOf('nameFr')}
          />
          <TextInput
            label={t('trades.nameEn')}
            description={t('trades.nameEn.what')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={80}
            {...form.getInputProps('nameEn')}
            error={problemOf('nameEn')}
          />
        </div>
      </section>
      <Activities
        schemeId={schemeId}
        base={base}
        code={code}
        draft={draft}
        onChange={change}
        errors={{ naf: problemOf('naf'), naf2025: problemOf('naf2025') }}
      />
      <Words base={base} code={code} draft={draft} onChange={change} error={problemOf('words')} />
      {trade !== undefined && <Retire base={base} trade={trade} save={save} />}
      <p className={settingClasses.mute}>{t('trades.members.keep')}</p>
      <SettingActions save={save} isDirty={isDirty} onDiscard={onClose} />
    </form>
  )
}

/** The paths at which the server reports problems of a trade; null: of a new one, which has no code yet. */
function pathsOf(code: string | null) {
  if (code === null) return null
  const at = `trades.${code}`
  return {
    nameFr: `${at}.nameFr`,
    nameEn: `${at}.nameEn`,
    naf: `${at}.naf`,
    naf2025: `${at}.naf2025`,
    words: `${at}.words`,
  }
}

/** Takes a trade out of use, or says why it cannot be. */
function Retire(props: {
  base: TradeSettings
  trade: TradeSetting
  save: { readonly isPending: boolean; readonly mutate: (change: TradesChange) => void }
}) {
  const { t } = useText()
  const { base, trade, save } = props
  const others = base.trades.map(({ code }) => code).filter((code) => code !== trade.code)
  return (
    <section className={settingClasses.card} aria-labelledby="retirer">
      <h3 id="retirer" className={settingClasses.cardTitle}>
        {t('trades.retire')}
      </h3>
      {trade.members > 0 ? (
        <p className={settingClasses.mute}>
          {t('trades.retire.members', { count: trade.members })}{' '}
          <Link to="/adherents" search={{ metier: trade.code }} className={settingClasses.link}>
            {t('trades.retire.see')}
          </Link>
        </p>
      ) : others.length === 0 ? (
        <p className={settingClasses.mute}>{t('trades.retire.last')}</p>
      ) : (
        <>
          <p className={settingClasses.mute}>{t('trades.retire.what')}</p>
          <div>
            <Button
              variant="default"
              disabled={save.isPending}
              onClick={() => save.mutate(orderOf(base, others))}
            >
              {t('trades.retire')}
            </Button>
          </div>
        </>
      )}
    </section>
  )
}
