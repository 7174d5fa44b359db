import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import IconBuildingBank from '@tabler/icons-react/icons/IconBuildingBank'
import IconTrash from '@tabler/icons-react/icons/IconTrash'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { NewObserver, ObserverView } from '../../../../src/alerts/observers/contract.ts'
import { readablePhone } from '../../../../src/message/phone.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { type ObserverList, observersQuery } from '../queries.ts'
import classes from '../Settings.module.css'

const BLANK = { name: '', phone: '', agency: '', reason: '' }

/** Lists the services of the State that get a copy of every message. */
export function ObserversSection(props: { scheme: SchemeView }) {
  const { t } = useText()
  const { scheme } = props
  const client = useQueryClient()
  const list = useQuery(observersQuery(scheme.id))
  /** The observer whose removal is to be confirmed: adding it again needs a second person. */
  const [asked, setAsked] = useState<ObserverView | null>(null)
  const keep = (answer: ObserverList) => {
    client.setQueryData(observersQuery(scheme.id).queryKey, answer)
    void client.invalidateQueries({ queryKey: ['audience', scheme.id] })
  }
  // Another one may be asked about by then.
  const forget = ({ id }: ObserverView) => setAsked((now) => (now?.id === id ? null : now))
  const remove = useAction(
    (observer: ObserverView) => callApi('removeObserver', { params: { scheme: scheme.id, id: observer.id } }),
    {
      success: (_, { name }) => t('settings.observers.removed', { name }),
      onSuccess: (answer, observer) => {
        keep(answer)
        forget(observer)
      },
      // Another user removed it already.
      onError: (_, observer) => {
        forget(observer)
        void list.refetch()
      },
    },
  )
  const observers = list.data?.observers ?? []
  return (
    <>
      <section className={classes.card} aria-labelledby="en-copie">
        <h3 id="en-copie" className={classes.cardTitle}>
          {t('settings.observers.list')}
        </h3>
        {list.isPending && <Skeleton height={96} />}
        {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && observers.length === 0 && (
          <Empty
            icon={<IconBuildingBank size={36} stroke={1.4} aria-hidden />}
            title={t('settings.observers.none')}
          >
            <p>{t('settings.observers.none.hint')}</p>
          </Empty>
        )}
        {observers.length > 0 && (
          <ul className={classes.observers}>
            {observers.map((observer) => (
              <li key={observer.id}>
                <div>
                  <b>{observer.name}</b>
                  <span>
                    {[readablePhone(observer.phone), agencyName(scheme, observer.agency)]
                      .filter((part) => part !== null && part !== observer.name)
                      .join(' · ')}
                  </span>
                </div>
                {asked?.id === observer.id ? (
                  <fieldset className={classes.removing} aria-label={observer.name}>
                    <p>{t('settings.observers.remove.ask', { name: observer.name })}</p>
                    <Button
                      color="red"
                      // The button that was pressed has disappeared.
                      autoFocus
                      loading={remove.isPending && remove.variables?.id === observer.id}
                      onClick={() => remove.mutate(observer)}
                    >
                      {t('settings.observers.remove')}
                    </Button>
                    <Button variant="default" disabled={remove.isPending} onClick={() => setAsked(null)}>
                      {t('settings.observers.keep')}
                    </Button>
                  </fieldset>
                ) : (
                  <Button
                    variant="default"
                    leftSection={<IconTrash size={16} aria-hidden />}
                    aria-label={t('settings.observers.remove.label', { name: observer.name })}
                    onClick={() => setAsked(observer)}
                  >
                    {t('settings.observers.remove')}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
        <Failure error={remove.failure} />
      </section>
      <AddObserver scheme={scheme} onAdded={keep} />
    </>
  )
}

function agencyName(scheme: SchemeView, code: string | null): string | null {
  return scheme.agencies.find((one) => one.code === code)?.name ?? null
}

function AddObserver(props: { scheme: SchemeView; onAdded: (answer: ObserverList) => void }) {
  const { t } = useText()
  const { scheme } = props
  const form = useForm({ initialValues: BLANK })
  const [id, setId] = useState(newId)
  const add = useAction(
    (observer: NewObserver) => callApi('addObserver', { params: { scheme: scheme.id }, body: observer }),
    {
      form,
      success: ({ proposed }, { name }) =>
        proposed === null ? t('settings.observers.added', { name }) : t('settingChange.proposed'),
      refresh: [settingChangesQuery(scheme.id).queryKey],
      onSuccess: ({ observers }) => {
        props.onAdded({ observers })
        form.reset()
        setId(newId())
      },
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!add.isPending) add.mutate({ ...form.values, id, agency: form.values.agency || null })
  }
  return (
    <form className={classes.card} noValidate onSubmit={submit} aria-labelledby="ajouter-copie">
      <h3 id="ajouter-copie" className={classes.cardTitle}>
        {t('settings.observers.add')}
      </h3>
      <div className={classes.addFields}>
        <TextInput
          label={t('settings.observers.name')}
          description={t('settings.observers.name.what')}
          required
          maxLength={120}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('settings.observers.phone')}
          description={t('settings.observers.phone.what')}
          type="tel"
          required
          maxLength={30}
          autoComplete="off"
          {...form.getInputProps('phone')}
        />
        <NativeSelect
          label={t('settings.observers.agency')}
          description={t('settings.observers.agency.what')}
          data={[
            { value: '', label: t('settings.observers.agency.none') },
            ...scheme.agencies.map(({ code, name }) => ({ value: code, label: name })),
          ]}
          {...form.getInputProps('agency')}
        />
      </div>
      <SecondPerson
        subject="observers"
        settings={['observers.add']}
        reason={form.values.reason}
        onReason={(reason) => form.setFieldValue('reason', reason)}
        error={form.errors.reason}
      />
      <Failure error={add.failure} />
      <div>
        <Button type="submit" loading={add.isPending}>
          {t('settingChange.propose')}
        </Button>
      </div>
    </form>
  )
}
