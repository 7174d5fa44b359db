import IconFileSpreadsheet from '@tabler/icons-react/icons/IconFileSpreadsheet'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { FileDrop } from '../../ui/FileDrop.tsx'
import { momentOf } from '../../ui/format.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useMinute } from '../../ui/now.ts'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Import.module.css'
import { uploadQuery, uploadsQuery } from './queries.ts'

const ACCEPTED = '.csv,.txt,.tsv,.xlsx'

/** Lets a file be dropped or chosen, and lists unfinished imports. */
export function DropZone() {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const navigate = useNavigate()
  const now = useMinute()
  const begun = useQuery(uploadsQuery(scheme.id)).data ?? []
  const open = useAction(
    (file: File) =>
      callApi('openUpload', {
        params: { scheme: scheme.id },
        query: { name: file.name.slice(-200) },
        body: file,
      }),
    {
      stores: (upload) => uploadQuery(scheme.id, upload.id).queryKey,
      refresh: [uploadsQuery(scheme.id).queryKey],
      onSuccess: (upload) => {
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
        <section aria-label={t('import.begun')}>
          <h2 className={classes.sub}>{t('import.begun')}</h2>
          <ul className={classes.begun}>
            {begun.map((one) => (
              <li key={one.id}>
                <Link to="/importer" search={{ liste: one.id }}>
                  {one.fileName}
                </Link>{' '}
                <span className={classes.mute}>
                  {t('import.begun.what', { rows: one.rows, moment: momentOf(lang, one.createdAt, now) })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}
