import { NumberInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { inEuros } from '../../../../src/message/money.ts'
import type { EnrolmentSettings } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { enrolmentSettingsQuery } from '../../enrolments/queries.ts'
import classes from '../Settings.module.css'

const FIELDS = ['joinCents', 'signInCents'] as const
const MIN_EUROS = 1
const MAX_EUROS = 1000

type Budgets = EnrolmentSettings['codeBudgets']

/** Sets what SMS with codes may cost the scheme in a day. */
export function CodeBudgets(props: { schemeId: string }) {
  const { t } = useText()
  const query = enrolmentSettingsQuery(props.schemeId)
  const settings = useQuery(query)
  const known = settings.data?.codeBudgets
  const save = useAction(
    (codeBudgets: Budgets) =>
      callApi('setEnrolmentSettings', { params: { scheme: props.schemeId }, body: { codeBudgets } }),
    { stores: query.queryKey, success: t('settings.codes.saved') },
  )
  return (
    <section className={classes.card} aria-labelledby="codes">
      <h3 id="codes" className={classes.cardTitle}>
        {t('settings.codes')}
      </h3>
      <p className={classes.mute}>{t('settings.codes.what')}</p>
      {settings.isError && <Failure error={settings.error} retry={() => void settings.refetch()} />}
      {known !== undefined &&
        FIELDS.map((field) => (
          <Euros
            key={field}
            label={t(`settings.codes.${field}`)}
            cents={known[field]}
            disabled={save.isPending}
            onSave={(cents) => save.mutate({ ...known, [field]: cents })}
          />
        ))}
      <Failure error={save.failure} />
    </section>
  )
}

function Euros(props: { label: string; cents: number; disabled: boolean; onSave: (cents: number) => void }) {
  const [euros, setEuros] = useState<number | string>(inEuros(props.cents))
  useEffect(() => setEuros(inEuros(props.cents)), [props.cents])
  return (
    <NumberInput
      label={props.label}
      suffix={'\u00a0€'}
      min={MIN_EUROS}
      max={MAX_EUROS}
      allowDecimal={false}
      hideControls
      maw={220}
      disabled={props.disabled}
      value={euros}
      onChange={setEuros}
      onBlur={() => {
        const count = Number(euros)
        if (count < MIN_EUROS || count > MAX_EUROS) setEuros(inEuros(props.cents))
        else if (count * 100 !== props.cents) props.onSave(count * 100)
      }}
    />
  )
}
