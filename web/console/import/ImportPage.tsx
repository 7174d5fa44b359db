import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { ApiError } from '../../api/client.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { Applied } from './Applied.tsx'
import { Cells } from './Cells.tsx'
import { Columns } from './Columns.tsx'
import { DropZone } from './DropZone.tsx'
import classes from './Import.module.css'
import { uploadQuery } from './queries.ts'
import { Rows } from './Rows.tsx'
import { Summary } from './Summary.tsx'
import { useCheck } from './useCheck.ts'

export interface ImportSearch {
  /** The id of the uploaded list. */
  liste?: string
}

/** Imports a list of members: upload it, check its columns, correct its rows, review, import, undo. */
export function ImportPage() {
  const { t } = useText()
  const { liste } = useSearch({ from: '/shell/importer' })
  return (
    <Page title={t('nav.import')} lead={t('import.lead')}>
      {liste === undefined ? <DropZone /> : <Upload key={liste} id={liste} />}
    </Page>
  )
}

function Upload(props: { id: string }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const upload = useQuery(uploadQuery(scheme.id, props.id))
  const check = useCheck(scheme.id, props.id)
  if (upload.isPending) return <Skeleton height={420} radius="lg" />
  if (upload.isError) {
    const isGone = upload.error instanceof ApiError && upload.error.status === 404
    if (!isGone) return <Failure error={upload.error} retry={() => void upload.refetch()} />
    return (
      <Empty title={t('import.gone')}>
        <Button component={Link} to="/importer" mt={8}>
          {t('import.again')}
        </Button>
      </Empty>
    )
  }
  const { data } = upload
  if (data.appliedAt !== null) return <Applied upload={data} />
  return (
    <div className={classes.steps}>
      {data.erased > 0 && (
        <p className={classes.mute} role="status">
          {t('import.erased', { count: data.erased })}
        </p>
      )}
      <Columns upload={data} />
      {data.missing.length === 0 && <Cells upload={data} />}
      {data.missing.length === 0 && <Rows upload={data} check={check} />}
      {data.missing.length === 0 && <Summary upload={data} check={check} />}
    </div>
  )
}
