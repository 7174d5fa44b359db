import { Button, Modal, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { MemberTagGone, MemberTags } from '../../../../src/changes/tags/contract.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useUndo } from '../changes/useUndo.ts'
import classes from '../Members.module.css'
import { membersChanged } from '../queries.ts'
import { tagsQuery, useTags } from './tags.ts'

type CountedTag = MemberTags['tags'][number]

/** The tags of the scheme: created, renamed, merged, removed. What takes a tag off members is undone for a day. */
export function ManageTags(props: { onClose: () => void }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const tags = useTags()
  const form = useForm({ initialValues: { name: '' } })
  const [id, setId] = useState(newId)
  const create = useAction(
    () => callApi('saveMemberTag', { params: { scheme: scheme.id, id }, body: form.values }),
    {
      form,
      stores: tagsQuery(scheme.id).queryKey,
      onSuccess: () => {
        form.reset()
        setId(newId())
      },
    },
  )
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      size={560}
      onClose={props.onClose}
      title={t('tags.manage.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {tags.length === 0 && <p className={classes.mute}>{t('tags.manage.none')}</p>}
      <ul className={classes.manageTags}>
        {tags.map((tag) => (
          <li key={tag.id}>
            <TagLine tag={tag} others={tags.filter((one) => one.id !== tag.id)} />
          </li>
        ))}
      </ul>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!create.isPending) create.mutate()
        }}
      >
        <TextInput
          label={t('tags.manage.new')}
          maxLength={40}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <Failure error={create.failure} />
        <DialogButtons onBack={props.onClose} back={t('action.close')}>
          <Button type="submit" loading={create.isPending}>
            {t('tags.manage.create')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}

function TagLine(props: { tag: CountedTag; others: readonly CountedTag[] }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { tag, others } = props
  const [act, setAct] = useState<'rename' | 'merge' | null>(null)
  const form = useForm({ initialValues: { name: tag.name } })
  const undo = useUndo(scheme.id)
  const params = { scheme: scheme.id, id: tag.id }
  const listKey = tagsQuery(scheme.id).queryKey
  const save = useAction((to: string) => callApi('saveMemberTag', { params, body: { name: to } }), {
    form,
    stores: listKey,
    onSuccess: () => setAct(null),
  })
  const onGone = (said: string) => (result: MemberTagGone) => {
    const { change } = result
    void toast(said, () => (change === null ? save.mutate(tag.name) : undo.mutate(change.id)))
  }
  const refresh = [...membersChanged(scheme.id), listKey]
  const remove = useAction(() => callApi('removeMemberTag', { params }), {
    refresh,
    onSuccess: onGone(t('tags.manage.removed', { name: tag.name })),
  })
  const merge = useAction((into: string) => callApi('mergeMemberTag', { params, body: { into } }), {
    refresh,
    onSuccess: onGone(t('tags.manage.merged', { name: tag.name })),
  })
  return (
    <>
      <b>{tag.name}</b> <small>{t('tags.manage.members', { count: tag.members })}</small>
      <span className={classes.contactActions}>
        <Button
          variant="default"
          size="sm"
          aria-label={t('tags.manage.rename.label', { name: tag.name })}
          onClick={() => setAct(act === 'rename' ? null : 'rename')}
        >
          {t('tags.manage.rename')}
        </Button>
        {others.length > 0 && (
          <Button
            variant="default"
            size="sm"
            aria-label={t('tags.manage.merge.label', { name: tag.name })}
            onClick={() => setAct(act === 'merge' ? null : 'merge')}
          >
            {t('tags.manage.merge')}
          </Button>
        )}
        <Button
          variant="subtle"
          size="sm"
          aria-label={t('tags.manage.remove.label', { name: tag.name })}
          loading={remove.isPending}
          onClick={() => remove.mutate()}
        >
          {t('tags.manage.remove')}
        </Button>
      </span>
      {act === 'rename' && (
        <form
          className={classes.tagForm}
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (!save.isPending) save.mutate(form.values.name)
          }}
        >
          <TextInput label={t('tags.manage.name')} maxLength={40} autoFocus {...form.getInputProps('name')} />
          <Button type="submit" loading={save.isPending}>
            {t('tags.save')}
          </Button>
        </form>
      )}
      {act === 'merge' && (
        <Select
          mt={8}
          label={t('tags.manage.into', { name: tag.name })}
          data={others.map((one) => ({ value: one.id, label: one.name }))}
          value={null}
          disabled={merge.isPending}
          onChange={(into) => {
            if (into !== null) merge.mutate(into)
          }}
        />
      )}
      <Failure error={(act === 'rename' ? save.failure : save.error) ?? remove.failure ?? merge.failure} />
    </>
  )
}
