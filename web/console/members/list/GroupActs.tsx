import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { MemberFilter } from '../../../../src/members/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { toast } from '../../../ui/toasts/toast.ts'
import { useCurrent } from '../../shell/current.tsx'
import { changeGroup, viewsQuery } from '../queries.ts'
import { GroupModal } from './GroupModal.tsx'

type Step = { readonly add?: readonly string[]; readonly remove?: readonly string[] }

/** Puts the members chosen one by one into a group, and takes them out of the user's own group that is listed. */
export function GroupActs(props: { memberIds: readonly string[]; filter: MemberFilter; onDone: () => void }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { memberIds } = props
  const [isOpen, setOpen] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const client = useQueryClient()
  const query = viewsQuery(scheme.id)
  const views = useQuery({ ...query, enabled: may('member.views') }).data ?? []
  const own = views.filter((view) => view.mine && view.members !== null)
  const listed = own.find(({ id }) => id === props.filter.list)
  const refresh = [['members', scheme.id]]
  const step = useAction(
    ({ group, ...change }: Step & { group: string }) => changeGroup(scheme.id, group, change),
    {
      refresh,
      onSuccess: ({ views }) => void client.setQueryData(query.queryKey, views),
      onError: (error) => void toast(error.message),
    },
  )
  const drop = useAction((id: string) => callApi('deleteMemberView', { params: { scheme: scheme.id, id } }), {
    stores: query.queryKey,
    refresh,
  })
  if (!may('member.views')) return null
  const close = () => {
    setOpen(false)
    setTimeout(() => opener.current?.focus())
  }
  return (
    <>
      <Button ref={opener} variant="default" size="sm" onClick={() => setOpen(true)}>
        {t('groups.add')}
      </Button>
      {listed !== undefined && (
        <Button
          variant="default"
          size="sm"
          loading={step.isPending}
          onClick={() =>
            step.mutate(
              { group: listed.id, remove: memberIds },
              {
                onSuccess: ({ removed }) => {
                  props.onDone()
                  // Only those removed now: the others were not in the group before.
                  void toast(
                    t('groups.removed', { count: removed.length, name: listed.name }),
                    removed.length === 0 ? undefined : () => step.mutate({ group: listed.id, add: removed }),
                  )
                },
              },
            )
          }
        >
          {t('groups.remove')}
        </Button>
      )}
      {isOpen && (
        <GroupModal
          memberIds={memberIds}
          groups={own}
          onClose={close}
          onDone={({ id, name, isNew, added }) => {
            setOpen(false)
            props.onDone()
            // Only those added now: the others were in the group before.
            const undo = () => (isNew ? drop.mutate(id) : step.mutate({ group: id, remove: added }))
            void toast(
              t('groups.added', { count: added.length, name }),
              added.length === 0 ? undefined : undo,
            )
          }}
        />
      )}
    </>
  )
}
