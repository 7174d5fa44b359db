import { Button, Checkbox, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MemberListView } from '../../../../src/members/views/contract.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { changeGroup, viewsQuery } from '../queries.ts'

/** Adds members to a group chosen by hand, which may be a new one. */
export function GroupModal(props: {
  memberIds: readonly string[]
  groups: readonly MemberListView[]
  onClose: () => void
  onDone: (group: {
    readonly id: string
    readonly name: string
    readonly isNew: boolean
    /** The members that were not in it before. */
    readonly added: readonly string[]
  }) => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { groups, memberIds } = props
  const [newGroup] = useState(newId)
  const form = useForm({
    initialValues: { groupId: groups[0]?.id ?? newGroup, name: '', shared: false },
    validate: {
      name: (name, { groupId }) =>
        groupId === newGroup && name.trim() === '' ? t('views.name.missing') : null,
    },
  })
  const { groupId, name, shared } = form.values
  const isNew = groupId === newGroup
  const known = groups.find(({ id }) => id === groupId)
  const client = useQueryClient()
  const save = useAction(
    async () => {
      if (!isNew) return changeGroup(scheme.id, groupId, { add: memberIds })
      const views = await callApi('saveMemberView', {
        params: { scheme: scheme.id, id: newGroup },
        body: { name: name.trim(), filter: {}, shared, memberIds: [...memberIds] },
      })
      return { views, added: memberIds }
    },
    {
      form,
      refresh: [['members', scheme.id]],
      onSuccess: ({ views, added }) => {
        client.setQueryData(viewsQuery(scheme.id).queryKey, views)
        props.onDone({ id: groupId, name: known?.name ?? name.trim(), isNew, added })
      },
    },
  )
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      title={t('groups.add.title', { count: memberIds.length })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        noValidate
        onSubmit={form.onSubmit(() => {
          if (!save.isPending) save.mutate()
        })}
      >
        <Stack gap={16}>
          {groups.length > 0 && (
            <NativeSelect
              label={t('groups.group')}
              data-autofocus
              data={[
                ...groups.map((group) => ({ value: group.id, label: group.name })),
                { value: newGroup, label: t('groups.new') },
              ]}
              {...form.getInputProps('groupId')}
            />
          )}
          {isNew && (
            <>
              <TextInput
                label={t('groups.name')}
                maxLength={60}
                required
                {...(groups.length === 0 && { 'data-autofocus': true })}
                {...form.getInputProps('name')}
              />
              <Checkbox
                label={t('groups.share')}
                description={t('views.share.hint')}
                {...form.getInputProps('shared', { type: 'checkbox' })}
              />
            </>
          )}
          <p className={classes.mute}>{t('groups.hint')}</p>
          <Failure error={save.failure} />
          <DialogButtons onBack={props.onClose}>
            <Button type="submit" loading={save.isPending}>
              {t(isNew ? 'groups.create' : 'groups.add.confirm')}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}
