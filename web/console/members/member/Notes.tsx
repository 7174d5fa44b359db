import { Button, Skeleton, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useRef, useState } from 'react'
import type { MemberNotes } from '../../../../src/members/notes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { dayOf, momentOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { notesQuery } from '../queries.ts'

type Note = MemberNotes['notes'][number]

/** As on the server. */
const MAX_NOTE = 1000
/** From so few characters on, their number is shown. */
const FEW_LEFT = 100

/** Shows the chamber's notes on a member, which the forces and the member never see on a screen. */
export function Notes(props: { memberId: string }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const now = useMinute()
  const query = notesQuery(scheme.id, props.memberId)
  const notes = useQuery({ ...query, enabled: may('member.notes') })
  const title = useRef<HTMLHeadingElement>(null)
  const [edited, setEdited] = useState<string | null>(null)
  const refresh = [['history', scheme.id, props.memberId]]
  const paramsOf = (note: string) => ({ scheme: scheme.id, id: props.memberId, note })
  const restore = useAction((id: string) => callApi('restoreMemberNote', { params: paramsOf(id) }), {
    stores: query.queryKey,
    refresh,
    onError: (error) => void toast(error.message),
  })
  const remove = useAction((id: string) => callApi('removeMemberNote', { params: paramsOf(id) }), {
    stores: query.queryKey,
    refresh,
    onSuccess: (_, id) => {
      title.current?.focus()
      void toast(t('member.notes.removed'), () => restore.mutate(id))
    },
  })
  if (!may('member.notes')) return null
  return (
    <section aria-labelledby="member-notes">
      <h3 id="member-notes" ref={title} tabIndex={-1} className={classes.sub}>
        {t('member.notes')}
      </h3>
      {notes.isError && <Failure error={notes.error} retry={() => void notes.refetch()} />}
      {notes.isPending && <Skeleton height={60} />}
      {notes.data?.notes.length === 0 && <p className={classes.mute}>{t('member.notes.none')}</p>}
      <ul className={classes.notes}>
        {notes.data?.notes.map((note) => (
          <li key={note.id}>
            {edited === note.id ? (
              <NoteForm memberId={props.memberId} note={note} onDone={() => setEdited(null)} />
            ) : (
              <>
                <p>{note.text}</p>
                <small>
                  {[
                    momentOf(lang, note.at, now),
                    note.author,
                    note.editedAt === null
                      ? null
                      : t('member.notes.edited', { when: momentOf(lang, note.editedAt, now) }),
                  ]
                    .filter(Boolean)
                    .join(' · ')}
                </small>
                <span className={classes.contactActions}>
                  {note.own && (
                    <Button
                      variant="default"
                      size="sm"
                      aria-label={t('member.notes.edit.label', { day: dayOf(lang, note.at) })}
                      onClick={() => setEdited(note.id)}
                    >
                      {t('member.notes.edit')}
                    </Button>
                  )}
                  <Button
                    variant="subtle"
                    size="sm"
                    aria-label={t('member.notes.remove.label', { day: dayOf(lang, note.at) })}
                    loading={remove.isPending && remove.variables === note.id}
                    onClick={() => remove.mutate(note.id)}
                  >
                    {t('member.notes.remove')}
                  </Button>
                </span>
              </>
            )}
          </li>
        ))}
      </ul>
      <Failure error={remove.failure} />
      {notes.data !== undefined && <NoteForm memberId={props.memberId} note={null} onDone={() => {}} />}
    </section>
  )
}

/** Adds a note, or edits one. Ctrl+Enter saves; Escape ends an edit. */
function NoteForm(props: { memberId: string; note: Note | null; onDone: () => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { note } = props
  const [id, setId] = useState(() => note?.id ?? newId())
  const [text, setText] = useState(note?.text ?? '')
  const save = useAction(
    () =>
      callApi('saveMemberNote', {
        params: { scheme: scheme.id, id: props.memberId, note: id },
        body: { text },
      }),
    {
      fields: ['text'],
      stores: notesQuery(scheme.id, props.memberId).queryKey,
      refresh: [['history', scheme.id, props.memberId]],
      onSuccess: () => {
        if (note === null) {
          setText('')
          setId(newId())
        }
        props.onDone()
      },
    },
  )
  const isEmpty = text.trim() === ''
  const send = () => {
    if (!isEmpty && !save.isPending) save.mutate()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      // The panel has a button that these keys press, too (dialogKey.ts).
      event.preventDefault()
      event.stopPropagation()
      send()
    }
    if (event.key === 'Escape' && note !== null) {
      // The panel stays open.
      event.stopPropagation()
      event.nativeEvent.stopImmediatePropagation()
      props.onDone()
    }
  }
  const left = MAX_NOTE - text.length
  return (
    <form
      className={classes.noteForm}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <Textarea
        label={
          note === null
            ? t('member.notes.label')
            : t('member.notes.edit.label', { day: dayOf(lang, note.at) })
        }
        autosize
        minRows={2}
        maxRows={8}
        maxLength={MAX_NOTE}
        value={text}
        {...(note !== null && { autoFocus: true })}
        description={left <= FEW_LEFT ? t('member.notes.left', { count: left }) : undefined}
        error={save.problemAt('text')}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {note === null ? (
        <span className={classes.contactActions}>
          <Button type="submit" variant="default" size="sm" loading={save.isPending} disabled={isEmpty}>
            {t('member.notes.add')}
          </Button>
        </span>
      ) : (
        <DialogButtons size="sm" onBack={props.onDone} back={t('action.cancel')}>
          <Button type="submit" size="sm" loading={save.isPending} disabled={isEmpty}>
            {t('member.notes.edit.save')}
          </Button>
        </DialogButtons>
      )}
      <Failure error={save.failure} />
    </form>
  )
}
