import { Button, Checkbox, Modal, Stack, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { DialogButtons } from '../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { neighboursQuery } from './queries.ts'
import classes from './Relays.module.css'

/** Chooses other schemes to relay an alert to, with a note to their operators. */
export function RelayModal(props: {
  schemeId: string
  alert: { id: string; reference: string }
  /** The communes of the incident. */
  communes: readonly string[]
  /** Schemes that already have it, or that it came from. */
  taken: readonly string[]
  /** The schemes selected initially. */
  chosen?: readonly string[]
  onClose: () => void
}) {
  const { t } = useText()
  const neighbours = useQuery(neighboursQuery(props.schemeId, props.communes))
  const form = useForm({ initialValues: { schemeIds: [...(props.chosen ?? [])], note: '' } })
  const { schemeIds, note } = form.values
  const relay = useAction(
    () =>
      callApi('proposeRelay', {
        params: { scheme: props.schemeId, id: props.alert.id },
        body: {
          schemeIds,
          ...(note.trim() !== '' && { note: note.trim() }),
        },
      }),
    {
      form,
      success: t('relay.proposed', { count: schemeIds.length }),
      refresh: [['relays', props.schemeId]],
      onRefreshed: () => props.onClose(),
    },
  )
  const open = (neighbours.data ?? []).filter((one) => !props.taken.includes(one.id))
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      size={520}
      title={t('relay.title', { reference: props.alert.reference })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (schemeIds.length > 0 && !relay.isPending) relay.mutate()
        }}
      >
        <p className={classes.mute}>{t('relay.what')}</p>
        {neighbours.isError && <Failure error={neighbours.error} retry={() => void neighbours.refetch()} />}
        {neighbours.isSuccess && open.length === 0 && <p className={classes.none}>{t('relay.nobody')}</p>}
        {open.length > 0 && (
          <Checkbox.Group
            label={t('relay.to')}
            {...form.getInputProps('schemeIds')}
            mt={16}
            classNames={{ label: classes.groupLabel ?? '' }}
          >
            <Stack gap={10} mt={8}>
              {open.map((one, index) => (
                <Checkbox
                  key={one.id}
                  value={one.id}
                  label={one.name}
                  description={
                    one.kilometres === null
                      ? t('relay.far')
                      : t('relay.distance', { kilometres: one.kilometres, near: one.near ? 'yes' : 'no' })
                  }
                  data-autofocus={index === 0 || undefined}
                />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <Textarea
          mt={16}
          label={t('relay.note')}
          description={t('relay.note.why')}
          maxLength={500}
          autosize
          minRows={2}
          maxRows={6}
          {...form.getInputProps('note')}
        />
        <Failure error={relay.failure} />
        <DialogButtons onBack={props.onClose}>
          <Button type="submit" disabled={schemeIds.length === 0} loading={relay.isPending}>
            {t('relay.propose')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
