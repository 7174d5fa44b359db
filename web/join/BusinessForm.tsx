import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
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

const FIELDS = ['siret', 'name', 'trade', 'commune', 'address']

/** First step: the business, filled in from its SIRET or by hand. */
export function BusinessForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView | null
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
}) {
  const { t, lang } = useText()
  const { scheme, own } = props
  const [siret, setSiret] = useState(own?.business.siret ?? '')
  const [name, setName] = useState(own?.business.name ?? '')
  const [trade, setTrade] = useState(own?.business.trade ?? onlyTrade(scheme))
  const [commune, setCommune] = useState(own?.business.commune ?? null)
  const [address, setAddress] = useState(own?.business.address ?? '')

  const search = useAction(() => lookUp(scheme.id, siret), {
    fields: FIELDS,
    onSuccess: ({ business, siret: read }) => {
      setSiret(read)
      if (business === null) return
      setName(business.name)
      setAddress(business.address ?? '')
      if (business.commune !== null) setCommune(business.commune)
      if (business.trade !== null) setTrade(business.trade)
    },
  })
  const save = useAction(
    () =>
      callApi('enterBusiness', {
        params: { scheme: scheme.id },
        body: { siret, name, trade, commune: commune?.code ?? '', address },
      }),
    {
      fields: FIELDS,
      onSuccess: ({ enrolment }) => props.onDone(enrolment, 'contact'),
    },
  )
  const at = save.problemAt
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
          value={siret}
          onChange={(event) => {
            setSiret(event.currentTarget.value)
            search.reset()
          }}
          error={at('siret') ?? search.problemAt('siret')}
        />
        <Button
          size="md"
          variant="default"
          loading={search.isPending}
          disabled={siret.trim() === ''}
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
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={at('name')}
      />
      <NativeSelect
        size="md"
        label={t('join.trade')}
        required
        value={trade}
        onChange={(event) => setTrade(event.currentTarget.value)}
        error={at('trade')}
        data={[
          { value: '', label: t('join.trade.choose') },
          ...scheme.trades.map((one) => ({
            value: one.code,
            label: lang === 'fr' ? one.nameFr : one.nameEn,
          })),
        ]}
      />
      <CommuneField schemeId={scheme.id} value={commune} onPick={setCommune} error={at('commune')} />
      <TextInput
        size="md"
        label={t('join.address')}
        autoComplete="street-address"
        maxLength={200}
        value={address}
        onChange={(event) => setAddress(event.currentTarget.value)}
        error={at('address')}
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
