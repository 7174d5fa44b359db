import { Button, Radio, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { type FormEvent, useState } from 'react'
import type { InstallationSchemes, SchemeCreation } from '../../../src/schemes/file/contract.ts'
import { callApi } from '../../api/client.ts'
import { sessionQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { useNewId } from '../../api/useNewId.ts'
import { FileDrop } from '../../ui/fields/FileDrop.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { type Draft, draftOfFile, EMPTY_DRAFT, fileOfDraft, readFile, type SchemeJson } from './draft.ts'
import { allSchemesQuery } from './queries.ts'
import classes from './Schemes.module.css'

const FIELDS = ['name', 'id', 'departements', 'sender', 'referencePrefix', 'timeZone'] as const
/** Paths of the file whose problems the fields show. */
const SHOWN = ['name', 'id', 'territory', 'sender', 'referencePrefix', 'timeZone']
const FROM_FILE = 'file'

interface Values extends Draft {
  /** Id of the scheme that is copied, or `FROM_FILE`. */
  readonly from: string
  readonly file: { readonly name: string; readonly json: SchemeJson } | null
}

/** Creates a scheme: from a ready-made one, a copy of another, or a file. */
export function NewScheme(props: {
  known: InstallationSchemes
  onBack: () => void
  onCreated: (scheme: SchemeCreation) => void
}) {
  const { t } = useText()
  const { schemes, readyMade } = props.known
  const copies = [...readyMade.filter(({ id }) => !schemes.some((one) => one.id === id)), ...schemes]
  const { id, renewIfTaken } = useNewId()
  const [isUnreadable, setUnreadable] = useState(false)
  const form = useForm<Values>({
    initialValues: { from: copies[0]?.id ?? FROM_FILE, file: null, ...EMPTY_DRAFT },
    // The last check was of other values.
    onValuesChange: () => {
      check.reset()
      create.reset()
      form.clearErrors()
    },
  })
  const { from, file, ...draft } = form.values
  const isFile = from === FROM_FILE
  const send = (dryRun: boolean) =>
    callApi('createScheme', {
      body: {
        id,
        ...(!isFile && { from }),
        file: fileOfDraft(isFile ? (file?.json ?? {}) : {}, draft),
        dryRun,
      },
    })
  const check = useAction(() => send(true), { form, fields: SHOWN })
  const create = useAction(() => send(false), {
    form,
    fields: SHOWN,
    refresh: [allSchemesQuery.queryKey, sessionQuery.queryKey],
    refreshAfterFailure: [allSchemesQuery.queryKey, sessionQuery.queryKey],
    // The scheme of a request whose answer was lost has this id: other values are another scheme.
    onError: renewIfTaken,
    onSuccess: props.onCreated,
  })
  const last = create.isError ? create : check
  const takeFile = async (dropped: File) => {
    const json = await readFile(dropped)
    setUnreadable(json === undefined)
    if (json !== undefined) form.setValues({ file: { name: dropped.name, json }, ...draftOfFile(json) })
  }
  const field = (name: (typeof FIELDS)[number]) => ({
    label: t(`schemes.field.${name}`),
    description: t(`schemes.field.${name}.what`),
    autoComplete: 'off',
    maxLength: name === 'sender' ? 11 : 80,
    ...form.getInputProps(name),
    ...(name === 'departements' && { error: form.errors.territory }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!create.isPending) create.mutate()
  }
  return (
    <form className={classes.card} noValidate onSubmit={submit} aria-label={t('schemes.create')}>
      <h2 className={classes.title}>{t('schemes.create')}</h2>
      <Radio.Group label={t('schemes.from')} {...form.getInputProps('from')}>
        <Stack gap={8} mt={8}>
          {copies.map(({ id, name }) => (
            <Radio key={id} value={id} label={t('schemes.from.copy', { name, id })} />
          ))}
          <Radio value={FROM_FILE} label={t('schemes.from.file')} />
        </Stack>
      </Radio.Group>
      {isFile && (
        <FileDrop
          className={classes.drop}
          label={t('schemes.drop')}
          choose={t('schemes.choose')}
          accept=".json,application/json"
          variant="default"
          isBusy={false}
          formats={null}
          onFile={(dropped) => void takeFile(dropped)}
        >
          <p className={classes.mute}>{file?.name ?? t('schemes.drop.here')}</p>
        </FileDrop>
      )}
      {isUnreadable && (
        <p className={classes.mute} role="alert">
          {t('schemes.file.unreadable')}
        </p>
      )}
      <TextInput {...field('name')} data-autofocus required />
      <div className={classes.pair}>
        <TextInput {...field('id')} required />
        <TextInput {...field('departements')} />
        <TextInput {...field('sender')} required />
        <TextInput {...field('referencePrefix')} required />
      </div>
      <TextInput {...field('timeZone')} />
      <Failure error={last.failure} />
      <div role="status">{check.data !== undefined && <Checked scheme={check.data} />}</div>
      <div className={classes.buttons}>
        <Button type="submit" loading={create.isPending} disabled={isFile && file === null}>
          {t('schemes.create.do')}
        </Button>
        <Button
          variant="default"
          loading={check.isPending}
          disabled={isFile && file === null}
          onClick={() => {
            create.reset()
            check.mutate()
          }}
        >
          {t('schemes.check')}
        </Button>
        <Button variant="subtle" onClick={props.onBack}>
          {t('action.cancel')}
        </Button>
      </div>
    </form>
  )
}

function Checked(props: { scheme: SchemeCreation }) {
  const { t } = useText()
  const { created: _, ...figures } = props.scheme
  return <p className={classes.mute}>{t('schemes.checked', figures)}</p>
}
