import { Button, Skeleton, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { PasskeyList } from '../../src/portal/contract.ts'
import { callApi } from '../api/client.ts'
import { passkeysQuery } from '../api/portal.ts'
import { useAction } from '../api/useAction.ts'
import { dayOf } from '../ui/format.ts'
import { Failure } from '../ui/Notice.tsx'
import { StepForm } from '../ui/StepForm.tsx'
import { useText } from '../ui/text.ts'
import classes from './Portal.module.css'
import { deviceSaid, hasPasskeys, makePasskey } from './passkeys.ts'

/** Lists the devices that can sign in by fingerprint, face or their own code. */
export function Passkeys() {
  const { t } = useText()
  const client = useQueryClient()
  const list = useQuery(passkeysQuery)
  const take = (next: PasskeyList) => client.setQueryData(passkeysQuery.queryKey, next)
  return (
    <section className={classes.card} aria-labelledby="cles">
      <h2 id="cles">{t('portal.passkeys')}</h2>
      <p className={classes.hint}>{t('portal.passkeys.what')}</p>
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={48} />}
      {list.data !== undefined && (
        <>
          {list.data.passkeys.length === 0 ? (
            <p>{t('portal.passkeys.none')}</p>
          ) : (
            <ul className={classes.list} aria-label={t('portal.passkeys')}>
              {list.data.passkeys.map((one) => (
                <li key={one.id}>
                  <Passkey passkey={one} onTake={take} />
                </li>
              ))}
            </ul>
          )}
          {hasPasskeys() ? (
            <Add onTake={take} />
          ) : (
            <p className={classes.hint}>{t('portal.passkeys.cannot')}</p>
          )}
        </>
      )}
    </section>
  )
}

function Passkey(props: { passkey: PasskeyList['passkeys'][number]; onTake: (next: PasskeyList) => void }) {
  const { t, lang } = useText()
  const { passkey } = props
  const remove = useAction(() => callApi('removePasskey', { params: { id: passkey.id } }), {
    session: 'portal',
    success: t('portal.passkeys.removed', { name: passkey.name }),
    onSuccess: (next) => props.onTake(next),
  })
  return (
    <>
      <div className={classes.alertHead}>
        <h3>{passkey.name}</h3>
        <Button
          variant="subtle"
          color="red"
          loading={remove.isPending}
          aria-label={t('portal.passkeys.remove.one', { name: passkey.name })}
          onClick={() => remove.mutate()}
        >
          {t('portal.passkeys.remove')}
        </Button>
      </div>
      <p className={classes.meta}>
        {[
          t('portal.passkeys.added', { day: dayOf(lang, passkey.createdAt) }),
          passkey.usedAt === null
            ? t('portal.passkeys.unused')
            : t('portal.passkeys.used', { day: dayOf(lang, passkey.usedAt) }),
        ].join(' · ')}
      </p>
      <Failure error={remove.failure} />
    </>
  )
}

function Add(props: { onTake: (next: PasskeyList) => void }) {
  const { t } = useText()
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const add = useAction(
    async () => {
      try {
        return await makePasskey(name)
      } catch (error) {
        const said = deviceSaid(error)
        if (said === undefined) throw error
        return said
      }
    },
    {
      fields: ['name'],
      session: 'portal',
      success: (next) => (typeof next === 'string' ? undefined : t('portal.passkeys.done')),
      onSuccess: (next) => {
        if (typeof next === 'string') return
        props.onTake(next)
        setOpen(false)
        setName('')
      },
    },
  )
  if (!isOpen) {
    return (
      <div>
        <Button variant="light" onClick={() => setOpen(true)}>
          {t('portal.passkeys.add')}
        </Button>
      </div>
    )
  }
  return (
    <StepForm
      step={add}
      next={t('portal.passkeys.make')}
      back={{
        label: t('portal.cancel'),
        go: () => {
          setOpen(false)
          add.reset()
        },
      }}
    >
      <TextInput
        size="md"
        label={t('portal.passkeys.name')}
        description={t('portal.passkeys.name.how')}
        maxLength={100}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={
          add.problemAt('name') ??
          (typeof add.data === 'string' ? t(`portal.passkeys.${add.data}`) : undefined)
        }
      />
    </StepForm>
  )
}
