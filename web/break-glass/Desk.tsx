import { Button, Modal, Skeleton } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { BreakGlassOpening, LockedSchemes } from '../../src/break-glass/contract.ts'
import { callApi } from '../api/client.ts'
import { useSessionStream } from '../api/live.ts'
import { useAction } from '../api/useAction.ts'
import { CloseDialog, Left, WhoAndWhy } from '../console/shell/BreakGlassBar.tsx'
import { keepScheme } from '../console/shell/current.tsx'
import { ExerciseTag } from '../ui/alert/Exercise.tsx'
import { DialogButtons } from '../ui/dialog/DialogButtons.tsx'
import { useText } from '../ui/format/text.ts'
import { Empty, Failure } from '../ui/Notice.tsx'
import classes from './BreakGlass.module.css'

const lockedSchemesQuery = queryOptions({
  queryKey: ['break-glass', 'schemes'],
  queryFn: ({ signal }) => callApi('listLockedSchemes', { signal }),
})

type LockedScheme = LockedSchemes['schemes'][number]

/** Shows the actions of the open account: for each scheme its people, and the sign-in that it requires. */
export function Desk(props: { opening: BreakGlassOpening }) {
  const { t } = useText()
  const { opening } = props
  const { drill, endsAt } = opening
  const [isClosing, setClosing] = useState(false)
  // Another user may close the account.
  useSessionStream(true)
  return (
    <>
      <h1>{t('breakGlass.desk', { drill: String(drill) })}</h1>
      {drill && <ExerciseTag />}
      <div className={classes.state} data-drill={drill || undefined}>
        <Left endsAt={endsAt} />
        <p>
          <WhoAndWhy opening={opening} />
        </p>
        <p className={classes.mute}>{t(drill ? 'breakGlass.desk.drill' : 'breakGlass.desk.loud')}</p>
        <Button color="red" size="md" onClick={() => setClosing(true)}>
          {t('breakGlass.close')}
        </Button>
      </div>
      {!drill && <Schemes />}
      {isClosing && <CloseDialog opening={opening} onClose={() => setClosing(false)} />}
    </>
  )
}

function Schemes() {
  const { t } = useText()
  const list = useQuery(lockedSchemesQuery)
  const [lifting, setLifting] = useState<LockedScheme | null>(null)
  if (list.isLoadingError) return <Failure error={list.error} retry={() => void list.refetch()} />
  if (list.data === undefined) return <Skeleton height={240} radius="lg" />
  return (
    <section aria-labelledby="dispositifs" className={classes.schemes}>
      <h2 id="dispositifs">{t('breakGlass.schemes')}</h2>
      {list.data.schemes.length === 0 && <Empty title={t('breakGlass.schemes.none')} />}
      <ul>
        {list.data.schemes.map((scheme) => (
          <Scheme key={scheme.id} scheme={scheme} onLift={() => setLifting(scheme)} />
        ))}
      </ul>
      {lifting !== null && <LiftDialog scheme={lifting} onClose={() => setLifting(null)} />}
    </section>
  )
}

function Scheme(props: { scheme: LockedScheme; onLift: () => void }) {
  const { t } = useText()
  const navigate = useNavigate()
  const { scheme, onLift } = props
  const { id, name, required, chiefs, chambers } = scheme
  const showPeople = () => {
    keepScheme(id)
    void navigate({ to: '/reglages', search: { partie: 'personnes' } })
  }
  return (
    <li className={classes.scheme}>
      <h3>{name}</h3>
      <p className={classes.mute}>{t('breakGlass.scheme.people', { chiefs, chambers })}</p>
      {required.length === 0 ? (
        <p>{t('breakGlass.scheme.free')}</p>
      ) : (
        <>
          <p>{t('breakGlass.scheme.requires')}</p>
          <Required scheme={scheme} />
        </>
      )}
      <div className={classes.acts}>
        <Button variant="default" size="md" onClick={showPeople}>
          {t('breakGlass.scheme.open')}
        </Button>
        {required.length > 0 && (
          <Button size="md" onClick={onLift}>
            {t('breakGlass.lift')}
          </Button>
        )}
      </div>
    </li>
  )
}

function Required(props: { scheme: LockedScheme }) {
  const { t } = useText()
  return (
    <ul className={classes.required}>
      {props.scheme.required.map(({ role, need }) => (
        <li key={role}>
          <b>{t(`people.role.${role}`)}</b> · {t(`access.need.${need}`)}
        </li>
      ))}
    </ul>
  )
}

/** Says what is lifted before it is. */
function LiftDialog(props: { scheme: LockedScheme; onClose: () => void }) {
  const { t } = useText()
  const { scheme, onClose } = props
  const lift = useAction(() => callApi('liftRequiredSignIn', { params: { scheme: scheme.id } }), {
    refresh: [lockedSchemesQuery.queryKey],
    success: t('breakGlass.lifted', { scheme: scheme.name }),
    onSuccess: onClose,
  })
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={520}
      title={t('breakGlass.lift.title', { scheme: scheme.name })}
      closeButtonProps={{ 'aria-label': t('action.cancel') }}
    >
      <div className={classes.dialog}>
        <p>{t('breakGlass.lift.what')}</p>
        <Required scheme={scheme} />
        <p>{t('breakGlass.lift.after')}</p>
        <Failure error={lift.failure} />
        <DialogButtons onBack={onClose}>
          <Button data-autofocus loading={lift.isPending} onClick={() => lift.mutate()}>
            {t('breakGlass.lift')}
          </Button>
        </DialogButtons>
      </div>
    </Modal>
  )
}
