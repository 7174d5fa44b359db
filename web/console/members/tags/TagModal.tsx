import { Button, Modal, MultiSelect, Stack, TagsInput } from '@mantine/core'
import { useState } from 'react'
import type { BulkChange, BulkResult } from '../../../../src/changes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { useNewId } from '../../../api/useNewId.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { membersChanged } from '../queries.ts'
import { idsOfTags, tagsQuery, useTags } from './tags.ts'

/** As on the server. */
const MAX_TAG_NAME = 40

/** Adds tags to members, new ones too, and takes tags off them. */
export function TagModal(props: {
  title: string
  members: BulkChange['members']
  /** The tags of a single member; null for several, of which some may have a tag and others not. */
  current: readonly string[] | null
  onClose: () => void
  onDone: (result: BulkResult) => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const tags = useTags()
  const nameOf = (id: string) => tags.find((tag) => tag.id === id)?.name
  // After a lost answer the member may be shown with its new tags already: the request sent again is that of the first time.
  const [current] = useState(props.current)
  const { id, renewIfTaken } = useNewId()
  const before = (current ?? []).flatMap((id) => nameOf(id) ?? [])
  const [added, setAdded] = useState<string[]>(before)
  const [removed, setRemoved] = useState<string[]>([])
  const [isMissing, setMissing] = useState(false)
  const isSame =
    current === null
      ? added.length + removed.length === 0
      : added.length === before.length && added.every((name) => before.includes(name))
  const apply = useAction(
    async () => {
      const chosen = await idsOfTags(scheme.id, tags, added)
      const remove = current === null ? removed : current.filter((tag) => !chosen.includes(tag))
      const add = chosen.filter((tag) => !(current ?? []).includes(tag))
      return callApi('changeMembers', {
        params: { scheme: scheme.id },
        body: { id, action: { kind: 'tags', add, remove }, members: props.members },
      })
    },
    {
      refresh: [...membersChanged(scheme.id), tagsQuery(scheme.id).queryKey],
      refreshAfterFailure: [tagsQuery(scheme.id).queryKey],
      onSuccess: props.onDone,
      // The change of a request whose answer was lost has this id: another choice is another change.
      onError: renewIfTaken,
    },
  )
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setMissing(isSame)
          if (!isSame && !apply.isPending) apply.mutate()
        }}
      >
        <Stack gap={16}>
          <TagsInput
            label={t(current === null ? 'tags.add' : 'tags.title')}
            description={t('tags.add.hint')}
            data={tags.filter(({ id }) => !removed.includes(id)).map(({ name }) => name)}
            value={added}
            onChange={(names) => setAdded(names.map((name) => name.trim().slice(0, MAX_TAG_NAME)))}
            maxLength={MAX_TAG_NAME}
            acceptValueOnBlur
            classNames={{ inputField: classes.pillsField ?? '' }}
            clearable={false}
            data-autofocus
            error={isMissing && isSame ? t('tags.missing') : false}
          />
          {current === null && tags.length > 0 && (
            <MultiSelect
              label={t('tags.remove')}
              data={tags
                .filter(({ name }) => !added.includes(name))
                .map(({ id, name }) => ({ value: id, label: name }))}
              value={removed}
              onChange={setRemoved}
              searchable
              classNames={{ inputField: classes.pillsField ?? '' }}
            />
          )}
          <Failure error={apply.error} />
          <DialogButtons onBack={props.onClose}>
            <Button type="submit" loading={apply.isPending}>
              {t('tags.save')}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}
