import { SegmentedControl } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useText } from '../ui/format/text.ts'

/** Shows what members received: SMS on the wall of phones, or mails. */
export function Received(props: { shown: 'phones' | 'mails' }) {
  const { t } = useText()
  const navigate = useNavigate()
  return (
    <SegmentedControl
      aria-label={t('mails.received')}
      value={props.shown}
      onChange={(shown) => void navigate({ to: shown === 'mails' ? '/courriels' : '/telephones' })}
      data={[
        { value: 'phones', label: t('mails.received.phones') },
        { value: 'mails', label: t('mails.received.mails') },
      ]}
    />
  )
}
