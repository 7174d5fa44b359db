import { Button, Modal, Skeleton, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import type { LinkView, PersonView } from '../../../../src/people/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { SessionRow } from '../../../ui/account/SessionRow.tsx'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import classes from './People.module.css'
import { peopleQuery, sessionsQuery } from './queries.ts'

interface DialogProps {
  readonly schemeId: string
  readonly person: PersonView
  readonly onClose: () => void
}

const MODAL = { opened: true, transitionProps: { duration: 0 } } as const

/** Asks for the reason to close the last active holder of a role that the scheme needs. */
export function CloseLast(props: DialogProps & { why: unknown; onClosed: () => void }) {
  const { t } = useText()
  const { schemeId, person, onClose } = props
  const form = useForm({
    initialValues: { reason: '' },
    validate: { reason: (reason) => (reason.trim() === '' ? t('approvals.reason.missing') : null) },
  })
  const close = useAction(
    () =>
      callApi('disablePerson', {
        params: { scheme: schemeId, user: person.id },
        body: form.values,
      }),
    {
      form,
      refresh: [peopleQuery(schemeId).queryKey],
      onSuccess: () => {
        props.onClosed()
        onClose()
      },
    },
  )
  return (
    <Modal
      {...MODAL}
      onClose={onClose}
      size={480}
      title={t('people.close.title', { name: person.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        className={classes.form}
        noValidate
        onSubmit={form.onSubmit(() => {
          if (!close.isPending) close.mutate()
        })}
      >
        <Failure error={close.failure ?? props.why} />
        <Textarea
          data-autofocus
          label={t('people.last.reason')}
          maxLength={500}
          required
          {...form.getInputProps('reason')}
        />
        <DialogButtons onBack={onClose} back={t('action.cancel')}>
          <Button color="red" type="submit" loading={close.isPending}>
            {t('people.close')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}

/** Lets a person who lost password or phone back in, after saying what that does. */
export function Recover(props: DialogProps & { mails: boolean; onLink: (link: LinkView) => void }) {
  const { t } = useText()
  const { schemeId, person, mails, onClose } = props
  const recover = useAction(
    () => callApi('recoverPerson', { params: { scheme: schemeId, user: person.id } }),
    {
      refresh: [peopleQuery(schemeId).queryKey],
      success: ({ link }) => (link === null ? t('people.recover.sent', { mail: person.mail }) : undefined),
      onSuccess: (answer) => {
        if (answer.link !== null) props.onLink(answer)
        onClose()
      },
    },
  )
  return (
    <Modal
      {...MODAL}
      onClose={onClose}
      size={480}
      title={t('people.recover.title', { name: person.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <div className={classes.form}>
        <p>{t('people.recover.what', { mail: person.mail, how: mails ? 'mail' : 'hand' })}</p>
        <Failure error={recover.failure} />
        <DialogButtons onBack={onClose} back={t('action.cancel')}>
          <Button data-autofocus loading={recover.isPending} onClick={() => recover.mutate()}>
            {t('people.recover.do')}
          </Button>
        </DialogButtons>
      </div>
    </Modal>
  )
}

/** Lists the open sessions of a person, and ends one or all of them. */
export function PersonSessions(props: DialogProps) {
  const { t } = useText()
  const { schemeId, person, onClose } = props
  const { queryKey } = sessionsQuery(schemeId, person.id)
  const list = useQuery(sessionsQuery(schemeId, person.id))
  const end = useAction(
    (id?: string) =>
      callApi('endPersonSessions', {
        params: { scheme: schemeId, user: person.id },
        body: id === undefined ? {} : { id },
      }),
    { stores: queryKey, onSuccess: () => void list.refetch(), refresh: [peopleQuery(schemeId).queryKey] },
  )
  const sessions = list.data?.sessions ?? []
  return (
    <Modal
      {...MODAL}
      onClose={onClose}
      size={520}
      title={t('people.sessions.title', { name: person.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <div className={classes.form}>
        {list.isPending && <Skeleton height={96} />}
        {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && sessions.length === 0 && <p role="status">{t('sessions.none')}</p>}
        {sessions.length > 0 && (
          <ul className={classes.people}>
            {sessions.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                isEnding={end.isPending}
                onEnd={() => end.mutate(session.id)}
              />
            ))}
          </ul>
        )}
        <Failure error={end.failure} />
        <DialogButtons onBack={onClose} back={t('action.close')}>
          <Button
            color="red"
            disabled={sessions.length === 0}
            loading={end.isPending}
            onClick={() => end.mutate(undefined)}
          >
            {t('sessions.endAll')}
          </Button>
        </DialogButtons>
      </div>
    </Modal>
  )
}
