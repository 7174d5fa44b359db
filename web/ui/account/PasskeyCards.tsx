import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { PasskeyList } from '../../../src/identity/passkeys/webauthn-contract.ts'
import { useAction } from '../../api/useAction.ts'
import { StepForm } from '../fields/StepForm.tsx'
import { dayOf } from '../format/format.ts'
import { useText } from '../format/text.ts'
import { Failure } from '../Notice.tsx'
import classes from './PasskeyCards.module.css'
import { hasPasskeys, passkeyMessageKey } from './passkeys.ts'

type Passkeys = PasskeyList['passkeys']

/** The requests and texts in which the passkeys of members and of console accounts differ. */
export interface PasskeyActions<List> {
  /** The session of the requests. */
  readonly session: 'console' | 'portal'
  readonly make: (name: string) => Promise<List>
  readonly remove: (id: string) => Promise<List>
  readonly onTake: (next: List) => void
  /** Message for a device that already has a passkey. */
  readonly already: string
}

/** Lists passkeys, each with its removal, and adds one on this device. */
export function PasskeyCards<List extends object>(props: {
  passkeys: Passkeys
  actions: PasskeyActions<List>
}) {
  const { t } = useText()
  const { passkeys, actions } = props
  return (
    <>
      {passkeys.length === 0 ? (
        <p>{t('passkeys.none')}</p>
      ) : (
        <ul className={classes.list} aria-label={t('passkeys.title')}>
          {passkeys.map((one) => (
            <li key={one.id}>
              <Passkey passkey={one} actions={actions} />
            </li>
          ))}
        </ul>
      )}
      {hasPasskeys() ? <Add actions={actions} /> : <p className={classes.meta}>{t('passkeys.cannot')}</p>}
    </>
  )
}

function Passkey<List extends object>(props: { passkey: Passkeys[number]; actions: PasskeyActions<List> }) {
  const { t, lang } = useText()
  const { passkey, actions } = props
  const remove = useAction(() => actions.remove(passkey.id), {
    session: actions.session,
    success: t('passkeys.removed', { name: passkey.name }),
    onSuccess: (next) => actions.onTake(next),
  })
  return (
    <>
      <div className={classes.head}>
        <h3>{passkey.name}</h3>
        <Button
          variant="subtle"
          color="red"
          loading={remove.isPending}
          aria-label={t('passkeys.remove.one', { name: passkey.name })}
          onClick={() => remove.mutate()}
        >
          {t('passkeys.remove')}
        </Button>
      </div>
      <p className={classes.meta}>
        {[
          t('passkeys.added', { day: dayOf(lang, passkey.createdAt) }),
          passkey.usedAt === null
            ? t('passkeys.unused')
            : t('passkeys.used', { day: dayOf(lang, passkey.usedAt) }),
        ].join(' · ')}
      </p>
      <Failure error={remove.failure} />
    </>
  )
}

function Add<List extends object>(props: { actions: PasskeyActions<List> }) {
  const { t } = useText()
  const { actions } = props
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const add = useAction<List | 'closed' | 'already'>(
    async () => {
      try {
        return await actions.make(name)
      } catch (error) {
        const problem = passkeyMessageKey(error)
        if (problem === undefined) throw error
        return problem
      }
    },
    {
      fields: ['name'],
      session: actions.session,
      success: (next) => (typeof next === 'string' ? undefined : t('passkeys.done')),
      onSuccess: (next) => {
        if (typeof next === 'string') return
        actions.onTake(next)
        setOpen(false)
        setName('')
      },
    },
  )
  const messages = { closed: t('passkeys.closed'), already: actions.already }
  if (!isOpen) {
    return (
      <div>
        <Button variant="light" onClick={() => setOpen(true)}>
          {t('passkeys.add')}
        </Button>
      </div>
    )
  }
  return (
    <StepForm
      step={add}
      next={t('passkeys.make')}
      back={{
        label: t('action.cancel'),
        go: () => {
          setOpen(false)
          add.reset()
        },
      }}
    >
      <TextInput
        size="md"
        label={t('passkeys.name')}
        description={t('passkeys.name.how')}
        maxLength={100}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={add.problemAt('name') ?? (typeof add.data === 'string' ? messages[add.data] : undefined)}
      />
    </StepForm>
  )
}
