import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { ApiError } from '../api/client.ts'
import { useText } from '../ui/format/text.ts'
import { Empty, Failure } from '../ui/Notice.tsx'

/** An unknown scheme, or a server that could not be reached. */
export function NoScheme(props: { error: unknown; retry: () => void }) {
  const { t } = useText()
  if (!(props.error instanceof ApiError) || props.error.status !== 404)
    return (
      <>
        <h1>{t('join.broken')}</h1>
        <Failure error={props.error} retry={props.retry} />
      </>
    )
  return (
    <>
      <h1>{t('join.unknown')}</h1>
      <Empty title={t('join.unknown.why')}>
        <Button component={Link} to="/" mt={8}>
          {t('notFound.home')}
        </Button>
      </Empty>
    </>
  )
}
