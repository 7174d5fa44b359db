import { NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { OwnShopView } from '../../../src/portal/shop/contract.ts'
import { callApi } from '../../api/client.ts'
import { ownShopQuery, paramsOfShop, portalSessionQuery } from '../../api/portal.ts'
import { isRefusal } from '../../api/problems.ts'
import { useAction } from '../../api/useAction.ts'
import { CommuneField } from '../../join/enrol/CommuneField.tsx'
import { publicSchemeQuery } from '../../join/queries.ts'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { nameIn } from '../../ui/format/trade.ts'
import { useShop } from '../current.tsx'
import { changedValues, startOf, valuesOfCommune } from './business.ts'

/** Corrects the stored data of the shop: the address at once, all else once the chamber accepts it. */
export function BusinessForm(props: { own: OwnShopView; onClose: () => void }) {
  const { t, lang } = useText()
  const { shop } = useShop()
  const { chamber } = props.own
  const client = useQueryClient()
  // Read again meanwhile, the data stay those that the user sees in the form.
  const [business, setBusiness] = useState(props.own.business)
  const start = startOf(business)
  const form = useForm({ initialValues: start })
  const { values } = form
  const trades = useQuery(publicSchemeQuery(shop.scheme.id)).data?.trades ?? [business.trade]
  const isMoving = values.commune !== null && values.commune.code !== business.commune.code
  const save = useAction(
    () =>
      callApi('correctBusiness', {
        params: paramsOfShop(shop),
        body: changedValues(business, start, values),
      }),
    {
      form,
      session: 'portal',
      stores: ownShopQuery(shop).queryKey,
      success: ({ business: { correction } }) =>
        t(correction?.state === 'waiting' ? 'portal.data.asked' : 'portal.data.saved'),
      refresh: [portalSessionQuery.queryKey],
      onSuccess: props.onClose,
      onError: async (error) => {
        if (!isRefusal(error, 'address_changed')) return
        const reading = client.fetchQuery({ ...ownShopQuery(shop), staleTime: 0 })
        // Without a network, the next attempt is refused again.
        const now = await reading.catch(() => undefined)
        if (now === undefined) return
        setBusiness(now.business)
        const { address, postalCode, commune } = startOf(now.business)
        form.setValues({ address, postalCode, commune })
      },
    },
  )
  const { postalCodes } = business.commune
  return (
    <StepForm step={save} next={t('portal.save')} back={{ label: t('portal.cancel'), go: props.onClose }}>
      <TextInput size="md" label={t('join.address')} maxLength={200} {...form.getInputProps('address')} />
      {isMoving ? (
        <TextInput
          size="md"
          label={t('portal.data.postalCode')}
          inputMode="numeric"
          autoComplete="postal-code"
          maxLength={10}
          {...form.getInputProps('postalCode')}
        />
      ) : (
        postalCodes.length > 1 && (
          <NativeSelect
            size="md"
            label={t('portal.data.postalCode')}
            description={t('portal.data.postalCode.what', { commune: business.commune.name })}
            required
            data={[
              { value: '', label: t('portal.data.postalCode.choose'), disabled: true },
              ...new Set([...(business.postalCode === null ? [] : [business.postalCode]), ...postalCodes]),
            ]}
            {...form.getInputProps('postalCode')}
          />
        )
      )}
      <p>{t('portal.data.accepted', { chamber })}</p>
      <TextInput
        size="md"
        label={t('join.name')}
        description={t('portal.data.name.what')}
        maxLength={200}
        required
        {...form.getInputProps('name')}
      />
      <CommuneField
        schemeId={shop.scheme.id}
        value={values.commune}
        onPick={(commune) => form.setValues(valuesOfCommune(business, values, commune))}
        error={form.errors.commune as string | undefined}
      />
      <NativeSelect
        size="md"
        label={t('join.trade')}
        data={[
          ...(trades.some(({ code }) => code === business.trade.code) ? [] : [business.trade]),
          ...trades,
        ].map((trade) => ({ value: trade.code, label: nameIn(lang, trade) }))}
        {...form.getInputProps('trade')}
      />
      <TextInput
        size="md"
        label="SIRET"
        inputMode="numeric"
        maxLength={40}
        {...form.getInputProps('siret')}
      />
    </StepForm>
  )
}
