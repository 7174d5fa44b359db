import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { FoundBusinesses, OwnEnrolmentView, PublicSchemeView } from '../../../src/enrolment/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import classes from '../Join.module.css'
import { searchRegister } from '../queries.ts'
import { CommuneField } from './CommuneField.tsx'
import { FoundList } from './FoundList.tsx'
import type { JoinStep } from './JoinPage.tsx'
import { TradeField } from './TradeField.tsx'

type Found = FoundBusinesses['businesses'][number]
/** The result of the search: businesses to choose from, or a note about the answer. */
type Outcome =
  | { readonly choose: readonly Found[] }
  | { readonly note: 'found' | 'outside' | 'byHand' | Exclude<FoundBusinesses['outcome'], 'found'> }

/** First step: the business, found in the register by its name or SIRET, or entered by hand. */
export function BusinessForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView | null
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
}) {
  const { t } = useText()
  const { scheme, own } = props
  const form = useForm({
    initialValues: {
      siret: own?.business.siret ?? '',
      name: own?.business.name ?? '',
      trade: own?.business.trade ?? onlyTrade(scheme),
      commune: own?.business.commune ?? null,
      address: own?.business.address ?? '',
    },
  })
  const { values } = form
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  const pick = ({ name, siret, address, commune, trade, outside }: Found) => {
    form.clearErrors()
    form.setValues({
      ...{ name, siret, address: address ?? '' },
      ...(commune !== null && { commune }),
      ...(trade !== null && { trade }),
    })
    setOutcome({ note: outside ? 'outside' : 'found' })
  }
  const search = useAction(() => searchRegister(scheme.id, values.name, values.commune?.code ?? ''), {
    fields: ['siret'],
    onSuccess: ({ outcome, businesses }) => {
      const [only] = businesses
      const isNumber = /^[\d\s.]+$/.test(values.name)
      if (isNumber && only !== undefined) return pick(only)
      // The name of a business that the register does not know is still to be typed.
      if (isNumber) form.setValues({ siret: values.name.trim(), name: '' })
      setOutcome(outcome === 'found' ? { choose: businesses } : { note: outcome })
    },
  })
  const save = useAction(
    () =>
      callApi('enterBusiness', {
        params: { scheme: scheme.id },
        body: { ...values, commune: values.commune?.code ?? '' },
      }),
    {
      form,
      onSuccess: ({ enrolment }) => props.onDone(enrolment, 'contact'),
    },
  )
  const start = () => {
    setOutcome(null)
    if (values.name.trim() !== '') search.mutate()
  }
  return (
    <StepForm step={save} next={t('join.next')}>
      <TextInput
        size="md"
        label={t('join.name')}
        description={t('join.name.how')}
        autoComplete="organization"
        maxLength={200}
        required
        {...form.getInputProps('name')}
        error={search.problemAt('siret') ?? form.errors.name}
        onChange={(event) => {
          form.setFieldValue('name', event.currentTarget.value)
          search.reset()
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || values.siret !== '') return
          event.preventDefault()
          start()
        }}
      />
      <CommuneField
        schemeId={scheme.id}
        value={values.commune}
        onPick={(commune) => form.setFieldValue('commune', commune)}
        error={save.problemAt('commune')}
      />
      <div>
        <Button
          size="md"
          variant="default"
          loading={search.isPending}
          disabled={values.name.trim() === ''}
          onClick={start}
        >
          {t('join.search')}
        </Button>
      </div>
      <Failure error={search.failure} />
      <div role="status">
        {outcome !== null &&
          ('note' in outcome ? (
            <p className={classes.note}>{t(`join.found.${outcome.note}`)}</p>
          ) : (
            <FoundList
              businesses={outcome.choose}
              onPick={pick}
              onNone={() => setOutcome({ note: 'byHand' })}
            />
          ))}
      </div>
      <TradeField
        scheme={scheme}
        value={values.trade}
        onPick={(trade) => form.setFieldValue('trade', trade)}
        error={form.errors.trade}
      />
      <TextInput
        size="md"
        label={t('join.address')}
        autoComplete="street-address"
        maxLength={200}
        {...form.getInputProps('address')}
      />
      <TextInput
        size="md"
        label={t('join.siret')}
        description={t('join.siret.how')}
        inputMode="numeric"
        autoComplete="off"
        maxLength={40}
        {...form.getInputProps('siret')}
      />
    </StepForm>
  )
}

function onlyTrade({ trades }: PublicSchemeView): string {
  return trades.length === 1 ? (trades[0]?.code ?? '') : ''
}
