import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { BusinessLookup, OwnEnrolmentView, PublicSchemeView } from '../../src/enrolment/contract.ts'
import { callApi } from '../api/client.ts'
import { useAction } from '../api/useAction.ts'
import { Failure } from '../ui/Notice.tsx'
import { StepForm } from '../ui/StepForm.tsx'
import { useText } from '../ui/text.ts'
import { CommuneField } from './CommuneField.tsx'
import classes from './Join.module.css'
import type { JoinStep } from './JoinPage.tsx'
import { lookUp } from './queries.ts'

/** First step: the business, filled in from its SIRET or by hand. */
export function BusinessForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView | null
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
}) {
  const { t, lang } = useText()
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

  const search = useAction(() => lookUp(scheme.id, form.values.siret), {
    form,
    onSuccess: ({ business, siret: read }) => {
      form.setFieldValue('siret', read)
      if (business === null) return
      const { name, address, commune, trade } = business
      form.setValues({
        ...{ name, address: address ?? '' },
        ...(commune !== null && { commune }),
        ...(trade !== null && { trade }),
      })
    },
  })
  const save = useAction(
    () =>
      callApi('enterBusiness', {
        params: { scheme: scheme.id },
        body: { ...form.values, commune: form.values.commune?.code ?? '' },
      }),
    {
      form,
      onSuccess: ({ enrolment }) => props.onDone(enrolment, 'contact'),
    },
  )
  return (
    <StepForm step={save} next={t('join.next')}>
      <div className={classes.siret}>
        <TextInput
          size="md"
          label={t('join.siret')}
          description={t('join.siret.how')}
          inputMode="numeric"
          autoComplete="off"
          maxLength={40}
          {...form.getInputProps('siret')}
          onChange={(event) => {
            form.setFieldValue('siret', event.currentTarget.value)
            search.reset()
          }}
        />
        <Button
          size="md"
          variant="default"
          loading={search.isPending}
          disabled={form.values.siret.trim() === ''}
          onClick={() => search.mutate()}
        >
          {t('join.siret.search')}
        </Button>
      </div>
      <div role="status">
        {search.data !== undefined && (
          <p className={classes.note}>{t(`join.found.${outcomeOf(search.data)}`)}</p>
        )}
      </div>
      <Failure error={search.failure} />
      <TextInput
        size="md"
        label={t('join.name')}
        autoComplete="organization"
        maxLength={200}
        required
        {...form.getInputProps('name')}
      />
      <NativeSelect
        size="md"
        label={t('join.trade')}
        required
        {...form.getInputProps('trade')}
        data={[
          { value: '', label: t('join.trade.choose') },
          ...scheme.trades.map((one) => ({
            value: one.code,
            label: lang === 'fr' ? one.nameFr : one.nameEn,
          })),
        ]}
      />
      <CommuneField
        schemeId={scheme.id}
        value={form.values.commune}
        onPick={(commune) => form.setFieldValue('commune', commune)}
        error={save.problemAt('commune')}
      />
      <TextInput
        size="md"
        label={t('join.address')}
        autoComplete="street-address"
        maxLength={200}
        {...form.getInputProps('address')}
      />
    </StepForm>
  )
}

function onlyTrade({ trades }: PublicSchemeView): string {
  return trades.length === 1 ? (trades[0]?.code ?? '') : ''
}

function outcomeOf({ outcome, business }: BusinessLookup) {
  return outcome === 'found' && business?.outside === true ? 'outside' : outcome
}
