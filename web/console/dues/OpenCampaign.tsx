import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import type { CampaignView, NewCampaign } from '../../../src/dues/contract.ts'
import type { DuesFees, SchemeView } from '../../../src/schemes/contract.ts'
import { callApi } from '../../api/client.ts'
import { today } from '../../api/clock.ts'
import { useAction } from '../../api/useAction.ts'
import { DateField } from '../../ui/DateField.tsx'
import { DialogButtons } from '../../ui/DialogButtons.tsx'
import { moneyOf } from '../../ui/format.ts'
import { parseEuros, writeEuros } from '../../ui/money.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import classes from './Dues.module.css'
import { duesSettingsQuery } from './queries.ts'

interface TradeFee {
  readonly key: number
  readonly trade: string
  readonly fee: string
}

const FIELDS = ['year', 'dueOn', 'feeCents']

interface OpenProps {
  readonly schemeId: string
  readonly trades: SchemeView['trades']
  readonly years: readonly number[]
  /** The current campaign, whose fees the next one starts with. */
  readonly last: CampaignView | null
  readonly onClose: () => void
  readonly onOpened: (year: number) => void
}

/** Opens a campaign; the first one starts with the fees of the scheme's file. */
export function OpenCampaign(props: OpenProps) {
  const settings = useQuery({ ...duesSettingsQuery(props.schemeId), enabled: props.last === null })
  if (props.last === null && settings.isPending) return null
  return <CampaignForm {...props} fees={props.last ?? settings.data?.fees ?? null} />
}

/** Sets the fee of a year, by trade if it differs, and previews the calls for payment before it is opened. */
function CampaignForm(props: OpenProps & { fees: DuesFees | null }) {
  const { t, lang } = useText()
  const { schemeId, trades, years, fees } = props
  const thisYear = Number(today().slice(0, 4))
  const free = [thisYear, thisYear + 1].filter((year) => !years.includes(year))
  const first = free[0] ?? thisYear
  const form = useForm({
    initialValues: {
      year: String(first),
      feeCents: writeEuros(lang, fees?.feeCents ?? 1000),
      tradeFees: Object.entries(fees?.tradeFees ?? {}).map(
        ([trade, cents], key): TradeFee => ({ key, trade, fee: writeEuros(lang, cents) }),
      ),
      proRata: fees?.proRata ?? false,
      dueOn: usualDueDay(first),
    },
    // The preview is no longer that of the form.
    onValuesChange: ({ year }, before) => {
      if (year !== before.year) form.setFieldValue('dueOn', usualDueDay(Number(year)))
      preview.reset()
      open.reset()
    },
  })
  const { year, tradeFees } = form.values

  const preview = useAction(
    (body: NewCampaign) => callApi('previewCampaign', { params: { scheme: schemeId }, body }),
    { form, fields: FIELDS },
  )
  const open = useAction(
    (body: NewCampaign) => callApi('openCampaign', { params: { scheme: schemeId }, body }),
    {
      form,
      fields: FIELDS,
      success: (opened) => t('dues.opened', { year: String(opened.year) }),
      refresh: [['dues', schemeId]],
      onRefreshed: (opened) => props.onOpened(opened.year),
    },
  )
  /** Returns the form as the server accepts it; undefined if an amount is not a number. */
  function read(): NewCampaign | undefined {
    const { feeCents, proRata, dueOn } = form.values
    const errors: Record<string, string> = {}
    const centsOf = (path: string, euros: string) => {
      const cents = parseEuros(euros)
      if (cents === undefined) errors[path] = t('dues.form.euros')
      return cents ?? 0
    }
    const campaign = {
      year: Number(year),
      feeCents: centsOf('feeCents', feeCents),
      tradeFees: Object.fromEntries(
        tradeFees.map(({ trade, fee }, i) => [trade, centsOf(`tradeFees.${i}.fee`, fee)]),
      ),
      proRata,
      dueOn,
    }
    form.setErrors(errors)
    return Object.keys(errors).length === 0 ? campaign : undefined
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    const body = read()
    if (body === undefined) return
    if (preview.data === undefined) preview.mutate(body)
    else open.mutate(body)
  }
  const { failure, problemAt } = preview.isError ? preview : open
  const notYet = trades.filter(({ code }) => !tradeFees.some(({ trade }) => trade === code))
  const nameOf = (code: string) => {
    const trade = trades.find((one) => one.code === code)
    return trade === undefined ? code : lang === 'fr' ? trade.nameFr : trade.nameEn
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      size={520}
      title={t('dues.open')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form className={classes.form} noValidate onSubmit={submit}>
        <div className={classes.pair}>
          <NativeSelect
            label={t('dues.year')}
            {...form.getInputProps('year')}
            data={[...new Set([...free, first])].map(String)}
          />
          <DateField kind="day" label={t('dues.form.dueOn')} {...form.getInputProps('dueOn')} />
        </div>
        <TextInput
          label={t('dues.form.fee')}
          description={t('dues.form.fee.what')}
          inputMode="decimal"
          rightSection={<span aria-hidden>€</span>}
          {...form.getInputProps('feeCents')}
        />
        {tradeFees.map(({ key, trade }, i) => (
          <div key={key} className={classes.pair}>
            <NativeSelect
              label={t('dues.form.trade')}
              {...form.getInputProps(`tradeFees.${i}.trade`)}
              error={problemAt(`tradeFees.${trade}`)}
              data={[
                { value: trade, label: nameOf(trade) },
                ...notYet.map(({ code }) => ({ value: code, label: nameOf(code) })),
              ]}
            />
            <TextInput
              label={t('dues.form.trade.fee', { trade: nameOf(trade) })}
              inputMode="decimal"
              rightSection={<span aria-hidden>€</span>}
              {...form.getInputProps(`tradeFees.${i}.fee`)}
            />
            <Button variant="subtle" onClick={() => form.removeListItem('tradeFees', i)}>
              {t('dues.form.trade.remove')}
            </Button>
          </div>
        ))}
        {notYet[0] !== undefined && (
          <Button
            variant="default"
            className={classes.left ?? ''}
            onClick={() => {
              const key = Math.max(-1, ...tradeFees.map((one) => one.key)) + 1
              form.insertListItem('tradeFees', { key, trade: notYet[0]?.code ?? '', fee: '0' })
            }}
          >
            {t('dues.form.trade.add')}
          </Button>
        )}
        <Checkbox
          label={t('dues.form.proRata')}
          description={t('dues.form.proRata.what')}
          {...form.getInputProps('proRata', { type: 'checkbox' })}
        />
        <Failure error={failure} />
        <p role="status" className={preview.data === undefined ? classes.about : classes.counted}>
          {preview.data === undefined
            ? t('dues.form.count.first')
            : t('dues.form.counted', {
                members: preview.data.members,
                called: moneyOf(lang, preview.data.calledCents),
                exempt: preview.data.exempt,
                proRata: preview.data.proRata,
              })}
        </p>
        <DialogButtons onBack={props.onClose} back={t('dues.cancel')}>
          <Button type="submit" loading={preview.isPending || open.isPending}>
            {preview.data === undefined ? t('dues.form.count') : t('dues.form.open', { year })}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}

/** Time to pay that a campaign offers at least, unless its year ends before. */
const DAYS_TO_PAY = 30

/** Returns the end of March, or a month from today, or the end of the year: the first that leaves time to pay. */
function usualDueDay(year: number): string {
  const soon = new Date(Date.parse(`${today()}T00:00:00Z`) + DAYS_TO_PAY * 86_400_000)
    .toISOString()
    .slice(0, 10)
  const usual = `${year}-03-31`
  if (usual >= soon) return usual
  return soon.startsWith(`${year}-`) ? soon : `${year}-12-31`
}
