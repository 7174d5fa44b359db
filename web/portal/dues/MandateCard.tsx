import { Button, Checkbox, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { SignMandate } from '../../../src/dues/collect/debit-contract.ts'
import type { OwnDues } from '../../../src/dues/contract.ts'
import { callApi } from '../../api/client.ts'
import { ownDuesQuery, paramsOfShop } from '../../api/portal.ts'
import { useAction } from '../../api/useAction.ts'
import { DialogButtons } from '../../ui/dialog/DialogButtons.tsx'
import { dayOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useShop } from '../current.tsx'
import classes from '../Portal.module.css'

const BLANK: SignMandate = { iban: '', holder: '', name: '', accepted: false }

/** Shows the direct debit mandate, or lets one be signed. */
export function MandateCard(props: { debit: NonNullable<OwnDues['ways']['debit']> }) {
  const { t, lang } = useText()
  const { shop, may } = useShop()
  const client = useQueryClient()
  const [isSigning, setSigning] = useState(false)
  const [isRevoking, setRevoking] = useState(false)
  const form = useForm({ initialValues: BLANK })
  const { mandate, text } = props.debit
  const take = (dues: OwnDues) => {
    client.setQueryData(ownDuesQuery(shop).queryKey, dues)
    setSigning(false)
    setRevoking(false)
    form.reset()
  }
  const sign = useAction(
    (body: SignMandate) => callApi('signMandate', { params: paramsOfShop(shop), body }),
    {
      form,
      session: 'portal',
      success: t('portal.mandate.signed'),
      onSuccess: (dues) => take(dues),
    },
  )
  const revoke = useAction(() => callApi('revokeOwnMandate', { params: paramsOfShop(shop) }), {
    session: 'portal',
    success: t('portal.mandate.revoked'),
    onSuccess: (dues) => take(dues),
  })
  const field = (name: 'iban' | 'holder' | 'name') => ({
    label: t(`portal.mandate.${name}`),
    size: 'md' as const,
    required: true,
    ...form.getInputProps(name),
  })
  return (
    <section className={classes.card} aria-labelledby="prelevement">
      <h2 id="prelevement">{t('portal.mandate')}</h2>
      {mandate !== null && (
        <p>
          {t('portal.mandate.stands', {
            reference: mandate.reference,
            end: mandate.ibanEnd,
            holder: mandate.holder,
            day: dayOf(lang, mandate.signedAt),
          })}
        </p>
      )}
      {mandate === null && !isSigning && <p className={classes.hint}>{t('portal.mandate.why')}</p>}
      {may('own.pay') && !isSigning && !isRevoking && (
        <div className={classes.actions}>
          <Button variant={mandate === null ? 'filled' : 'default'} onClick={() => setSigning(true)}>
            {t(mandate === null ? 'portal.mandate.new' : 'portal.mandate.change')}
          </Button>
          {mandate !== null && (
            <Button variant="subtle" onClick={() => setRevoking(true)}>
              {t('portal.mandate.revoke')}
            </Button>
          )}
        </div>
      )}
      {isRevoking && (
        <>
          <p>{t('portal.mandate.revoke.what')}</p>
          <Failure error={revoke.failure} />
          <DialogButtons
            onBack={() => setRevoking(false)}
            back={t('dues.cancel')}
            disabled={revoke.isPending}
          >
            <Button color="red" loading={revoke.isPending} onClick={() => revoke.mutate()}>
              {t('portal.mandate.revoke.do')}
            </Button>
          </DialogButtons>
        </>
      )}
      {isSigning && (
        <form
          className={classes.signing}
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (!sign.isPending) sign.mutate(form.values)
          }}
        >
          <div className={classes.terms} lang="fr">
            {text.split(/\n+/).map((paragraph) => (
              <p key={paragraph}>{paragraph}</p>
            ))}
          </div>
          <TextInput {...field('iban')} autoComplete="off" autoFocus maxLength={60} />
          <TextInput {...field('holder')} description={t('portal.mandate.holder.what')} maxLength={70} />
          <TextInput
            {...field('name')}
            description={t('portal.mandate.name.what')}
            autoComplete="name"
            maxLength={100}
          />
          <Checkbox
            size="md"
            label={t('portal.mandate.accept')}
            {...form.getInputProps('accepted', { type: 'checkbox' })}
          />
          <Failure error={sign.failure} />
          <DialogButtons onBack={() => setSigning(false)} back={t('dues.cancel')} disabled={sign.isPending}>
            <Button type="submit" loading={sign.isPending}>
              {t('portal.mandate.sign')}
            </Button>
          </DialogButtons>
        </form>
      )}
    </section>
  )
}
