import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { FormEvent } from 'react'
import { callApi } from '../../../../api/client.ts'
import { useAction } from '../../../../api/useAction.ts'
import { useText } from '../../../../ui/format/text.ts'
import { Failure } from '../../../../ui/Notice.tsx'
import classes from './Trace.module.css'

/** Lets a chief find, with a reason, the recipient whose copy has a mark, and says what that does not prove. */
export function Trace(props: { schemeId: string; alertId: string; className?: string | undefined }) {
  const { t } = useText()
  const form = useForm({ initialValues: { mark: '', reason: '' } })
  const ask = useAction(
    () => callApi('traceMark', { params: { scheme: props.schemeId, id: props.alertId }, body: form.values }),
    { form },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!ask.isPending) ask.mutate()
  }
  const names = new Map(ask.data?.matches.map((one) => [`${one.name}${one.phone}`, one]))
  return (
    <section className={props.className} aria-labelledby="trace">
      <h2 id="trace">{t('trace.title')}</h2>
      <p className={classes.mute}>{t('trace.lead')}</p>
      <form className={classes.form} noValidate onSubmit={submit}>
        <TextInput
          label={t('trace.mark')}
          description={t('trace.mark.how')}
          maxLength={60}
          autoComplete="off"
          required
          {...form.getInputProps('mark')}
          onChange={(event) => {
            form.setFieldValue('mark', event.currentTarget.value)
            ask.reset()
          }}
        />
        <TextInput
          label={t('trace.reason')}
          description={t('trace.reason.how')}
          maxLength={500}
          required
          {...form.getInputProps('reason')}
        />
        <Button type="submit" variant="default" loading={ask.isPending}>
          {t('trace.ask')}
        </Button>
      </form>
      <Failure error={ask.failure} />
      <div role="status">
        {ask.data !== undefined && (
          <div className={classes.answer}>
            {names.size > 0 ? (
              <>
                <p>{t('trace.found', { mark: ask.data.mark })}</p>
                <ul>
                  {[...names.values()].map((one) => (
                    <li key={one.phone}>
                      <b>{one.name}</b> {[one.commune, one.phone].join(' · ')}
                    </li>
                  ))}
                </ul>
                <p className={classes.mute}>{t('trace.caution')}</p>
              </>
            ) : (
              <p>{ask.data.forgotten ? t('trace.forgotten') : t('trace.none', { mark: ask.data.mark })}</p>
            )}
          </div>
        )}
      </div>
    </section>
  )
}
