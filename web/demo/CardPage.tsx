import { Button, Skeleton, TextInput } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { FormEvent } from 'react'
import { callApi } from '../api/client.ts'
import { useAction } from '../api/useAction.ts'
import { Frame } from '../start/Frame.tsx'
import { moneyOf } from '../ui/format/format.ts'
import { useText } from '../ui/format/text.ts'
import { Failure } from '../ui/Notice.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import classes from '../verify/Verify.module.css'

const orderQuery = (order: string) =>
  queryOptions({
    queryKey: ['demo-card', order],
    queryFn: ({ signal }) => callApi('getDemoCardOrder', { params: { order }, signal }),
    retry: false,
  })

/** The page on which a provider takes a card, as the demo imitates it: no card is asked for, and no money moves. */
export function CardPage() {
  const { t, lang } = useText()
  usePageTitle(t('demoCard.title'))
  const { order } = useParams({ from: '/demo/carte/$order' })
  const read = useQuery(orderQuery(order))
  const pay = useAction(() => callApi('payDemoCardOrder', { params: { order } }), {
    onSuccess: ({ url }) => window.location.assign(url),
  })
  const data = read.data
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!pay.isPending) pay.mutate()
  }
  return (
    <Frame demo>
      <div className={classes.page}>
        <div>
          <h1>{t('demoCard.title')}</h1>
          <p className={classes.lead}>{t('demoCard.lead')}</p>
        </div>
        {read.isPending && <Skeleton height={200} />}
        {read.isError && <Failure error={read.error} />}
        {data !== undefined && (
          <form className={classes.form} noValidate onSubmit={submit}>
            <p>
              {data.label} · {data.reference}
            </p>
            <p>
              <b>{moneyOf(lang, data.amountCents)}</b>
            </p>
            <TextInput
              size="md"
              label={t('demoCard.number')}
              description={t('demoCard.number.what')}
              value="4242 4242 4242 4242"
              readOnly
            />
            {data.paid && <p role="status">{t('demoCard.paid')}</p>}
            <Failure error={pay.failure} />
            <Button type="submit" size="md" loading={pay.isPending || pay.isSuccess}>
              {t('demoCard.pay', { amount: moneyOf(lang, data.amountCents) })}
            </Button>
            <Button component="a" href={data.backUrl} variant="default" size="md">
              {t('demoCard.back')}
            </Button>
          </form>
        )}
      </div>
    </Frame>
  )
}
