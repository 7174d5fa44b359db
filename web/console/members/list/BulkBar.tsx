import { Button, Modal, Select, Skeleton, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import type { BulkChange, BulkPreview, BulkResult } from '../../../../src/changes/contract.ts'
import type { MemberFilter } from '../../../../src/members/contract.ts'
import type { MemberListViewInput } from '../../../../src/members/views/contract.ts'
import { callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import { isAboutFields, problemAt } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { useNewId } from '../../../api/useNewId.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { countOf, dayOf, moneyOf, timeOf, whenOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { useSettled } from '../../../ui/useSettled.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { membersChanged, viewsQuery } from '../queries.ts'
import { isSameFilter } from '../search.ts'
import { TagModal } from '../tags/TagModal.tsx'
import { GroupActs } from './GroupActs.tsx'

type Kind = Exclude<BulkChange['action']['kind'], 'tags'>

/** The selected members: chosen one by one, or all that match the filters. */
export type Selection =
  | { readonly ids: ReadonlySet<string> }
  | { readonly filter: MemberFilter; readonly count: number }

export function sizeOf(selection: Selection): number {
  return 'ids' in selection ? selection.ids.size : selection.count
}

/** Returns the selected members as a request names them. */
const membersOf = (selection: Selection) => ('ids' in selection ? { ids: [...selection.ids] } : selection)

/** Shows the actions on the selected members. Each can be undone for a day. */
export function BulkBar(props: {
  /** Null as long as no member is selected. */
  selection: Selection | null
  filter: MemberFilter
  /** All members that match the filters. */
  total: number
  trades: readonly { code: string; name: string }[]
  onAll: () => void
  onClear: () => void
  onUndo: (changeId: string) => void
}) {
  const { t } = useText()
  const { may } = useCurrent()
  const [kind, setKind] = useState<Kind | 'tags' | null>(null)
  const opener = useRef<HTMLButtonElement | null>(null)
  const count = props.selection === null ? 0 : sizeOf(props.selection)
  const open = (next: Kind | 'tags') => (event: { currentTarget: HTMLButtonElement }) => {
    opener.current = event.currentTarget
    setKind(next)
  }
  const close = () => {
    setKind(null)
    setTimeout(() => opener.current?.focus())
  }
  const finish = ({ change, skipped }: BulkResult) => {
    setKind(null)
    props.onClear()
    if (change === null) void toast(t('bulk.nobody'))
    else {
      const done = t('bulk.done', { kind: change.kind, count: change.updated, skipped })
      void toast(done, () => props.onUndo(change.id))
    }
    document.getElementById('contenu')?.focus({ preventScroll: true })
  }
  if (props.selection === null)
    return <p className={`${classes.bulk} ${classes.bulkAtRest}`}>{t('bulk.rest', { count: props.total })}</p>
  return (
    <section className={classes.bulk} aria-label={t('bulk.title')}>
      <p className={classes.bulkCount} role="status">
        {t('bulk.chosen', { count })}
      </p>
      {'ids' in props.selection && count < props.total && (
        <Button variant="subtle" size="sm" onClick={props.onAll}>
          {t('bulk.all', { count: props.total })}
        </Button>
      )}
      <Button variant="default" size="sm" onClick={open('suspend')}>
        {t('bulk.suspend')}
      </Button>
      <Button variant="default" size="sm" onClick={open('resume')}>
        {t('bulk.resume')}
      </Button>
      <Button variant="default" size="sm" onClick={open('trade')}>
        {t('bulk.trade')}
      </Button>
      {may('member.tags') && (
        <Button variant="default" size="sm" onClick={open('tags')}>
          {t('bulk.tags')}
        </Button>
      )}
      {may('message.write') && may('member.views') && <WriteAct selection={props.selection} />}
      {'ids' in props.selection && (
        <GroupActs memberIds={[...props.selection.ids]} filter={props.filter} onDone={props.onClear} />
      )}
      <Button variant="default" size="sm" onClick={open('leave')}>
        {t('bulk.leave')}
      </Button>
      <Button variant="subtle" size="sm" onClick={props.onClear}>
        {t('bulk.clear')}
      </Button>
      {kind === 'tags' && (
        <TagModal
          title={t('bulk.tags.title', { count })}
          members={membersOf(props.selection)}
          current={null}
          onClose={close}
          onDone={finish}
        />
      )}
      {kind !== null && kind !== 'tags' && (
        <BulkModal
          kind={kind}
          selection={props.selection}
          trades={props.trades}
          onClose={close}
          onDone={finish}
        />
      )}
    </section>
  )
}

/**
 * Opens a message to the selected members: to the view of the filters or the group of the chosen ones, which is made unless the
 * user has it already.
 */
function WriteAct(props: { selection: Selection }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const navigate = useNavigate()
  const { queryKey } = viewsQuery(scheme.id)
  const views = useQuery(viewsQuery(scheme.id)).data ?? []
  const write = (groupe: string) => navigate({ to: '/messages', search: { nouveau: 'oui', groupe } })
  const make = useAction(
    (body: MemberListViewInput & { id: string }) => {
      const { id, ...view } = body
      return callApi('saveMemberView', { params: { scheme: scheme.id, id }, body: view })
    },
    {
      stores: queryKey,
      success: (_, { name, memberIds }) =>
        t(memberIds === undefined ? 'bulk.write.made.view' : 'bulk.write.made', { name }),
      onSuccess: (_, { id }) => write(id),
      // Among them that there are too many views.
      onError: (error) => void toast(problemAt(error, 'name') ?? error.message),
    },
  )
  const { selection } = props
  const newName = () => {
    const at = new Date(serverNow()).toISOString()
    const name = t('bulk.write.group', { when: `${dayOf(lang, at)} ${timeOf(lang, at)}` })
    const same = views.filter((view) => view.name.startsWith(name)).length
    return same === 0 ? name : `${name} (${same + 1})`
  }
  /** Returns the view of the filters, the group that is shown whole, or the user's own group of exactly these members. */
  const findKnown = async (): Promise<string | undefined> => {
    if ('filter' in selection) return views.find((view) => isSameFilter(view.filter, selection.filter))?.id
    const { ids } = selection
    for (const { id } of views.filter((view) => view.mine && view.members === ids.size)) {
      const { memberIds } = await callApi('getMemberGroup', { params: { scheme: scheme.id, id } })
      if (memberIds.length === ids.size && memberIds.every((one) => ids.has(one))) return id
    }
    return undefined
  }
  const find = useAction(findKnown, {
    onSuccess: (known) => {
      if (known !== undefined) return void write(known)
      make.mutate({
        id: crypto.randomUUID(),
        name: newName(),
        shared: false,
        ...('ids' in selection
          ? { filter: {}, memberIds: [...selection.ids] }
          : { filter: selection.filter }),
      })
    },
    onError: (error) => void toast(error.message),
  })
  return (
    <Button
      variant="default"
      size="sm"
      loading={make.isPending || find.isPending}
      onClick={() => find.mutate()}
    >
      {t('bulk.write')}
    </Button>
  )
}

function BulkModal(props: {
  kind: Kind
  selection: Selection
  trades: readonly { code: string; name: string }[]
  onClose: () => void
  onDone: (result: BulkResult) => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { kind, selection } = props
  const form = useChangeForm(kind)
  const { id, renewIfTaken } = useNewId()
  const { reason, trade } = form.values.action
  const actionFor = (why: string): BulkChange['action'] => {
    if (kind === 'trade') return { kind, trade: trade ?? '' }
    return kind === 'resume' ? { kind } : { kind, reason: why }
  }
  const members = membersOf(selection)
  const apply = useAction(
    (body: BulkChange) => callApi('changeMembers', { params: { scheme: scheme.id }, body }),
    {
      form,
      fields: [REASON],
      refresh: membersChanged(scheme.id),
      onSuccess: (result) => props.onDone(result),
      // The change of a request whose answer was lost has this id: another choice is another change.
      onError: renewIfTaken,
      // Another user changed the list, so the count beside the filters is refetched.
      refreshAfterFailure: [['members', scheme.id]],
    },
  )
  const written = useSettled(reason.trim(), 350)
  const preview = useQuery({
    queryKey: ['member-change-preview', scheme.id, kind, written, members],
    queryFn: () =>
      callApi('previewMemberChange', {
        params: { scheme: scheme.id },
        body: { action: actionFor(written), members },
      }),
    enabled: kind !== 'trade' && (!needsReason(kind) || written !== ''),
    placeholderData: keepPreviousData,
    gcTime: 0,
    retry: false,
  })
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      title={t('bulk.confirm.title', { kind, count: sizeOf(selection) })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        noValidate
        onSubmit={form.onSubmit(
          () => {
            if (!apply.isPending) apply.mutate({ id, action: actionFor(reason.trim()), members })
          },
          (errors) => form.getInputNode(Object.keys(errors)[0] ?? '')?.focus(),
        )}
      >
        <Stack gap={16}>
          <p className={classes.bulkWhat}>{t('bulk.confirm.what', { kind })}</p>
          {needsReason(kind) && (
            <TextInput
              label={t('bulk.reason')}
              description={t('bulk.reason.hint')}
              maxLength={200}
              required
              data-autofocus
              {...form.getInputProps(REASON)}
              error={form.errors[REASON] ?? problemAt(preview.error, REASON)}
            />
          )}
          {kind === 'trade' && (
            <Select
              label={t('bulk.trade.to')}
              data={props.trades.map(({ code, name }) => ({ value: code, label: name }))}
              searchable
              required
              data-autofocus
              {...form.getInputProps('action.trade')}
            />
          )}
          {kind !== 'trade' && (
            <WhatIsSent preview={preview} isReady={!needsReason(kind) || reason.trim() !== ''} />
          )}
          <Failure error={apply.failure} />
          <DialogButtons onBack={props.onClose}>
            <Button type="submit" loading={apply.isPending}>
              {t('bulk.confirm', { kind })}
            </Button>
          </DialogButtons>
        </Stack>
      </form>
    </Modal>
  )
}

const REASON = 'action.reason'

const needsReason = (kind: Kind): boolean => kind === 'suspend' || kind === 'leave'

/** Holds what a change needs, by the paths of its request. */
function useChangeForm(kind: Kind) {
  const { t } = useText()
  const initialValues: { action: { reason: string; trade: string | null } } = {
    action: { reason: '', trade: null },
  }
  return useForm({
    initialValues,
    validate: {
      action: {
        reason: (reason) =>
          needsReason(kind) && reason.trim() === '' ? t('contact.sms.reason.missing') : null,
        trade: (trade) => (kind === 'trade' && trade === null ? t('bulk.trade.missing') : null),
      },
    },
  })
}

/** Shows what a change sends, once its reason is written. */
function WhatIsSent(props: { preview: UseQueryResult<BulkPreview>; isReady: boolean }) {
  const { t } = useText()
  const { preview, isReady } = props
  return (
    <>
      {!isReady && <p className={classes.mute}>{t('bulk.notified.wait')}</p>}
      {isReady && preview.isPending && <Skeleton height={90} />}
      {isReady && preview.data !== undefined && <Preview preview={preview.data} />}
      {preview.isError && !isAboutFields(preview.error, [REASON]) && (
        <Failure error={preview.error} retry={() => void preview.refetch()} />
      )}
    </>
  )
}

/** Shows how many members a change concerns, what they are sent, when, and the cost. */
function Preview(props: { preview: BulkPreview }) {
  const { t, lang } = useText()
  const { members, skipped, notified } = props.preview
  const shown = (count: number) => ({ count, shown: countOf(lang, count) })
  return (
    <section className={classes.notified} aria-label={t('bulk.notified.read')} role="status">
      <p>{t('bulk.notified.members', { ...shown(members), skipped })}</p>
      {notified !== null && members > 0 && (
        <>
          <p>
            <b>
              {[
                t('bulk.notified.sms', {
                  ...shown(notified.sms.messages),
                  cost: moneyOf(lang, notified.sms.costCents),
                }),
                t('bulk.notified.mails', shown(notified.mails)),
              ].join(' · ')}
            </b>
          </p>
          {notified.sms.messages + notified.mails > 0 && (
            <p>{t('bulk.notified.when', { when: whenOf(lang, notified.mailsAt, serverNow()) })}</p>
          )}
          {notified.sms.messages > 0 && notified.smsAt !== notified.mailsAt && (
            <p>{t('bulk.notified.smsLater', { when: whenOf(lang, notified.smsAt, serverNow()) })}</p>
          )}
          {notified.unnotified > 0 && (
            <p className={classes.warn}>{t('bulk.notified.unnotified', shown(notified.unnotified))}</p>
          )}
          {notified.sms.example !== null && (
            <blockquote aria-label={t('bulk.notified.example')}>{notified.sms.example}</blockquote>
          )}
        </>
      )}
    </section>
  )
}
