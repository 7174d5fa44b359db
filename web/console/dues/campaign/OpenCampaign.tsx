import { Button, Modal, NativeSelect, Skeleton } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { NewCampaign } from '../../../../src/dues/contract.ts'
import { DAY_MS } from '../../../../src/message/clock.ts'
import type { DuesFees, SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { today } from '../../../api/clock.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import classes from '../Dues.module.css'
import { duesSettingsQuery } from '../queries.ts'
import { draftOfFees, FeeFields, readFees } from './FeeFields.tsx'

const FIELDS = ['year', 'dueOn', 'feeCents']
/** The fee that the form of a first campaign starts with where the settings have none. */
const USUAL_FEES: DuesFees = { feeCents: 1000, tradeFees: {}, proRata: false }

interface OpenProps {
  readonly schemeId: string
  readonly trades: SchemeView['trades']
  readonly years: readonly number[]
  readonly onClose: () => void
  readonly onOpened: (year: number) => void
}

/** Opens a campaign; its form starts with the fees of the settings. */
export function OpenCampaign(props: OpenProps) {
  const { t } = useText()
  const settings = useQuery({ ...duesSettingsQuery(props.schemeId), refetchOnMount: 'always' })
  // Read once: a later change of the settings does not replace what is typed.
  const [fees, setFees] = useState<DuesFees | null>(null)
  if (fees === null && settings.isSuccess && settings.isFetchedAfterMount)
    setFees(settings.data.fees ?? USUAL_FEES)
  return (
    <Modal
      opened
      onClose={props.onClose}
      size={520}
      title={t('dues.open')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {fees !== null ? (
        <CampaignForm {...props} fees={fees} />
      ) : settings.isError ? (
        <Failure error={settings.error} retry={() => void settings.refetch()} />
      ) : (
        <Skeleton height={260} />
      )}
    </Modal>
  )
}

/** Sets the fee of a year, by trade if it differs, and previews the calls for payment before it is opened. */
function CampaignForm(props: OpenProps & { fees: DuesFees }) {
  const { t, lang } = useText()
  const { schemeId, trades, years, fees } = props
  const thisYear = Number(today().slice(0, 4))
  const free = [thisYear, thisYear + 1].filter((year) => !years.includes(year))
  const first = free[0] ?? thisYear
  const form = useForm({
    initialValues: {
      year: String(first),
      fees: draftOfFees(lang, fees),
      dueOn: usualDueDay(first),
    },
    // The preview is no longer that of the form.
    onValuesChange: ({ year }, before) => {
      if (year !== before.year) form.setFieldValue('dueOn', usualDueDay(Number(year)))
      preview.reset()
      open.reset()
    },
  })
  const { year } = form.values

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
      refresh: [['dues', schemeId], duesSettingsQuery(schemeId).queryKey],
      onRefreshed: (opened) => props.onOpened(opened.year),
    },
  )
  /** Returns the form as the server accepts it; undefined if an amount is not a number. */
  function read(): NewCampaign | undefined {
    const { fees, wrong } = readFees(form.values.fees)
    form.setErrors(Object.fromEntries(wrong.map((path) => [path, t('dues.form.euros')])))
    return wrong.length === 0 ? { ...fees, year: Number(year), dueOn: form.values.dueOn } : undefined
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    const body = read()
    if (body === undefined) return
    if (preview.data === undefined) preview.mutate(body)
    else open.mutate(body)
  }
  const { failure, problemAt } = preview.isError ? preview : open
  return (
    <form className={classes.form} noValidate onSubmit={submit}>
      <div className={classes.pair}>
        <NativeSelect
          label={t('dues.year')}
          {...form.getInputProps('year')}
          data={[...new Set([...free, first])].map(String)}
        />
        <DateField kind="day" label={t('dues.form.dueOn')} {...form.getInputProps('dueOn')} />
      </div>
      <FeeFields
        value={form.values.fees}
        trades={trades}
        errorAt={(path) => form.errors[path] ?? problemAt(path)}
        onChange={(value) => form.setFieldValue('fees', value)}
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
  )
}

/** Time to pay that a campaign offers at least, unless its year ends before. */
const DAYS_TO_PAY = 30

/** Returns the end of March, or a month from today, or the end of the year: the first that leaves time to pay. */
function usualDueDay(year: number): string {
  const soon = new Date(Date.parse(`${today()}T00:00:00Z`) + DAYS_TO_PAY * DAY_MS).toISOString().slice(0, 10)
  const usual = `${year}-03-31`
  if (usual >= soon) return usual
  return soon.startsWith(`${year}-`) ? soon : `${year}-12-31`
}
