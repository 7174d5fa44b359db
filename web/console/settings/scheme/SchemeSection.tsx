import { NativeSelect, Textarea, TextInput } from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
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
import { useInForce } from '../useInForce.ts'
import { TerritoryForm } from './TerritoryForm.tsx'

/** The fields, each with the name of its texts. */
const FIELDS = {
  name: 'name',
  chamber: 'chamber',
  sender: 'sender',
  closingAdvice: 'closingAdvice',
  timeZone: 'timeZone',
  languages: 'languages',
  alertLifetimeHours: 'alertLifetime',
  smsPriceMillicents: 'smsPrice',
  referencePrefix: 'prefix',
} as const
type Field = keyof typeof FIELDS
/** Fields that change at once, without a second person. */
const DIRECT: readonly string[] = ['languages', 'alertLifetimeHours', 'smsPriceMillicents'] satisfies Field[]
/** Thousandths of a cent in a cent. */
const MILLICENTS = 1000

/** The languages of names that can be chosen, as one value each. */
const LANGUAGE_CHOICES = {
  fr: 'settings.scheme.languages.fr',
  'fr,en': 'settings.scheme.languages.both',
} as const
type LanguageChoice = keyof typeof LANGUAGE_CHOICES

/** The values of the form, numbers as typed. */
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
  /** In cents, with a comma in French. */
  smsPriceMillicents: string
}
type GeneralForm = UseFormReturnType<Typed & { reason: string }>

/** Sets what the scheme is called and signs with, and its territory. */
export function SchemeSection(props: {
  scheme: SchemeView
  mayChange: boolean
  onDirty: (isDirty: boolean) => void
}) {
  const { scheme, mayChange, onDirty } = props
  const { may } = useCurrent()
  const [isGeneralDirty, setGeneralDirty] = useState(false)
  const [isTerritoryDirty, setTerritoryDirty] = useState(false)
  const isDirty = isGeneralDirty || isTerritoryDirty
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  return (
    <>
      <General scheme={scheme} mayChange={mayChange} onDirty={setGeneralDirty} />
      <TerritoryForm
        scheme={scheme}
        mayChange={mayChange}
        mayRead={may('doctrine.read')}
        onDirty={setTerritoryDirty}
      />
    </>
  )
}

function General(props: { scheme: SchemeView; mayChange: boolean; onDirty: (isDirty: boolean) => void }) {
  const { scheme, mayChange, onDirty } = props
  const { form, base, changed, save, isDirty } = useGeneralForm(scheme)
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  return (
    <form
      className={classes.card}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending && isDirty) save.mutate()
      }}
    >
      <Fields form={form} base={base} mayChange={mayChange} onChange={save.reset} />
      {mayChange && (
        <div className={classes.bar} data-dirty={isDirty || undefined}>
          {isDirty && (
            <SecondPerson
              subject="scheme"
              settings={settingsAt('scheme', changed)}
              reason={form.values.reason}
              onReason={(reason) => form.setFieldValue('reason', reason)}
              error={form.errors.reason}
            />
          )}
          <SettingActions
            save={save}
            isDirty={isDirty}
            isProposed={changed.some((name) => !DIRECT.includes(name))}
            onDiscard={() => {
              form.setValues(base)
              save.reset()
            }}
          />
        </div>
      )}
    </form>
  )
}

/** Holds what is typed of the general settings, and saves what the user changed. */
function useGeneralForm(scheme: SchemeView) {
  const { t, lang } = useText()
  const inForce = typedOf(generalOf(scheme), lang)
  const form = useForm({ initialValues: { ...inForce, reason: '' } })
  const { base, changed, fillForm } = useInForce(form, inForce)
  const save = useAction(
    () => {
      const { reason, ...typed } = form.values
      return callApi('setSchemeGeneral', {
        params: { scheme: scheme.id },
        body: { ...bodyOf(typed, changed), reason },
      })
    },
    {
      form,
      refresh: [schemeQuery(scheme.id).queryKey, settingChangesQuery(scheme.id).queryKey, ['session']],
      success: ({ proposed }) => t(proposed === null ? 'settings.scheme.saved' : 'settingChange.proposed'),
      onRefreshed: (saved) => {
        // A proposed change is not in force: the form goes back to what is.
        fillForm(typedOf(saved, lang))
        form.setFieldValue('reason', '')
      },
    },
  )
  return { form, base, changed, save, isDirty: changed.length > 0 }
}

/** Lists the settings, as fields for users who may change them. */
function Fields(props: { form: GeneralForm; base: Typed; mayChange: boolean; onChange: () => void }) {
  const { t } = useText()
  const { form, base } = props
  const inputOf = (field: Field) => {
    const { onChange, ...input } = form.getInputProps(field)
    return {
      ...input,
      onChange: (value: unknown) => {
        onChange(value)
        props.onChange()
      },
    }
  }
  const show = (
    field: Field,
    control: (described: Described) => ReactNode,
    value: ReactNode = base[field],
  ) => (
    <Setting name={t(`settings.scheme.${FIELDS[field]}`)} what={t(`settings.scheme.${FIELDS[field]}.what`)}>
      {(described) => (props.mayChange ? control(described) : <Value>{value}</Value>)}
    </Setting>
  )
  const showText = (field: Field, maxLength: number) =>
    show(field, (described) => (
      <TextInput
        {...described}
        maxLength={maxLength}
        autoComplete="off"
        spellCheck={field === 'name' || field === 'chamber'}
        {...inputOf(field)}
      />
    ))
  const hours = t('settings.scheme.alertLifetime.unit')
  const cents = t('settings.scheme.smsPrice.unit')
  return (
    <>
      {showText('name', 80)}
      {base.chamber !== '' && showText('chamber', 120)}
      {showText('sender', 11)}
      {show('closingAdvice', (described) => (
        <Textarea {...described} autosize minRows={1} maxLength={120} {...inputOf('closingAdvice')} />
      ))}
      {show('timeZone', (described) => (
        <>
          <TextInput
            {...described}
            maxLength={60}
            autoComplete="off"
            spellCheck={false}
            list="time-zones"
            {...inputOf('timeZone')}
          />
          <datalist id="time-zones">
            {['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      ))}
      {show(
        'languages',
        (described) => (
          <NativeSelect
            {...described}
            data={Object.entries(LANGUAGE_CHOICES).map(([value, key]) => ({ value, label: t(key) }))}
            {...inputOf('languages')}
          />
        ),
        t(LANGUAGE_CHOICES[base.languages]),
      )}
      {show(
        'alertLifetimeHours',
        (described) => (
          <NumberField
            {...described}
            unit={hours}
            {...inputOf('alertLifetimeHours')}
            value={form.values.alertLifetimeHours}
            error={form.errors.alertLifetimeHours}
          />
        ),
        `${base.alertLifetimeHours} ${hours}`,
      )}
      {show(
        'smsPriceMillicents',
        (described) => (
          <TextInput
            {...described}
            className={classes.number ?? ''}
            inputMode="decimal"
            autoComplete="off"
            maxLength={8}
            rightSection={<span className={classes.unit}>{cents}</span>}
            rightSectionWidth={88}
            rightSectionPointerEvents="none"
            {...inputOf('smsPriceMillicents')}
          />
        ),
        `${base.smsPriceMillicents} ${cents}`,
      )}
      {showText('referencePrefix', 4)}
    </>
  )
}

type GeneralSettings = Omit<SchemeGeneral, 'territory'>

function generalOf({ agencies, ...scheme }: SchemeView): GeneralSettings {
  // The one that messages name (src/schemes/settings/general.ts).
  const [first] = agencies
    .filter(({ kind }) => kind === 'chamber')
    .toSorted((a, b) => (a.code < b.code ? -1 : 1))
  return { ...scheme, languages: [...scheme.languages], chamber: first?.name ?? null }
}

function typedOf(general: GeneralSettings, lang: string): Typed {
  const { name, chamber, sender, closingAdvice, timeZone, languages } = general
  const { referencePrefix, alertLifetimeHours, smsPriceMillicents } = general
  return {
    ...{ name, chamber: chamber ?? '', sender, closingAdvice, timeZone },
    languages: languages.includes('en') ? 'fr,en' : 'fr',
    ...{ referencePrefix, alertLifetimeHours },
    smsPriceMillicents: new Intl.NumberFormat(lang, { maximumFractionDigits: 3 }).format(
      smsPriceMillicents / MILLICENTS,
    ),
  }
}

/** Returns the request: unchanged values are absent, and numbers that cannot be read are sent as typed, for the server to report. */
function bodyOf(typed: Typed, changed: readonly string[]) {
  const { smsPriceMillicents: price, languages } = typed
  const cents = Number(price.trim().replace(',', '.') || Number.NaN)
  const sent = {
    ...typed,
    languages: (['fr', 'en'] as const).filter((one) => languages.includes(one)),
    smsPriceMillicents: Number.isNaN(cents) ? price : Math.round(cents * MILLICENTS),
  }
  return Object.fromEntries(Object.entries(sent).filter(([field]) => changed.includes(field)))
}
