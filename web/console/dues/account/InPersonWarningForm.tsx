import { Button, Radio, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { WarningInPerson } from '../../../../src/dues/contract.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { memberDuesQuery } from '../queries.ts'

const WAYS = ['phone', 'letter', 'visit'] as const satisfies readonly WarningInPerson['how'][]

/** Records that the chamber notified a member in person, because no message could reach it. */
export function InPersonWarningForm(props: { memberId: string; onClose: () => void }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const [id] = useState(newId)
  const form = useForm<{ how: WarningInPerson['how']; note: string }>({
    initialValues: { how: 'phone', note: '' },
  })
  const save = useAction(
    (body: WarningInPerson) =>
      callApi('recordWarningInPerson', { params: { scheme: scheme.id, id: props.memberId }, body }),
    {
      form,
      stores: memberDuesQuery(scheme.id, props.memberId).queryKey,
      success: t('dues.inPerson.done'),
      refresh: [['dues', scheme.id]],
      onSuccess: () => props.onClose(),
    },
  )
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate({ id, ...form.values })
      }}
    >
      <Radio.Group
        label={t('dues.inPerson.how')}
        description={t('dues.inPerson.what')}
        {...form.getInputProps('how')}
      >
        <Stack gap={8} mt={8}>
          {WAYS.map((one) => (
            <Radio
              key={one}
              value={one}
              label={t(`dues.inPerson.${one}`)}
              autoFocus={one === form.values.how}
            />
          ))}
        </Stack>
      </Radio.Group>
      <TextInput label={t('dues.inPerson.note')} maxLength={200} {...form.getInputProps('note')} />
      <Failure error={save.failure} />
      <DialogButtons onBack={props.onClose} back={t('dues.cancel')} disabled={save.isPending}>
        <Button type="submit" loading={save.isPending}>
          {t('dues.inPerson.do')}
        </Button>
      </DialogButtons>
    </form>
  )
}
