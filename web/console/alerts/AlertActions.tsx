import { Button, Group, Modal } from '@mantine/core'
import IconHandStop from '@tabler/icons-react/icons/IconHandStop'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { inScheme, post } from '../../api/client.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'

/** Stop what has not left, or end an alert: each asks once more. */
export function AlertActions(props: { alert: AlertView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const client = useQueryClient()
  const [asking, setAsking] = useState<'stop' | 'end' | null>(null)
  const { alert } = props
  const act = useMutation({
    mutationFn: (verb: 'stop' | 'end') => post<AlertView>(inScheme(scheme.id, `/alerts/${alert.id}/${verb}`)),
    onSuccess: async () => {
      setAsking(null)
      await client.invalidateQueries({ queryKey: ['alert', scheme.id, alert.id] })
      // The button that had the focus is gone with its state.
      document.getElementById('contenu')?.focus({ preventScroll: true })
      await client.invalidateQueries({ queryKey: ['alerts', scheme.id] })
    },
  })
  const mayStop = alert.state === 'broadcasting' && may('alert.stop')
  const mayEnd = ['active', 'updated'].includes(alert.state) && may('alert.close')
  if (!mayStop && !mayEnd) return null
  return (
    <Group gap={8}>
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
      {mayEnd && (
        <Button variant="default" onClick={() => setAsking('end')}>
          {t('alert.end')}
        </Button>
      )}
      <Modal
        opened={asking !== null}
        onClose={() => setAsking(null)}
        title={asking === 'stop' ? t('alert.stop.title') : t('alert.end.title')}
        closeButtonProps={{ 'aria-label': t('action.close') }}
      >
        <p>{asking === 'stop' ? t('alert.stop.what') : t('alert.end.what')}</p>
        {act.isError && <Failure error={act.error} />}
        <Group justify="flex-end" mt={24} gap={8}>
          <Button variant="default" onClick={() => setAsking(null)}>
            {t('confirm.back')}
          </Button>
          <Button
            data-autofocus
            {...(asking === 'stop' && { color: 'red' })}
            loading={act.isPending}
            onClick={() => asking !== null && act.mutate(asking)}
          >
            {asking === 'stop' ? t('alert.stop') : t('alert.end')}
          </Button>
        </Group>
      </Modal>
    </Group>
  )
}
