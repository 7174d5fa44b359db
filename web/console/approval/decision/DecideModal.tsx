import { Button, Group, Modal, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { type TextKey, useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'

export type Verb = 'return' | 'reject'

const PRESETS = {
  return: ['approver.preset.place', 'approver.preset.text', 'approver.preset.area', 'approver.preset.facts'],
  reject: [
    'approver.preset.doubt',
    'approver.preset.arrested',
    'approver.preset.duplicate',
    'approver.preset.scope',
  ],
} as const satisfies Record<Verb, readonly TextKey[]>

/** Asks for the reason to return or reject an alert; it is required, and its author reads it. */
export function DecideModal(props: {
  verb: Verb
  /** The title and text if it is not about an alert. */
  title?: string
  what?: string
  confirm?: string
  /** Whether to offer the usual reasons: one touch, then words if wanted. */
  presets?: boolean
  decide: (reason: string) => Promise<void>
  onClose: () => void
}) {
  const { t } = useText()
  const { verb } = props
  const form = useForm({
    initialValues: { reason: '' },
    validate: { reason: (reason) => (reason.trim() === '' ? t('approvals.reason.missing') : null) },
  })
  const decide = useAction(props.decide, { form })
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      size={480}
      title={props.title ?? t(`approvals.${verb}.title`)}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <KeepFocus />
      <form
        noValidate
        onSubmit={form.onSubmit(({ reason }) => {
          if (!decide.isPending) decide.mutate(reason.trim())
        })}
      >
        <p>{props.what ?? t(`approvals.${verb}.what`)}</p>
        {props.presets === true && (
          <Group gap={6} mt={12} role="group" aria-label={t('approver.presets')}>
            {PRESETS[verb].map((key) => (
              <Button
                key={key}
                variant="default"
                mih={44}
                onClick={() => form.setFieldValue('reason', t(key))}
              >
                {t(key)}
              </Button>
            ))}
          </Group>
        )}
        <Textarea
          mt={12}
          label={t('approvals.reason')}
          required
          data-autofocus
          autosize
          minRows={3}
          maxRows={8}
          maxLength={500}
          {...form.getInputProps('reason')}
        />
        <Failure error={decide.failure} />
        <DialogButtons onBack={props.onClose}>
          <Button type="submit" {...(verb === 'reject' && { color: 'red' })} loading={decide.isPending}>
            {props.confirm ?? t(`approvals.${verb}.confirm`)}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
