import IconFileSpreadsheet from '@tabler/icons-react/icons/IconFileSpreadsheet'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useRef } from 'react'
import type { UploadSummary } from '../../../src/imports/uploads/contract.ts'
import { callApi } from '../../api/client.ts'
import { newId } from '../../api/ids.ts'
import { useAction } from '../../api/useAction.ts'
import { FileDrop } from '../../ui/fields/FileDrop.tsx'
import { momentOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { type FormatMessage, useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './Import.module.css'
import { uploadQuery, uploadsQuery } from './queries.ts'
import { RUNNING_EVERY_MS } from './Running.tsx'

const ACCEPTED = '.csv,.txt,.tsv,.xlsx'

/** Lets a file be dropped or chosen, and lists the imports of the last day. */
export function DropZone() {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const navigate = useNavigate()
  const now = useMinute()
  const { data = [] } = useQuery({
    ...uploadsQuery(scheme.id),
    refetchInterval: ({ state }) =>
      state.data?.some(({ running }) => running !== null) === true ? RUNNING_EVERY_MS : false,
  })
  const begun = data.filter(({ appliedAt }) => appliedAt === null)
  const imported = data.filter(({ appliedAt }) => appliedAt !== null)
  const sent = useRef<{ readonly file: string; readonly id: string }>(undefined)
  // A file that is dropped again after its answer was lost keeps its id.
  const idOf = ({ name, size, lastModified }: File) => {
    const file = JSON.stringify([scheme.id, name, size, lastModified])
    if (sent.current?.file !== file) sent.current = { file, id: newId() }
    return sent.current.id
  }
  const open = useAction(
    (file: File) =>
      callApi('openUpload', {
        params: { scheme: scheme.id },
        query: { name: file.name.slice(-200), id: idOf(file) },
        body: file,
      }),
    {
      stores: (upload) => uploadQuery(scheme.id, upload.id).queryKey,
      refresh: [uploadsQuery(scheme.id).queryKey],
      onSuccess: (upload) => {
        sent.current = undefined
        void navigate({ to: '/importer', search: { liste: upload.id } })
      },
    },
  )
  return (
    <>
      <FileDrop
        className={classes.drop}
        label={t('import.drop')}
        choose={t('import.choose')}
        accept={ACCEPTED}
        isBusy={open.isPending}
        formats={<p className={classes.mute}>{t('import.formats')}</p>}
        onFile={open.mutate}
      >
        <IconFileSpreadsheet size={40} stroke={1.4} aria-hidden />
        <p className={classes.dropTitle}>{t('import.drop.here')}</p>
      </FileDrop>
      <Failure error={open.failure} />
      {begun.length > 0 && (
        <UploadList
          title={t('import.begun')}
          uploads={begun}
          said={(one) => begunText(t, one, momentOf(lang, one.createdAt, now))}
        />
      )}
      {imported.length > 0 && (
        <UploadList
          title={t('import.recent')}
          uploads={imported}
          said={({ written }) => t('import.applied', { created: 0, updated: 0, ...written, skipped: 0 })}
        />
      )}
    </>
  )
}

function begunText(t: FormatMessage, { rows, running, failure }: UploadSummary, moment: string): string {
  if (failure !== null) return t('import.begun.failed')
  if (running === null) return t('import.begun.what', { rows, moment })
  if (running.isReverting) return t('import.running.reverting')
  if (running.total === null) return t('import.running.preparing')
  return t('import.running.done', { done: running.done, total: running.total })
}

function UploadList(props: {
  title: string
  uploads: readonly UploadSummary[]
  said: (upload: UploadSummary) => string
}) {
  return (
    <section aria-label={props.title}>
      <h2 className={classes.sub}>{props.title}</h2>
      <ul className={classes.begun}>
        {props.uploads.map((one) => (
          <li key={one.id}>
            <Link to="/importer" search={{ liste: one.id }}>
              {one.fileName}
            </Link>{' '}
            <span className={classes.mute}>{props.said(one)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
