import { Button } from '@mantine/core'
import { ApiError } from '../../api/client.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'

/** Shows why a dialog does not open: the server does not respond, or its code can be loaded by another page only. */
export function DialogFailure(props: { error: unknown; retry: () => void }) {
  const { t } = useText()
  const { error, retry } = props
  if (error instanceof ApiError) return <Failure error={error} retry={retry} />
  return (
    <Failure error={error}>
      <Button size="xs" variant="default" mt={8} onClick={() => location.reload()}>
        {t('action.reload')}
      </Button>
    </Failure>
  )
}
