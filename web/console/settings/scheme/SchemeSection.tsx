import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { SchemeGeneral, SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import { settingsAt } from '../changes/needs.ts'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { type Described, NumberField, Setting, Value } from '../Setting.tsx'
import { SettingActions } from '../SettingActions.tsx'
import classes from '../Settings.module.css'
import { TerritoryForm } from './TerritoryForm.tsx'

const FIELDS = [
  'name',
  'chamber',
  'sender',
  'closingAdvice',
  'timeZone',
  'languages',
  'referencePrefix',
  'alertLifetimeHours',
  'smsPrice',
] as const
/** Fields that change at once, without a second person. */
const DIRECT: readonly (typeof FIELDS)[number][] = ['languages', 'alertLifetimeHours', 'smsPrice']
/** Thousandths of a cent in a cent. */
const MILLICENTS = 1000

/** The languages of names that can be chosen, as one value each. */
const LANGUAGE_CHOICES = {
  fr: 'settings.scheme.languages.fr',
  'fr,en': 'settings.scheme.languages.both',
} as const
type LanguageChoice = keyof typeof LANGUAGE_CHOICES

/** The values of the form: a price in cents, with a comma in French, and numbers as typed. */
interface Typed {
  name: string
  /** Empty without a chamber. */
  chamber: string
  sender: string
  referencePrefix: string
  closingAdvice: string
  timeZone: string
  languages: LanguageChoice
  alertLifetimeHours: number | string
  smsPrice: string
}

/** Sets what the scheme is called and signs with, and its territory. */
export function SchemeSection(props: {
  scheme: SchemeView
  mayChange: boolean
  onDirty: (isDirty: boolean) => void
}) {
  const { t, lang } = useText()
  const { scheme, mayChange, onDirty } = props
  const current = useCurrent()
  const [isTerritoryDirty, setTerritoryDirty] = useState(false)
  const known = typedOf(scheme, lang)
  // Fields that are not being edited follow the changes of others.
  const [draft, setDraft] = useState<Partial<Typed>>({})
  const [reason, setReason] = useState('')
  const typed = { ...known, ...draft }
  const changed = FIELDS.filter((name) => typed[name] !== known[name])
  const isDirty = changed.length > 0
  useEffect(() => onDirty(isDirty || isTerritoryDirty), [isDirty, isTerritoryDirty, onDirty])
  const save = useAction(
    () =>
      callApi('setSchemeGeneral', {
        params: { scheme: scheme.id },
        body: { ...bodyOf(typed, changed), reason },
      }),
    {
      fields: [...FIELDS, 'smsPriceMillicents', 'reason'],
      refresh: [schemeQuery(scheme.id).queryKey, settingChangesQuery(scheme.id).queryKey, ['session']],
      success: ({ proposed }) => t(proposed === null ? 'settings.scheme.saved' : 'settingChange.proposed'),
      onRefreshed: () => {
        setDraft({})
        setReason('')
      },
    },
  )
  const change = (name: keyof Typed, value: number | string) => {
    setDraft((before) => ({ ...before, [name]: value }))
    save.reset()
  }
  const text =
    (name: 'name' | 'chamber' | 'sender' | 'timeZone' | 'referencePrefix', maxLength: number) =>
    (described: Described) =>
      mayChange ? (
        <TextInput
          {...described}
          maxLength={maxLength}
          autoComplete="off"
          spellCheck={name === 'name' || name === 'chamber'}
          list={name === 'timeZone' ? 'time-zones' : undefined}
          value={typed[name]}
          error={save.problemAt(name)}
          onChange={(event) => change(name, event.currentTarget.value)}
        />
      ) : (
        <Value>{known[name]}</Value>
      )
  return (
    <>
      <form
        className={classes.card}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!save.isPending && isDirty) save.mutate()
        }}
      >
        <Setting name={t('settings.scheme.name')} what={t('settings.scheme.name.what')}>
          {text('name', 80)}
        </Setting>
        {known.chamber !== '' && (
          <Setting name={t('settings.scheme.chamber')} what={t('settings.scheme.chamber.what')}>
            {text('chamber', 120)}
          </Setting>
        )}
        <Setting name={t('settings.scheme.sender')} what={t('settings.scheme.sender.what')}>
          {text('sender', 11)}
        </Setting>
        <Setting name={t('settings.scheme.closingAdvice')} what={t('settings.scheme.closingAdvice.what')}>
          {(described) =>
            mayChange ? (
              <Textarea
                {...described}
                autosize
                minRows={1}
                maxLength={120}
                value={typed.closingAdvice}
                error={save.problemAt('closingAdvice')}
                onChange={(event) => change('closingAdvice', event.currentTarget.value)}
              />
            ) : (
              <Value>{known.closingAdvice}</Value>
            )
          }
        </Setting>
        <Setting name={t('settings.scheme.timeZone')} what={t('settings.scheme.timeZone.what')}>
          {(described) => (
            <>
              {text('timeZone', 60)(described)}
              <datalist id="time-zones">
                {['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => (
                  <option key={zone} value={zone} />
                ))}
              </datalist>
            </>
          )}
        </Setting>
        <Setting name={t('settings.scheme.languages')} what={t('settings.scheme.languages.what')}>
          {(described) =>
            mayChange ? (
              <NativeSelect
                {...described}
                value={typed.languages}
                data={Object.entries(LANGUAGE_CHOICES).map(([value, key]) => ({ value, label: t(key) }))}
                error={save.problemAt('languages')}
                onChange={(event) => change('languages', event.currentTarget.value)}
              />
            ) : (
              <Value>{t(LANGUAGE_CHOICES[known.languages])}</Value>
            )
          }
        </Setting>
        <Setting name={t('settings.scheme.alertLifetime')} what={t('settings.scheme.alertLifetime.what')}>
          {(described) =>
            mayChange ? (
              <NumberField
                {...described}
                value={typed.alertLifetimeHours}
                unit={t('settings.scheme.alertLifetime.unit')}
                error={save.problemAt('alertLifetimeHours')}
                onChange={(value) => change('alertLifetimeHours', value)}
              />
            ) : (
              <Value>{`${known.alertLifetimeHours} ${t('settings.scheme.alertLifetime.unit')}`}</Value>
            )
          }
        </Setting>
        <Setting name={t('settings.scheme.smsPrice')} what={t('settings.scheme.smsPrice.what')}>
          {(described) =>
            mayChange ? (
              <TextInput
                {...described}
                className={classes.number ?? ''}
                inputMode="decimal"
                autoComplete="off"
                maxLength={8}
                value={typed.smsPrice}
                error={save.problemAt('smsPriceMillicents')}
                rightSection={<span className={classes.unit}>{t('settings.scheme.smsPrice.unit')}</span>}
                rightSectionWidth={88}
                rightSectionPointerEvents="none"
                onChange={(event) => change('smsPrice', event.currentTarget.value)}
              />
            ) : (
              <Value>{`${known.smsPrice} ${t('settings.scheme.smsPrice.unit')}`}</Value>
            )
          }
        </Setting>
        <Setting name={t('settings.scheme.prefix')} what={t('settings.scheme.prefix.what')}>
          {text('referencePrefix', 4)}
        </Setting>
        {mayChange && (
          <div className={classes.bar} data-dirty={isDirty || undefined}>
            {isDirty && (
              <SecondPerson
                subject="scheme"
                settings={settingsAt(
                  'scheme',
                  changed.map((name) => (name === 'smsPrice' ? 'smsPriceMillicents' : name)),
                )}
                reason={reason}
                onReason={setReason}
                error={save.problemAt('reason')}
              />
            )}
            <SettingActions
              save={save}
              isDirty={isDirty}
              isProposed={changed.some((name) => !DIRECT.includes(name))}
              onDiscard={() => {
                setDraft({})
                save.reset()
              }}
            />
          </div>
        )}
      </form>
      <TerritoryForm
        scheme={scheme}
        mayChange={mayChange}
        mayRead={current.may('doctrine.read')}
        onDirty={setTerritoryDirty}
      />
    </>
  )
}

function typedOf(
  scheme: Pick<SchemeView, Exclude<keyof SchemeGeneral, 'chamber' | 'territory'> | 'agencies'>,
  lang: string,
): Typed {
  const { name, sender, closingAdvice, timeZone, referencePrefix, alertLifetimeHours, smsPriceMillicents } =
    scheme
  // The one that messages name (src/schemes/general.ts).
  const chambers = scheme.agencies.filter(({ kind }) => kind === 'chamber')
  const chamber = chambers.toSorted((a, b) => (a.code < b.code ? -1 : 1))[0]?.name ?? ''
  const smsPrice = new Intl.NumberFormat(lang, { maximumFractionDigits: 3 }).format(
    smsPriceMillicents / MILLICENTS,
  )
  const languages = scheme.languages.includes('en') ? 'fr,en' : 'fr'
  return {
    ...{ name, chamber, sender, closingAdvice, timeZone, languages },
    ...{ referencePrefix, alertLifetimeHours, smsPrice },
  }
}

/** Returns the request: unchanged values are absent, and numbers that cannot be read are sent as typed, for the server to report. */
function bodyOf(typed: Typed, changed: readonly (typeof FIELDS)[number][]) {
  const { smsPrice, alertLifetimeHours, languages, ...texts } = typed
  const price = Number(smsPrice.trim().replace(',', '.') || Number.NaN)
  const is = (name: (typeof FIELDS)[number]) => changed.includes(name)
  return {
    ...Object.fromEntries(Object.entries(texts).filter(([name]) => is(name as keyof typeof texts))),
    ...(is('languages') && { languages: (['fr', 'en'] as const).filter((one) => languages.includes(one)) }),
    ...(is('alertLifetimeHours') && { alertLifetimeHours }),
    ...(is('smsPrice') && {
      smsPriceMillicents: Number.isNaN(price) ? smsPrice : Math.round(price * MILLICENTS),
    }),
  }
}
