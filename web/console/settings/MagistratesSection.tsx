import { Button, Skeleton, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import IconGavel from '@tabler/icons-react/icons/IconGavel'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type {
  MagistrateList,
  MagistrateView,
  NewMagistrate,
} from '../../../src/alerts/magistrates/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { callApi } from '../../api/client.ts'
import { magistratesQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { readablePhone } from '../../ui/format.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { prosecutorOf } from '../room/doctrine/doctrine.ts'
import classes from './Settings.module.css'

/** Lists the magistrates whose authorisation may be recorded: accounts, and named contacts that are managed here. */
export function MagistratesSection(props: { scheme: SchemeView }) {
  const { t } = useText()
  const { scheme } = props
  const client = useQueryClient()
  const list = useQuery(magistratesQuery(scheme.id))
  const [edited, setEdited] = useState<string | null>(null)
  const keep = (answer: MagistrateList) => {
    client.setQueryData(magistratesQuery(scheme.id).queryKey, answer)
    setEdited(null)
  }
  const remove = useAction(
    ({ id }: MagistrateView) => callApi('removeMagistrate', { params: { scheme: scheme.id, id } }),
    {
      success: (_, { name }) => t('settings.magistrates.removed', { name }),
      onSuccess: keep,
      // Another user removed it already.
      onError: () => void list.refetch(),
    },
  )
  const magistrates = list.data?.magistrates ?? []
  return (
    <>
      <section className={classes.card} aria-labelledby="liste-magistrats">
        <h3 id="liste-magistrats" className={classes.cardTitle}>
          {t('settings.magistrates.list')}
        </h3>
        {list.isPending && <Skeleton height={96} />}
        {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && magistrates.length === 0 && (
          <Empty
            icon={<IconGavel size={36} stroke={1.4} aria-hidden />}
            title={t('settings.magistrates.none')}
          >
            <p>{t('settings.magistrates.none.hint')}</p>
          </Empty>
        )}
        {magistrates.length > 0 && (
          <ul className={classes.observers}>
            {magistrates.map((one) => (
              <li key={one.id}>
                {edited === one.id ? (
                  <MagistrateForm
                    initial={one}
                    submit={t('settings.magistrates.save')}
                    send={(body) =>
                      callApi('changeMagistrate', { params: { scheme: scheme.id, id: one.id }, body })
                    }
                    onDone={keep}
                    onCancel={() => setEdited(null)}
                  />
                ) : (
                  <>
                    <div>
                      <b>{one.name}</b>
                      <span>
                        {[
                          one.service,
                          one.phone && readablePhone(one.phone),
                          one.mail,
                          one.kind === 'account' && t('settings.magistrates.account'),
                        ]
                          .filter(Boolean)
                          .join(' · ')}
                      </span>
                    </div>
                    {one.kind === 'contact' && (
                      <div className={classes.rowActions}>
                        <Button
                          variant="default"
                          aria-label={t('settings.magistrates.edit.label', { name: one.name })}
                          onClick={() => setEdited(one.id)}
                        >
                          {t('settings.magistrates.edit')}
                        </Button>
                        <Button
                          variant="default"
                          aria-label={t('settings.magistrates.remove.label', { name: one.name })}
                          loading={remove.isPending && remove.variables?.id === one.id}
                          onClick={() => remove.mutate(one)}
                        >
                          {t('settings.magistrates.remove')}
                        </Button>
                      </div>
                    )}
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
        <Failure error={remove.failure} />
      </section>
      <section className={classes.card} aria-labelledby="ajouter-magistrat">
        <h3 id="ajouter-magistrat" className={classes.cardTitle}>
          {t('settings.magistrates.add')}
        </h3>
        <MagistrateForm
          initial={{ name: '', service: prosecutorOf(scheme), mail: '', phone: '' }}
          submit={t('settings.magistrates.add.do')}
          success={(name) => t('settings.magistrates.added', { name })}
          send={(body) => callApi('addMagistrate', { params: { scheme: scheme.id }, body })}
          onDone={keep}
        />
      </section>
    </>
  )
}

function MagistrateForm(props: {
  initial: Pick<MagistrateView, 'name' | 'service' | 'mail' | 'phone'>
  submit: string
  success?: (name: string) => string
  send: (magistrate: NewMagistrate) => Promise<MagistrateList>
  onDone: (list: MagistrateList) => void
  onCancel?: () => void
}) {
  const { t } = useText()
  const { initial } = props
  const form = useForm({
    initialValues: {
      name: initial.name,
      service: initial.service,
      mail: initial.mail ?? '',
      phone: initial.phone ?? '',
    },
  })
  const { success } = props
  const save = useAction(props.send, {
    form,
    ...(success && { success: (_: MagistrateList, { name }: NewMagistrate) => success(name) }),
    onSuccess: (answer) => {
      props.onDone(answer)
      form.reset()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate(form.values)
  }
  return (
    <form noValidate onSubmit={submit} className={classes.magistrate}>
      <div className={classes.addFields}>
        <TextInput
          label={t('settings.magistrates.name')}
          required
          maxLength={120}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('settings.magistrates.service')}
          required
          maxLength={120}
          autoComplete="off"
          {...form.getInputProps('service')}
        />
        <TextInput
          label={t('settings.magistrates.phone')}
          description={t('settings.magistrates.phone.what')}
          type="tel"
          maxLength={30}
          autoComplete="off"
          {...form.getInputProps('phone')}
        />
        <TextInput
          label={t('settings.magistrates.mail')}
          type="email"
          maxLength={200}
          autoComplete="off"
          {...form.getInputProps('mail')}
        />
      </div>
      <Failure error={save.failure} />
      <div className={classes.rowActions}>
        <Button type="submit" loading={save.isPending}>
          {props.submit}
        </Button>
        {props.onCancel !== undefined && (
          <Button variant="default" onClick={props.onCancel}>
            {t('settings.magistrates.cancel')}
          </Button>
        )}
      </div>
    </form>
  )
}
