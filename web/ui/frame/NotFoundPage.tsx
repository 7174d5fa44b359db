import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useText } from '../format/text.ts'
import { Empty } from '../Notice.tsx'
import { Page } from '../Page.tsx'

/** Says that the address has no page, with a link home. A frame around it has the landmark `main`. */
export function NotFoundPage() {
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
