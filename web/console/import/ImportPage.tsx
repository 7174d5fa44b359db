import { Button, Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { ApiError } from '../../api/client.ts'
import { useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { membersChanged } from '../members/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import { Applied } from './Applied.tsx'
import { Cells } from './Cells.tsx'
import { Columns } from './Columns.tsx'
import { DropZone } from './DropZone.tsx'
import classes from './Import.module.css'
import { uploadQuery, uploadsQuery } from './queries.ts'
import { Rows } from './Rows.tsx'
import { RUNNING_EVERY_MS, Running } from './Running.tsx'
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
  const client = useQueryClient()
  const upload = useQuery({
    ...uploadQuery(scheme.id, props.id),
    refetchInterval: ({ state }) => (state.data?.running == null ? false : RUNNING_EVERY_MS),
  })
  const isRunning = upload.data?.running != null
  const wasRunning = useRef(false)
  useEffect(() => {
    if (wasRunning.current && !isRunning) {
      for (const queryKey of [uploadsQuery(scheme.id).queryKey, ...membersChanged(scheme.id)])
        void client.invalidateQueries({ queryKey })
      document.getElementById('contenu')?.focus({ preventScroll: true })
    }
    wasRunning.current = isRunning
  }, [client, isRunning, scheme.id])
  const check = useCheck(scheme.id, props.id)
  if (upload.isPending) return <Skeleton height={420} radius="lg" />
  if (upload.error instanceof ApiError && upload.error.status === 404) {
    return (
      <Empty title={t('import.gone')}>
        <Button component={Link} to="/importer" mt={8}>
          {t('import.again')}
        </Button>
      </Empty>
    )
  }
  if (upload.isLoadingError) return <Failure error={upload.error} retry={() => void upload.refetch()} />
  const { data } = upload
  if (data.appliedAt !== null) return <Applied upload={data} />
  if (data.running !== null) return <Running fileName={data.fileName} running={data.running} />
  return (
    <div className={classes.steps}>
      {data.erased > 0 && (
        <p className={classes.mute} role="status">
          {t('import.erased', { count: data.erased })}
        </p>
      )}
      {data.failure !== null && (
        <div className={classes.missing} role="alert">
          <p>{t('import.failed')}</p>
          <p>{data.failure.message}</p>
        </div>
      )}
      <Columns upload={data} />
      {data.missing.length === 0 && <Cells upload={data} />}
      {data.missing.length === 0 && <Rows upload={data} check={check} />}
      {data.missing.length === 0 && <Summary upload={data} check={check} />}
    </div>
  )
}
