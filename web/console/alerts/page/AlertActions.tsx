import { Button, Group, Modal } from '@mantine/core'
import IconChecks from '@tabler/icons-react/icons/IconChecks'
import IconEdit from '@tabler/icons-react/icons/IconEdit'
import IconGavel from '@tabler/icons-react/icons/IconGavel'
import IconHandStop from '@tabler/icons-react/icons/IconHandStop'
import IconMessagePlus from '@tabler/icons-react/icons/IconMessagePlus'
import IconReport from '@tabler/icons-react/icons/IconReport'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpKind } from '../../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { isAuthorisationDenied } from '../../approval/authorisation/denied.ts'
import { useCurrent } from '../../shell/current.tsx'
import { followUpsOf, isOver, waitingOf } from '../follow-up/followUp.ts'
import { type TypeAhead, typeAhead } from '../follow-up/followUpDraft.ts'
import classes from './AlertPage.module.css'

const forms = () => import('../follow-up/forms.ts')
const FollowUpForm = lazy(() => forms().then((module) => ({ default: module.FollowUpForm })))
const OutcomeForm = lazy(() => forms().then((module) => ({ default: module.OutcomeForm })))

const icons = { update: IconMessagePlus, correction: IconEdit, all_clear: IconChecks } as const

/** Shows the actions on a sent alert: write a follow-up, stop it, end it, record the outcome. */
export function AlertActions(props: { alert: AlertView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const client = useQueryClient()
  const [asking, setAsking] = useState<FollowUpKind | 'stop' | 'outcome' | null>(null)
  const { alert } = props
  // Keys typed right after the button are kept for the form, which may still be loading.
  const ahead = useRef<TypeAhead | null>(null)
  const typed = () => {
    const letters = ahead.current?.take() ?? ''
    ahead.current = null
    return letters
  }
  const ask = (what: NonNullable<typeof asking>) => {
    typed()
    if (what !== 'stop' && what !== 'outcome') ahead.current = typeAhead()
    setAsking(what)
  }
  const close = () => {
    typed()
    setAsking(null)
  }
  const { suite } = useSearch({ from: '/shell/alertes/$alertId' })
  const navigate = useNavigate()
  // The address asks to write a follow-up: opened once, whatever happens to the page afterwards.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address alone asks for it
  useEffect(() => {
    if (suite === undefined) return
    if (may('alert.follow_up') && followUpsOf(alert).includes(suite)) ask(suite)
    void navigate({ to: '.', search: {}, replace: true })
  }, [suite])
  useEffect(() => {
    void forms()
    return () => void ahead.current?.take()
  }, [])
  const waiting = waitingOf(alert)
  const done = async (said: string) => {
    setAsking(null)
    void toast(said)
    await client.invalidateQueries({ queryKey: ['alert', scheme.id, alert.id] })
    // The button that had the focus may disappear with its state.
    if (document.activeElement === document.body) {
      document.getElementById('contenu')?.focus({ preventScroll: true })
    }
    await client.invalidateQueries({ queryKey: ['alerts', scheme.id] })
  }
  const stop = useAction(() => callApi('stopAlert', { params: { scheme: scheme.id, id: alert.id } }), {
    onSuccess: () => done(t('alert.stop.done')),
  })
  const mayStop = alert.state === 'broadcasting' && may('alert.stop')
  const kinds = may('alert.follow_up') ? followUpsOf(alert) : []
  const mayConclude = isOver(alert) && may('alert.follow_up')
  const isDenied = isAuthorisationDenied(alert)
  if (!mayStop && kinds.length === 0 && !mayConclude && !isDenied) return null
  return (
    <Group gap={8}>
      {isDenied && (
        <div role="alert" className={classes.denied}>
          <IconGavel size={18} aria-hidden />
          <p>{t(mayStop ? 'authorisation.denied.running' : 'authorisation.denied.left')}</p>
          {mayStop && (
            <Button color="red" size="compact-md" onClick={() => setAsking('stop')}>
              {t('alert.stop')}
            </Button>
          )}
        </div>
      )}
      {kinds.map((kind) => {
        const Icon = icons[kind]
        return (
          <Button
            key={kind}
            variant="default"
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => ask(kind)}
          >
            {t(`followUp.${kind}`)}
          </Button>
        )
      })}
      {mayConclude && (
        <Button
          variant="default"
          leftSection={<IconReport size={16} aria-hidden />}
          onClick={() => ask('outcome')}
        >
          {t('outcome.button')}
        </Button>
      )}
      {mayStop && (
        <Button
          color="red"
          variant="outline"
          leftSection={<IconHandStop size={16} aria-hidden />}
          onClick={() => setAsking('stop')}
        >
          {t('alert.stop')}
        </Button>
      )}
      <Modal
        opened={asking === 'stop'}
        onClose={() => setAsking(null)}
        title={t('alert.stop.title')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <KeepFocus />
        <p>{t('alert.stop.what')}</p>
        <Failure error={stop.failure} />
        <DialogButtons onBack={() => setAsking(null)}>
          <Button data-autofocus color="red" loading={stop.isPending} onClick={() => stop.mutate()}>
            {t('alert.stop')}
          </Button>
        </DialogButtons>
      </Modal>
      <Suspense>
        {asking === 'outcome' && <OutcomeForm alert={alert} onDone={done} onClose={close} />}
        {asking !== null && asking !== 'stop' && asking !== 'outcome' && (
          <FollowUpForm
            kind={asking}
            alert={alert}
            // A pending follow-up of the same kind is opened instead of a new one.
            from={waiting?.kind === asking ? waiting : null}
            typed={typed}
            onDone={done}
            onClose={close}
          />
        )}
      </Suspense>
    </Group>
  )
}
