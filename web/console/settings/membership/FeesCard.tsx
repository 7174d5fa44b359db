import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import type { DuesFees, DuesSettings } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { draftOfFees, FeeFields, type FeesDraft, readFees } from '../../dues/campaign/FeeFields.tsx'
import { duesSettingsQuery } from '../../dues/queries.ts'
import { SettingActions } from '../SettingActions.tsx'
import classes from '../Settings.module.css'

const NO_FEES: DuesFees = { feeCents: 0, tradeFees: {}, proRata: false }

/** Sets the fees that the form of the next campaign starts with. */
export function FeesCard(props: {
  schemeId: string
  known: DuesSettings
  onDirty: (isDirty: boolean) => void
}) {
  const { t, lang } = useText()
  const { schemeId, known, onDirty } = props
  const trades = useQuery(schemeQuery(schemeId)).data?.trades ?? []
  const inForce =
    known.fees === null ? { ...draftOfFees(lang, NO_FEES), feeCents: '' } : draftOfFees(lang, known.fees)
  // The fees in force as the form was filled with them: what differs is what the user changed.
  const [base, setBase] = useState(inForce)
  const form = useForm({ initialValues: { draft: inForce } })
  const { draft } = form.values
  useEffect(() => {
    if (isSameDraft(base, inForce)) return
    form.setValues({ draft: keepTypedFees(inForce, base, draft) })
    setBase(inForce)
  })
  const isDirty = !isSameDraft(draft, base)
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const save = useAction(
    (fees: DuesFees) => callApi('setDuesSettings', { params: { scheme: schemeId }, body: { fees } }),
    {
      form,
      fields: [],
      refresh: [duesSettingsQuery(schemeId).queryKey],
      success: t('dues.settings.fees.saved'),
      onRefreshed: ({ fees }) => form.setValues({ draft: draftOfFees(lang, fees ?? NO_FEES) }),
    },
  )
  return (
    <form
      className={classes.card}
      noValidate
      aria-labelledby="montants"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (save.isPending) return
        const { fees, wrong } = readFees(draft)
        form.setErrors(Object.fromEntries(wrong.map((path) => [path, t('dues.form.euros')])))
        if (wrong.length === 0) save.mutate(fees)
      }}
    >
      <h3 id="montants" className={classes.cardTitle}>
        {t('dues.settings.fees')}
      </h3>
      <p className={classes.mute}>{t('dues.settings.fees.what')}</p>
      <div className={classes.fees}>
        <FeeFields
          value={draft}
          trades={trades}
          errorAt={(path) => form.errors[path] ?? save.problemAt(`fees.${path}`)}
          onChange={(value) => form.setFieldValue('draft', value)}
        />
      </div>
      <SettingActions save={save} isDirty={isDirty} onDiscard={() => form.setValues({ draft: base })} />
    </form>
  )
}

/** Compares drafts without the keys of their rows, which are of the form alone. */
const isSameDraft = (a: FeesDraft, b: FeesDraft) =>
  a.feeCents === b.feeCents && a.proRata === b.proRata && hasSameTrades(a, b)

const hasSameTrades = (a: FeesDraft, b: FeesDraft) => tradesOf(a) === tradesOf(b)
const tradesOf = ({ tradeFees }: FeesDraft) => JSON.stringify(tradeFees.map(({ trade, fee }) => [trade, fee]))

/** Returns the fees in force with what the user changed of them since the form was filled. */
function keepTypedFees(inForce: FeesDraft, base: FeesDraft, typed: FeesDraft): FeesDraft {
  return {
    feeCents: typed.feeCents === base.feeCents ? inForce.feeCents : typed.feeCents,
    proRata: typed.proRata === base.proRata ? inForce.proRata : typed.proRata,
    tradeFees: hasSameTrades(typed, base) ? inForce.tradeFees : typed.tradeFees,
  }
}
