import { Button, Select } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { haveOwnYears } from '../../../src/imports/import/columns/title-years.ts'
import type { UploadView } from '../../../src/imports/uploads/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useCurrent } from '../shell/current.tsx'
import { fieldChoices } from './fields.ts'
import classes from './Import.module.css'
import { uploadQuery, uploadsQuery } from './queries.ts'

/** Shows what was recognised in each column, and lets it be corrected. */
export function Columns(props: { upload: UploadView }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const client = useQueryClient()
  const navigate = useNavigate()
  const { upload } = props
  const fields = upload.columns.map(({ field }) => field)
  const save = useAction(
    (chosen: (string | null)[]) =>
      callApi('setUploadColumns', { params: { scheme: scheme.id, id: upload.id }, body: { fields: chosen } }),
    {
      stores: uploadQuery(scheme.id, upload.id).queryKey,
      refresh: [
        ['upload-rows', scheme.id, upload.id],
        ['upload-cells', scheme.id, upload.id],
      ],
    },
  )
  const drop = useAction(() => callApi('dropUpload', { params: { scheme: scheme.id, id: upload.id } }), {
    refresh: [uploadsQuery(scheme.id).queryKey],
    onSuccess: async () => {
      await navigate({ to: '/importer', search: {} })
      client.removeQueries({ queryKey: ['upload', scheme.id, upload.id] })
    },
  })
  const begin = useAction(
    (line: number) =>
      callApi('setUploadHeader', { params: { scheme: scheme.id, id: upload.id }, body: { line } }),
    {
      stores: uploadQuery(scheme.id, upload.id).queryKey,
      refresh: [
        ['upload-rows', scheme.id, upload.id],
        ['upload-cells', scheme.id, upload.id],
      ],
    },
  )
  const choose = (column: number, field: string | null) => {
    // A field assigned to another column is taken from the previous one, so that none is assigned twice; dues of other years stay.
    const titleOf = (n: number) => upload.columns[n]?.header ?? ''
    const isTaken = (held: string | null, n: number) =>
      held === field && !(field === 'duesPaid' && haveOwnYears(titleOf(n), titleOf(column)))
    save.mutate(fields.map((held, n) => (n === column ? field : isTaken(held, n) ? null : held)))
  }
  const choices = fieldChoices(t, fields)
  return (
    <section className={classes.step} aria-labelledby="import-columns">
      <div className={classes.stepHead}>
        <h2 id="import-columns" className={classes.title}>
          {t('import.columns')}
        </h2>
        <span className={classes.mute}>{t('import.file', { name: upload.fileName, rows: upload.rows })}</span>
        <Button variant="default" size="sm" loading={drop.isPending} onClick={() => drop.mutate()}>
          {t('import.drop.it')}
        </Button>
      </div>
      {upload.otherSheets !== null && (
        <p className={classes.mute}>
          {t('import.sheets', {
            sheet: upload.otherSheets.sheet,
            names: upload.otherSheets.names.map((name) => t('import.sheets.one', { name })).join(', '),
          })}
        </p>
      )}
      <Failure error={drop.failure} />
      {(upload.headerLine === 0 || upload.firstLines.some(({ line }) => line === upload.headerLine)) && (
        <Select
          label={t('import.header')}
          data={[
            { value: '0', label: t('import.header.none') },
            ...upload.firstLines.map(({ line, text }) => ({
              value: String(line),
              label: t('import.header.line', { line, text }),
            })),
          ]}
          value={String(upload.headerLine)}
          allowDeselect={false}
          onChange={(line) => line !== null && begin.mutate(Number(line))}
          disabled={begin.isPending}
        />
      )}
      <Failure error={begin.failure} />
      {upload.missing.length > 0 && (
        <div className={classes.missing} role="alert">
          <p>{t('import.missing')}</p>
          <ul>
            {upload.missing.map((names) => (
              <li key={names}>{t('import.missing.one', { names })}</li>
            ))}
          </ul>
        </div>
      )}
      <Failure error={save.failure} />
      <ul className={classes.columns} aria-busy={save.isPending}>
        {upload.columns.map((column, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
          <li key={n} data-ignored={column.field === null || undefined}>
            <Select
              label={column.header === '' ? t('import.column.nameless', { n: n + 1 }) : column.header}
              description={column.samples.join(' · ') || t('import.column.empty')}
              placeholder={t('import.column.ignored')}
              data={choices}
              value={column.field}
              onChange={(field) => choose(n, field)}
              searchable
              clearable
              clearButtonProps={{ 'aria-label': t('filter.clear') }}
              disabled={save.isPending}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}
