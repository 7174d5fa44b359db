import { Button, Modal, Radio, Stack, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { RefusalCode } from '../../../src/reports/contract.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'

const reasons: readonly RefusalCode[] = [
  'no_offence',
  'doubt',
  'arrested',
  'too_late',
  'out_of_zone',
  'duplicate',
  'other',
]

/** Not warning anyone is a decision too: it has a reason, and the journal keeps it. */
export function RefuseModal(props: {
  refuse: (decision: { reason: string; note?: string }) => Promise<void>
  onClose: () => void
}) {
  const { t } = useText()
  const [reason, setReason] = useState<RefusalCode | null>(null)
  const [note, setNote] = useState('')
  const decide = useMutation({ mutationFn: props.refuse })
  const noteMissing = reason === 'other' && note.trim() === ''
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      title={t('refuse.title')}
      size={480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (reason === null || noteMissing || decide.isPending) return
          decide.mutate({ reason, ...(note.trim() !== '' && { note: note.trim() }) })
        }}
      >
        <Radio.Group
          label={t('refuse.reason')}
          value={reason}
          onChange={(value) => setReason(value as RefusalCode)}
          required
        >
          <Stack gap={10} mt={8} mb={16}>
            {reasons.map((one, index) => (
              <Radio
                key={one}
                value={one}
                label={t(`refusal.${one}`)}
                data-autofocus={index === 0 || undefined}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label={reason === 'other' ? t('refuse.note.needed') : t('refuse.note')}
          description={t('refuse.note.why')}
          required={reason === 'other'}
          maxLength={1000}
          autosize
          minRows={2}
          maxRows={6}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {decide.isError && <Failure error={decide.error} />}
        <Stack gap={8} mt={16}>
          <Button
            type="submit"
            size="md"
            disabled={reason === null || noteMissing}
            loading={decide.isPending}
          >
            {t('refuse.confirm')}
          </Button>
          <Button variant="subtle" size="md" onClick={props.onClose}>
            {t('confirm.back')}
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}
