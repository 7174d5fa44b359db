import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useText } from '../format/text.ts'
import { Empty } from '../Notice.tsx'
import { Page } from '../Page.tsx'
import classes from './NotFoundPage.module.css'

/** Says that the address has no page, with a link home. A frame around it has the landmark `main`. */
export function NotFoundPage() {
  const { t } = useText()
  return (
    <Page title={t('notFound.title')}>
      <div className={classes.large}>
        <Empty title={t('notFound.why')}>
          <Button component={Link} to="/" size="lg" mt={8}>
            {t('notFound.home')}
          </Button>
        </Empty>
      </div>
    </Page>
  )
}
