import { Button, SegmentedControl } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useText } from '../ui/format/text.ts'
import { Empty } from '../ui/Notice.tsx'
import { Page } from '../ui/Page.tsx'

/** Replaces a page of the demo on a production installation. */
export function DemoOnly() {
  const { t } = useText()
  return (
    <Page title={t('notFound.title')}>
      <Empty title={t('notFound.why')}>
        <Button component={Link} to="/" mt={8}>
          {t('notFound.home')}
        </Button>
      </Empty>
    </Page>
  )
}

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
