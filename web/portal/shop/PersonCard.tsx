import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { readablePhone } from '../../../src/message/phone.ts'
import type { OwnPerson, OwnShopView } from '../../../src/portal/shop/contract.ts'
import { callApi } from '../../api/client.ts'
import { paramsOfShop, portalSessionQuery } from '../../api/portal.ts'
import { isRefusal } from '../../api/problems.ts'
import { useAction } from '../../api/useAction.ts'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { toast } from '../../ui/toasts/toast.ts'
import { useShop } from '../current.tsx'
import classes from '../Portal.module.css'

interface Props {
  person: OwnPerson
  mayChange: boolean
  onTake: (view: OwnShopView) => void
}

/** Shows one person of the shop: their means of contact, and the possible actions. */
export function PersonCard(props: Props) {
  const { t } = useText()
  const { person, mayChange } = props
  const [isEditing, setEditing] = useState(false)
  return (
    <>
      <div className={classes.alertHead}>
        <h3>
          {person.person === '' ? t('portal.person.unnamed') : person.person}
          {person.me && ` (${t('portal.person.me')})`}
        </h3>
        <StateTag tone={person.sms ? 'good' : 'warn'}>
          {t(person.sms ? 'portal.person.sms' : 'portal.person.noSms')}
        </StateTag>
      </div>
      <p className={classes.meta}>
        {[person.phone === null ? t('portal.person.noPhone') : readablePhone(person.phone), person.mail]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {mayChange &&
        (isEditing ? (
          <Names
            {...props}
            onDone={(view) => {
              if (view !== null) props.onTake(view)
              setEditing(false)
            }}
          />
        ) : (
          <Acts {...props} onEdit={() => setEditing(true)} />
        ))}
    </>
  )
}

/** Asks for confirmation with the consequences that the server reported. */
type Asked = 'off' | 'remove'

function Acts(props: Props & { onEdit: () => void }) {
  const { t } = useText()
  const { shop } = useShop()
  const client = useQueryClient()
  const { person } = props
  const [asked, setAsked] = useState<Asked | null>(null)
  const [evenLast, setEvenLast] = useState(false)
  /** Warns that nobody else receives the alerts, and asks again. */
  const onError = (error: Error) => {
    if (isRefusal(error, 'last_reached')) setEvenLast(true)
  }
  const sms = useAction(
    (takes: boolean) =>
      callApi('setOwnSms', {
        params: { ...paramsOfShop(shop), contact: person.id },
        body: { sms: takes, evenLast },
      }),
    {
      session: 'portal',
      success: (_, takes) => t(takes ? 'portal.person.isOn' : 'portal.person.isOff'),
      onSuccess: (view) => {
        closeForm()
        props.onTake(view)
      },
      onError,
    },
  )
  const remove = useAction(
    () =>
      callApi('removePerson', { params: { ...paramsOfShop(shop), contact: person.id }, query: { evenLast } }),
    {
      session: 'portal',
      onSuccess: ({ shop: view }) => {
        closeForm()
        if (view !== null) props.onTake(view)
        else void client.invalidateQueries({ queryKey: portalSessionQuery.queryKey })
        void toast(t('portal.person.removed'))
      },
      onError,
    },
  )
  function closeForm(): void {
    setAsked(null)
    setEvenLast(false)
    sms.reset()
    remove.reset()
  }
  if (asked !== null) {
    const going = asked === 'off' ? sms : remove
    return (
      <section className={classes.ask} aria-label={t(`portal.person.${asked}`)}>
        <p>{t(`portal.person.${asked}.why`, { me: String(person.me) })}</p>
        {going.isError && <Failure error={going.error} />}
        <div className={classes.acts}>
          <Button
            color="red"
            loading={going.isPending}
            disabled={isRefusal(going.error, 'last_person')}
            onClick={() => (asked === 'off' ? sms.mutate(false) : remove.mutate())}
          >
            {t(evenLast ? 'portal.person.evenLast' : `portal.person.${asked}.confirm`)}
          </Button>
          <Button variant="default" onClick={closeForm}>
            {t('portal.cancel')}
          </Button>
        </div>
      </section>
    )
  }
  return (
    <>
      <Failure error={sms.failure} />
      <div className={classes.acts}>
        <Button variant="default" onClick={props.onEdit}>
          {t('portal.person.edit')}
        </Button>
        {person.mobile && person.sms && (
          <Button variant="default" onClick={() => setAsked('off')}>
            {t('portal.person.off')}
          </Button>
        )}
        {person.mobile && !person.sms && person.me && (
          <Button loading={sms.isPending} onClick={() => sms.mutate(true)}>
            {t('portal.person.on')}
          </Button>
        )}
        <Button variant="subtle" color="red" onClick={() => setAsked('remove')}>
          {t('portal.person.remove')}
        </Button>
      </div>
    </>
  )
}

function Names(props: { person: OwnPerson; onDone: (view: OwnShopView | null) => void }) {
  const { t } = useText()
  const { shop } = useShop()
  const { person } = props
  const form = useForm({ initialValues: { person: person.person, mail: person.mail ?? '' } })
  const save = useAction(
    () =>
      callApi('correctPerson', {
        params: { ...paramsOfShop(shop), contact: person.id },
        body: form.values,
      }),
    {
      form,
      session: 'portal',
      onSuccess: props.onDone,
    },
  )
  return (
    <StepForm
      step={save}
      next={t('portal.save')}
      back={{ label: t('portal.cancel'), go: () => props.onDone(null) }}
    >
      <TextInput
        size="md"
        label={t('join.person')}
        maxLength={200}
        required
        {...form.getInputProps('person')}
      />
      <TextInput
        size="md"
        type="email"
        inputMode="email"
        label={t('join.mail')}
        maxLength={254}
        {...form.getInputProps('mail')}
      />
    </StepForm>
  )
}
