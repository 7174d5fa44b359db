import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { readablePhone } from '../../../src/message/phone.ts'
import type { OwnShopView, PhoneAttempt } from '../../../src/portal/shop/contract.ts'
import { callApi } from '../../api/client.ts'
import { paramsOfShop } from '../../api/portal.ts'
import { useAction } from '../../api/useAction.ts'
import { CodeAgain, CodeField, CodeNotice } from '../../ui/fields/CodeField.tsx'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { useShop } from '../current.tsx'
import { keepAttempt } from '../sign-in/attempts.ts'

/** Changes the signed-in person's number, confirmed by the code sent to the new one. */
export function MyPhone(props: { onTake: (view: OwnShopView) => void }) {
  const { t } = useText()
  const { shop, shops } = useShop()
  const [isOpen, setOpen] = useState(false)
  const form = useForm({ initialValues: { phone: '' }, onValuesChange: () => ask.reset() })
  const [code, setCode] = useState('')
  const [attempt, setAttempt] = useState<PhoneAttempt | null>(null)
  const ask = useAction(
    () => callApi('sendOwnPhoneCode', { params: paramsOfShop(shop), body: form.values }),
    {
      form,
      session: 'portal',
      onSuccess: (next) => setAttempt((last) => keepAttempt(last, next)),
    },
  )
  const move = useAction(
    () =>
      callApi('changeOwnPhone', {
        params: paramsOfShop(shop),
        body: {
          attempt: attempt?.attempt ?? '',
          phone: attempt?.phone ?? '',
          code,
        },
      }),
    {
      fields: ['code'],
      session: 'portal',
      success: t('portal.phone.moved'),
      onSuccess: (view) => {
        closeForm()
        props.onTake(view)
      },
    },
  )
  function closeForm(): void {
    setOpen(false)
    form.reset()
    setCode('')
    setAttempt(null)
    ask.reset()
    move.reset()
  }
  if (!isOpen)
    return (
      <div>
        <Button variant="light" onClick={() => setOpen(true)}>
          {t('portal.phone.change')}
        </Button>
      </div>
    )
  const back = { label: t('portal.cancel'), go: closeForm }
  if (attempt === null)
    return (
      <StepForm step={ask} next={t('portal.sign.send')} back={back}>
        <TextInput
          size="md"
          type="tel"
          inputMode="tel"
          label={t('portal.phone.new')}
          description={t('portal.phone.how', { shops: shops.length })}
          autoComplete="tel"
          maxLength={40}
          required
          {...form.getInputProps('phone')}
        />
      </StepForm>
    )
  return (
    <StepForm
      step={move}
      next={t('join.code.confirm')}
      back={back}
      footer={<CodeAgain again={ask} turn={attempt.turn} />}
    >
      <CodeNotice turn={attempt.turn} sent={t('join.code.sent', { phone: readablePhone(attempt.phone) })} />
      <CodeField
        value={code}
        onChange={(typed) => {
          setCode(typed)
          move.reset()
        }}
        error={move.problemAt('code')}
      />
    </StepForm>
  )
}
