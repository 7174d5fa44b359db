import { Button } from '@mantine/core'
import { useState } from 'react'
import type { LinkView, PeopleView, PersonRole, PersonView } from '../../../../src/people/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { momentOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { StateTag } from '../../../ui/StateTag.tsx'
import classes from './People.module.css'
import { CloseLast, PersonSessions, Recover } from './PersonDialogs.tsx'
import { peopleQuery } from './queries.ts'
import { RoleForm } from './RoleForm.tsx'
import { TONES } from './words.ts'

/** One person of the scheme with the acts on the account. Closing it is one act, without a question: it can be undone. */
export function Person(props: {
  person: PersonView
  scheme: SchemeView
  view: PeopleView
  onClosed: () => void
  onLink: (link: LinkView) => void
}) {
  const { t } = useText()
  const { person, scheme, view, onLink } = props
  const [dialog, setDialog] = useState<'recover' | 'sessions' | PersonRole | null>(null)
  const { name, state } = person
  const onDialogClose = () => setDialog(null)
  return (
    <li className={classes.person}>
      <div className={classes.who}>
        <b>{name}</b>
        <StateTag tone={TONES[state]}>{t(`people.state.${state}`)}</StateTag>
        <span className={classes.mute}>{person.mail}</span>
      </div>
      <ul className={classes.roles}>
        {person.roles.map((role) => (
          <li key={role.role}>
            <Role role={role} scheme={scheme} />
            {role.mayChange && (
              <Button
                variant="subtle"
                size="compact-sm"
                aria-label={t('people.role.change.label', { name })}
                onClick={() => setDialog(role)}
              >
                {t('people.role.change')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Access person={person} />
      <Tools person={person} scheme={scheme} onClosed={props.onClosed} onLink={onLink} onDialog={setDialog} />
      {dialog === 'recover' && (
        <Recover
          schemeId={scheme.id}
          person={person}
          mails={view.mails}
          onClose={onDialogClose}
          onLink={onLink}
        />
      )}
      {dialog === 'sessions' && (
        <PersonSessions schemeId={scheme.id} person={person} onClose={onDialogClose} />
      )}
      {typeof dialog === 'object' && dialog !== null && (
        <RoleForm scheme={scheme} view={view} person={person} of={dialog} onClose={onDialogClose} />
      )}
    </li>
  )
}

const isWaitingForLink = ({ state }: PersonView) => state === 'invited' || state === 'recovering'

/** Shows until when the link of an invitation is valid, or the last sign-in, and why a role was refused. */
function Access({ person }: { person: PersonView }) {
  const { t, lang } = useText()
  const now = useMinute()
  return (
    <p className={classes.mute}>
      {isWaitingForLink(person) && person.linkUntil !== null
        ? t('people.linkUntil', {
            until: momentOf(lang, person.linkUntil, now),
            over: String(Date.parse(person.linkUntil) <= now),
          })
        : person.lastSignInAt === null
          ? t('people.never')
          : t('people.lastSignIn', { when: momentOf(lang, person.lastSignInAt, now) })}
      {person.refusal !== null && ` · ${t(`people.refusal.${person.refusal}`)}`}
    </p>
  )
}

/** The acts on the account that its state and the rights of the user allow. */
function Tools(props: {
  person: PersonView
  scheme: SchemeView
  onClosed: () => void
  onLink: (link: LinkView) => void
  onDialog: (dialog: 'recover' | 'sessions') => void
}) {
  const { t } = useText()
  const { person, scheme, onClosed, onLink, onDialog } = props
  const { name, state, mail } = person
  const params = { scheme: scheme.id, user: person.id }
  const refresh = [peopleQuery(scheme.id).queryKey]
  const close = useAction(() => callApi('disablePerson', { params, body: {} }), {
    refresh,
    onSuccess: onClosed,
  })
  const reopen = useAction(() => callApi('enablePerson', { params }), { refresh })
  const again = useAction(() => callApi('inviteAgain', { params }), {
    refresh,
    success: ({ link }) => (link === null ? t('people.again.sent', { mail }) : undefined),
    onSuccess: (answer) => {
      if (answer.link !== null) onLink(answer)
    },
  })
  const withdraw = useAction(() => callApi('withdrawInvitation', { params }), {
    refresh,
    success: t('people.withdrawn', { name }),
  })
  const isLast = isRefusal(close.error, 'last_holder')
  return (
    <>
      <Failure
        error={isLast ? null : (close.failure ?? reopen.failure ?? again.failure ?? withdraw.failure)}
      />
      <div className={classes.tools}>
        {isWaitingForLink(person) && person.mayRecover && (
          <Button
            variant="default"
            size="xs"
            aria-label={t('people.again.label', { name })}
            loading={again.isPending}
            onClick={() => again.mutate()}
          >
            {t('people.again')}
          </Button>
        )}
        {state === 'invited' && person.mayWithdraw && (
          <Button
            variant="subtle"
            color="red"
            size="xs"
            aria-label={t('people.withdraw.label', { name })}
            loading={withdraw.isPending}
            onClick={() => withdraw.mutate()}
          >
            {t('people.withdraw')}
          </Button>
        )}
        {state === 'active' && person.mayRecover && (
          <Button
            variant="default"
            size="xs"
            aria-label={t('people.recover.label', { name })}
            onClick={() => onDialog('recover')}
          >
            {t('people.recover')}
          </Button>
        )}
        {person.mayEndSessions && person.openSessions > 0 && (
          <Button
            variant="default"
            size="xs"
            aria-label={t('people.sessions.label', { name })}
            onClick={() => onDialog('sessions')}
          >
            {t('people.sessions', { count: person.openSessions })}
          </Button>
        )}
        {state === 'disabled' && person.mayDisable && (
          <Button
            variant="default"
            size="xs"
            aria-label={t('people.reopen.label', { name })}
            loading={reopen.isPending}
            onClick={() => reopen.mutate()}
          >
            {t('people.reopen')}
          </Button>
        )}
        {(state === 'active' || state === 'recovering') && person.mayDisable && (
          <Button
            variant="subtle"
            color="red"
            size="xs"
            aria-label={t('people.close.label', { name })}
            loading={close.isPending}
            onClick={() => close.mutate()}
          >
            {t('people.close')}
          </Button>
        )}
      </div>
      {isLast && (
        <CloseLast
          schemeId={scheme.id}
          person={person}
          why={close.error}
          onClosed={onClosed}
          onClose={() => close.reset()}
        />
      )}
    </>
  )
}

function Role(props: { role: PersonRole; scheme: SchemeView }) {
  const { t, lang } = useText()
  const { role, scheme } = props
  const agency = scheme.agencies.find(({ code }) => code === role.agency)
  const trades = role.trades?.map((code) => tradeNameOf(lang, scheme.trades, code))
  return (
    <span>
      {[
        t(`people.role.${role.role}`),
        agency?.name,
        agency === undefined || agency.zone === null ? null : t('people.zone'),
        trades?.join(', '),
      ]
        .filter((part) => part != null)
        .join(' · ')}
    </span>
  )
}
