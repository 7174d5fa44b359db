import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { readablePhone } from '../../../src/message/phone.ts'
import type { OwnShopView, PhoneAttempt } from '../../../src/portal/shop/contract.ts'
import { callApi } from '../../api/client.ts'
import { newId } from '../../api/ids.ts'
import { paramsOfShop } from '../../api/portal.ts'
import { useAction } from '../../api/useAction.ts'
import { CodeAgain, CodeField, CodeNotice } from '../../ui/fields/CodeField.tsx'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { useShop } from '../current.tsx'
import classes from '../Portal.module.css'
import { keepAttempt } from '../sign-in/attempts.ts'

/** Adds another person of the shop, whose phone gets a code that they tell the person adding them. */
export function NewPersonForm(props: { onTake: (view: OwnShopView) => void }) {
  const { t } = useText()
  const { shop } = useShop()
  const [isOpen, setOpen] = useState(false)
  const [id, setId] = useState(newId)
  const form = useForm({ initialValues: { person: '', phone: '' } })
  const [code, setCode] = useState('')
  const [attempt, setAttempt] = useState<PhoneAttempt | null>(null)
  const ask = useAction(
    () => callApi('sendNewPersonCode', { params: paramsOfShop(shop), body: form.values }),
    {
      form,
      session: 'portal',
      onSuccess: (next) => setAttempt((last) => keepAttempt(last, next)),
    },
  )
  const add = useAction(
    () =>
      callApi('addPerson', {
        params: paramsOfShop(shop),
        body: {
          id,
          attempt: attempt?.attempt ?? '',
          phone: attempt?.phone ?? '',
          person: form.values.person,
          code,
        },
      }),
    {
      fields: ['code'],
      session: 'portal',
      success: t('portal.person.added'),
      onSuccess: (view) => {
        closeForm()
        props.onTake(view)
      },
    },
  )
  function closeForm(): void {
    setOpen(false)
    setId(newId)
    form.reset()
    setCode('')
    setAttempt(null)
    ask.reset()
    add.reset()
  }
  if (!isOpen)
    return (
      <div>
        <Button variant="light" size="md" onClick={() => setOpen(true)}>
          {t('portal.person.add')}
        </Button>
      </div>
    )
  const back = { label: t('portal.cancel'), go: closeForm }
  return (
    <div className={classes.card}>
      <h3>{t('portal.person.add')}</h3>
      {attempt === null ? (
        <StepForm step={ask} next={t('portal.sign.send')} back={back}>
          <TextInput
            size="md"
            label={t('portal.person.name')}
            maxLength={200}
            required
            {...form.getInputProps('person')}
          />
          <TextInput
            size="md"
            type="tel"
            inputMode="tel"
            label={t('portal.sign.phone')}
            description={t('portal.person.phone.how')}
            maxLength={40}
            required
            {...form.getInputProps('phone')}
          />
        </StepForm>
      ) : (
        <StepForm
          step={add}
          next={t('join.code.confirm')}
          back={back}
          footer={<CodeAgain again={ask} turn={attempt.turn} />}
        >
          <CodeNotice
            turn={attempt.turn}
            sent={t('portal.person.code', { phone: readablePhone(attempt.phone) })}
          />
          <CodeField
            value={code}
            onChange={(typed) => {
              setCode(typed)
              add.reset()
            }}
            error={add.problemAt('code')}
          />
        </StepForm>
      )}
    </div>
  )
}
