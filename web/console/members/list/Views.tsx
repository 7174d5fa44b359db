import { Button, Checkbox, Modal, Stack, TextInput, UnstyledButton } from '@mantine/core'
import IconUsersGroup from '@tabler/icons-react/icons/IconUsersGroup'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { MemberFilter } from '../../../../src/members/contract.ts'
import type { MemberListView, MemberListViewInput } from '../../../../src/members/views/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { countOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { viewCountsQuery, viewsQuery } from '../queries.ts'
import { isSameFilter } from '../search.ts'

/** Shows the usual and the saved views as tabs; the current filters can be saved as another one. */
export function Views(props: {
  filter: MemberFilter
  /** The members of the current view. */
  count: number | null
  onPick: (filter: MemberFilter) => void
}) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const [naming, setNaming] = useState<'new' | MemberListView | null>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const saved = useQuery({ ...viewsQuery(scheme.id), enabled: may('member.views') }).data ?? []
  const counts = useQuery(viewCountsQuery(scheme.id)).data
  const countOfView = (id: string) =>
    ({ ...counts?.saved, ...counts?.ready })[id === 'unsigned' ? 'older' : id] ?? null
  const usual: readonly { id: string; name: string; filter: MemberFilter }[] = [
    { id: 'all', name: t('views.all'), filter: {} },
    ...(may('dues.read') ? [{ id: 'late', name: t('views.late'), filter: { dues: 'late' } as const }] : []),
    { id: 'unreachable', name: t('views.unreachable'), filter: { numbers: 'unreachable' } },
    ...(may('enrolment.read')
      ? [{ id: 'unsigned', name: t('views.unsigned'), filter: { charter: 'older' } as const }]
      : []),
  ]
  const chosen = saved.find((view) => isSameFilter(view.filter, props.filter))
  const isUsual = usual.some(({ filter }) => isSameFilter(filter, props.filter))
  const isFiltered = !isSameFilter(props.filter, {})

  const { save, remove } = useViewActions(scheme.id, props.onPick)
  const changed = useChangedView({ saved, chosen, isFiltered })
  const update = ({ id, name, shared, filter: before }: MemberListView) =>
    save.mutate(
      { id, name, shared, filter: props.filter },
      {
        onSuccess: () =>
          void toast(t('views.updated', { name }), () => save.mutate({ id, name, shared, filter: before })),
        onError: (error) => void toast(error.message),
      },
    )
  const close = () => {
    setNaming(null)
    setTimeout(() => opener.current?.focus())
  }
  return (
    <div className={classes.views}>
      <ul className={classes.viewList} aria-label={t('views.title')}>
        {[
          ...usual.map((view) => ({ ...view, members: null })),
          ...saved.map(({ mine, name, ...view }) => ({
            ...view,
            name: mine ? name : t('views.shared', { name }),
          })),
        ].map((view) => {
          // A saved view of the same filters as a usual one is the one shown.
          const isShown =
            chosen === undefined ? isSameFilter(view.filter, props.filter) : view.id === chosen.id
          return (
            <li key={view.id}>
              <ViewTab
                name={view.name}
                members={view.members}
                // The count of the list is newer than that of the view.
                count={(isShown ? props.count : null) ?? countOfView(view.id)}
                isShown={isShown}
                onPick={() => props.onPick(isShown ? {} : view.filter)}
              />
            </li>
          )
        })}
      </ul>
      {chosen?.mine === true && (
        <Button ref={opener} variant="subtle" size="sm" onClick={() => setNaming(chosen)}>
          {t('views.rename')}
        </Button>
      )}
      {changed !== undefined && (
        <Button variant="subtle" size="sm" loading={save.isPending} onClick={() => update(changed)}>
          {t('views.update', { name: changed.name })}
        </Button>
      )}
      {chosen?.mine === true && (
        <Button variant="subtle" size="sm" loading={remove.isPending} onClick={() => remove.mutate(chosen)}>
          {t(chosen.members === null ? 'views.delete' : 'groups.delete')}
        </Button>
      )}
      {chosen === undefined && isFiltered && !isUsual && may('member.views') && (
        <Button ref={opener} variant="subtle" size="sm" onClick={() => setNaming('new')}>
          {t('views.save')}
        </Button>
      )}
      <Failure error={remove.failure} />
      {naming !== null && (
        <NameModal
          view={naming === 'new' ? null : naming}
          isPending={save.isPending}
          error={save.error}
          onClose={close}
          onSave={(name, shared) => {
            const { id, filter } =
              naming === 'new' ? { id: crypto.randomUUID(), filter: props.filter } : naming
            save.mutate(
              { id, name, shared, filter },
              {
                onSuccess: () => {
                  close()
                  void toast(t(naming === 'new' ? 'views.saved' : 'views.renamed', { name }))
                },
              },
            )
          }}
        />
      )}
    </div>
  )
}

/** Saves and deletes views; a deleted one can be brought back. */
function useViewActions(schemeId: string, onPick: (filter: MemberFilter) => void) {
  const { t } = useText()
  const { queryKey } = viewsQuery(schemeId)
  const save = useAction(
    ({ id, ...body }: MemberListViewInput & { id: string }) =>
      callApi('saveMemberView', { params: { scheme: schemeId, id }, body }),
    {
      stores: queryKey,
      refresh: [viewCountsQuery(schemeId).queryKey],
    },
  )
  // The members of a deleted group, for its undo.
  const kept = useRef<string[]>(undefined)
  const remove = useAction(
    async ({ id, members }: MemberListView) => {
      const params = { scheme: schemeId, id }
      kept.current = members === null ? undefined : (await callApi('getMemberGroup', { params })).memberIds
      return callApi('deleteMemberView', { params })
    },
    {
      stores: queryKey,
      onSuccess: (_, { id, name, filter, shared }) => {
        const memberIds = kept.current
        if (memberIds !== undefined) onPick({})
        void toast(t(memberIds === undefined ? 'views.deleted' : 'groups.deleted', { name }), () =>
          save.mutate({ id, name, filter, shared, ...(memberIds !== undefined && { memberIds }) }),
        )
      },
    },
  )
  return { save, remove }
}

/** Returns the user's own view whose filters were changed since it was shown, so that it can be updated. */
function useChangedView(of: {
  readonly saved: readonly MemberListView[]
  readonly chosen: MemberListView | undefined
  readonly isFiltered: boolean
}): MemberListView | undefined {
  const { saved, chosen, isFiltered } = of
  // The user's own view that was shown last, for its filters to be changed.
  const [last, setLast] = useState<string | null>(null)
  const own = chosen?.mine === true && chosen.members === null ? chosen.id : null
  if (own !== null && own !== last) setLast(own)
  // Filters added to a group, or to a view of another user, are not those of a view shown before.
  const isLeft = !isFiltered || (chosen !== undefined && own === null)
  if (isLeft && last !== null) setLast(null)
  return chosen === undefined && isFiltered ? saved.find(({ id }) => id === last) : undefined
}

/** The tab of a view, with how many members it has. */
function ViewTab(props: {
  name: string
  /** The number of members chosen by hand; null for a filter. */
  members: number | null
  count: number | null
  isShown: boolean
  onPick: () => void
}) {
  const { lang } = useText()
  const { name, members, count } = props
  return (
    <UnstyledButton className={classes.tab} aria-pressed={props.isShown} onClick={props.onPick}>
      {members !== null && <IconUsersGroup size={16} aria-hidden />}
      {name}
      {members !== null && ` (${countOf(lang, members)})`}
      {members === null && count !== null && <span className={classes.tabCount}>{countOf(lang, count)}</span>}
    </UnstyledButton>
  )
}

/** Names a new view, or renames one of the user. */
function NameModal(props: {
  /** Null: a new one. */
  view: MemberListView | null
  isPending: boolean
  error: Error | null
  onSave: (name: string, shared: boolean) => void
  onClose: () => void
}) {
  const { t } = useText()
  const [name, setName] = useState(props.view?.name ?? '')
  const [shared, setShared] = useState(props.view?.shared ?? false)
  const [isMissing, setMissing] = useState(false)
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      title={t(props.view === null ? 'views.save.title' : 'views.rename.title')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setMissing(name.trim() === '')
          if (name.trim() !== '' && !props.isPending) props.onSave(name.trim(), shared)
        }}
      >
        <Stack gap={16}>
          <TextInput
            label={t('views.name')}
            value={name}
            maxLength={60}
            required
            data-autofocus
            error={isMissing && name.trim() === '' ? t('views.name.missing') : false}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Checkbox
            label={t('views.share')}
            description={t('views.share.hint')}
            checked={shared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
          {props.error !== null && <Failure error={props.error} />}
          <DialogButtons onBack={props.onClose}>
            <Button type="submit" loading={props.isPending}>
              {t('views.save.confirm')}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}
