import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import IconShield from '@tabler/icons-react/icons/IconShield'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { NewAgency } from '../../../../src/schemes/agencies/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import classes from '../Settings.module.css'

type Agency = SchemeView['agencies'][number]
const KINDS = [
  'police',
  'gendarmerie',
  'prosecutor',
  'chamber',
  'observer',
] as const satisfies readonly Agency['kind'][]

/** Lists the agencies of the scheme with where they act; adds and renames all but the chamber. Zones are drawn on the map of the territory. */
export function AgenciesSection(props: { scheme: SchemeView }) {
  const { t } = useText()
  const { scheme } = props
  const agencies = KINDS.flatMap((kind) => scheme.agencies.filter((one) => one.kind === kind))
  const [renamed, setRenamed] = useState<string | null>(null)
  const last = useRef<string | null>(null)
  useEffect(() => {
    // The button that opened the form is back.
    if (renamed === null && last.current !== null) document.getElementById(last.current)?.focus()
    last.current = renamed === null ? null : `rename-${renamed}`
  }, [renamed])
  return (
    <>
      <section className={classes.card} aria-labelledby="services-liste">
        <h3 id="services-liste" className={classes.cardTitle}>
          {t('agencies.list', { count: agencies.length })}
        </h3>
        {agencies.length === 0 ? (
          <Empty icon={<IconShield size={36} stroke={1.4} aria-hidden />} title={t('agencies.none')}>
            <p>{t('agencies.none.hint')}</p>
          </Empty>
        ) : (
          <ul className={classes.observers}>
            {agencies.map((agency) => (
              <li key={agency.id}>
                {renamed === agency.id ? (
                  <Rename scheme={scheme} agency={agency} onClose={() => setRenamed(null)} />
                ) : (
                  <>
                    <div>
                      <b>{agency.name}</b>
                      <WhatItIs agency={agency} />
                      {agency.kind === 'chamber' && <span>{t('agencies.chamber')}</span>}
                    </div>
                    {agency.kind !== 'chamber' && (
                      <Button
                        id={`rename-${agency.id}`}
                        variant="default"
                        aria-label={t('agencies.rename.label', { name: agency.name })}
                        onClick={() => setRenamed(agency.id)}
                      >
                        {t('agencies.rename')}
                      </Button>
                    )}
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
        <p className={classes.mute}>
          {t('agencies.zones')}{' '}
          <Link to="/secteurs" className={classes.link}>
            {t('agencies.zones.open')}
          </Link>
        </p>
      </section>
      <AddAgency scheme={scheme} />
    </>
  )
}

function WhatItIs(props: { agency: Agency }) {
  const { t } = useText()
  const { kind, zone } = props.agency
  const hasZone = kind === 'police' || kind === 'gendarmerie'
  const where =
    zone === null
      ? t('agencies.whole')
      : zone.kind === 'communes'
        ? t('agencies.zone', { count: zone.codes.length })
        : t('agencies.area')
  return <span>{[t(`agencies.kind.${kind}`), ...(hasZone ? [where] : [])].join(' · ')}</span>
}

function Rename(props: { scheme: SchemeView; agency: Agency; onClose: () => void }) {
  const { t } = useText()
  const { scheme, agency, onClose } = props
  const [name, setName] = useState(agency.name)
  const save = useAction(
    () =>
      callApi('renameAgency', {
        params: { scheme: scheme.id, id: agency.id },
        body: { name, was: agency.name },
      }),
    {
      fields: ['name'],
      refresh: [schemeQuery(scheme.id).queryKey],
      refreshAfterFailure: [schemeQuery(scheme.id).queryKey],
      success: (saved) => t('agencies.renamed', { name: saved.name }),
      onRefreshed: onClose,
    },
  )
  return (
    <form
      className={classes.magistrate}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate()
      }}
    >
      <TextInput
        label={t('agencies.name')}
        required
        maxLength={120}
        autoComplete="off"
        autoFocus
        value={name}
        error={save.problemAt('name')}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose()
        }}
      />
      <Failure error={save.failure} />
      <div className={classes.rowActions}>
        <Button type="submit" loading={save.isPending} disabled={name.trim() === agency.name}>
          {t('settings.save')}
        </Button>
        <Button variant="default" disabled={save.isPending} onClick={onClose}>
          {t('settings.discard')}
        </Button>
      </div>
    </form>
  )
}

const BLANK: { name: string; kind: Agency['kind'] } = { name: '', kind: 'police' }

function AddAgency(props: { scheme: SchemeView }) {
  const { t } = useText()
  const { scheme } = props
  const form = useForm({ initialValues: BLANK })
  const [id, setId] = useState(newId)
  const add = useAction(
    (agency: NewAgency) => callApi('createAgency', { params: { scheme: scheme.id }, body: agency }),
    {
      form,
      refresh: [schemeQuery(scheme.id).queryKey],
      success: ({ name }) => t('agencies.added', { name }),
      onSuccess: () => {
        form.reset()
        setId(newId())
      },
    },
  )
  return (
    <form
      className={classes.card}
      noValidate
      aria-labelledby="services-ajouter"
      onSubmit={(event) => {
        event.preventDefault()
        if (!add.isPending) add.mutate({ ...form.values, id })
      }}
    >
      <h3 id="services-ajouter" className={classes.cardTitle}>
        {t('agencies.add')}
      </h3>
      <p className={classes.mute}>{t('agencies.add.what')}</p>
      <div className={classes.addFields}>
        <TextInput
          label={t('agencies.name')}
          description={t('agencies.name.what')}
          required
          maxLength={120}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <NativeSelect
          label={t('agencies.kind')}
          data={KINDS.filter((kind) => kind !== 'chamber').map((kind) => ({
            value: kind,
            label: t(`agencies.kind.${kind}`),
          }))}
          {...form.getInputProps('kind')}
        />
      </div>
      <Failure error={add.failure} />
      <div>
        <Button type="submit" loading={add.isPending}>
          {t('agencies.add')}
        </Button>
      </div>
    </form>
  )
}
