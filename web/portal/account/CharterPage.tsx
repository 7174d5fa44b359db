import { Checkbox, Skeleton, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import type { OwnCharterView } from '../../../src/portal/shop/contract.ts'
import { callApi } from '../../api/client.ts'
import { ownCharterQuery, paramsOfShop, portalSessionQuery } from '../../api/portal.ts'
import { isRefusal } from '../../api/problems.ts'
import { useAction } from '../../api/useAction.ts'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { dayOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import { CharterText } from '../../ui/membership/CharterText.tsx'
import { Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import { useShop } from '../current.tsx'
import classes from '../Portal.module.css'

/** Shows the current charter, to be signed if it was not yet. */
export function CharterPage() {
  const { t } = useText()
  const { shop } = useShop()
  usePageTitle(t('portal.charter'))
  const charter = useQuery(ownCharterQuery(shop))
  return (
    <>
      <h1 className={classes.title}>{t('portal.charter')}</h1>
      {charter.isError && <Failure error={charter.error} retry={() => void charter.refetch()} />}
      {charter.isPending && <Skeleton height={320} radius="lg" />}
      {charter.data !== undefined && (
        <Signing key={`${shop.member.id} ${charter.data.version}`} charter={charter.data} />
      )}
    </>
  )
}

function Signing(props: { charter: OwnCharterView }) {
  const { t, lang } = useText()
  const { shop, may } = useShop()
  const { version, text, sha256, signed } = props.charter
  const form = useForm({ initialValues: { accepted: false, name: shop.contact.person } })
  const key = ownCharterQuery(shop).queryKey
  const sign = useAction(
    () => callApi('signOwnCharter', { params: paramsOfShop(shop), body: { version, ...form.values } }),
    {
      form,
      session: 'portal',
      stores: key,
      success: t('portal.charter.done', { version }),
      refresh: [portalSessionQuery.queryKey],
      onError: (error) => {
        // Another version was published meanwhile: it must be read first.
        if (isRefusal(error, 'charter_changed')) form.setFieldValue('accepted', false)
      },
      refreshAfterFailure: (error) => (isRefusal(error, 'charter_changed') ? [key] : []),
    },
  )
  const isSigned = signed?.version === version
  return (
    <section className={classes.card} aria-labelledby="charte-texte">
      <h2 id="charte-texte">{t('portal.charter.version', { version })}</h2>
      <p className={classes.hint}>
        {signed === null
          ? t('portal.charter.unsigned', { version })
          : t('portal.charter.signed', {
              version: signed.version,
              name: signed.name,
              day: dayOf(lang, signed.at),
              current: String(isSigned),
              inForce: version,
            })}
      </p>
      <CharterText text={text} label={t('join.charter')} />
      <p className={classes.hash}>SHA-256 {sha256}</p>
      {!isSigned && may('own.change') && (
        <StepForm step={sign} next={t('portal.charter.sign')}>
          <Checkbox
            size="md"
            label={t('join.charter.accept')}
            {...form.getInputProps('accepted', { type: 'checkbox' })}
          />
          <TextInput
            size="md"
            label={t('join.charter.name')}
            description={t('portal.charter.proof')}
            autoComplete="name"
            maxLength={200}
            required
            {...form.getInputProps('name')}
          />
        </StepForm>
      )}
    </section>
  )
}
