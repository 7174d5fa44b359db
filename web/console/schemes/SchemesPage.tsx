import { Button, Skeleton } from '@mantine/core'
import IconDownload from '@tabler/icons-react/icons/IconDownload'
import IconPlus from '@tabler/icons-react/icons/IconPlus'
import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { InstallationSchemes, SchemeCreation } from '../../../src/schemes/file/contract.ts'
import { urlOf } from '../../api/client.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { useNew } from '../../ui/useNew.ts'
import { useCurrent } from '../shell/current.tsx'
import { NewScheme } from './NewScheme.tsx'
import { allSchemesQuery } from './queries.ts'
import classes from './Schemes.module.css'

/** The schemes of the installation, for the administrator of the platform: their files, and new ones. */
export function SchemesPage() {
  const { t } = useText()
  const list = useQuery(allSchemesQuery)
  const creating = useNew()
  const isCreating = creating.isNew
  const [created, setCreated] = useState<SchemeCreation | null>(null)
  return (
    <Page
      title={t('nav.schemes')}
      lead={t('schemes.lead')}
      aside={
        !isCreating && (
          <Button
            leftSection={<IconPlus size={18} stroke={1.8} aria-hidden />}
            disabled={list.data === undefined}
            onClick={() => {
              setCreated(null)
              creating.open()
            }}
          >
            {t('schemes.create')}
          </Button>
        )
      }
    >
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <Skeleton height={240} radius="lg" />}
      <div role="status">{created !== null && !isCreating && <Created scheme={created} />}</div>
      {list.data !== undefined &&
        (isCreating ? (
          <NewScheme
            known={list.data}
            onBack={() => creating.close()}
            onCreated={(scheme) => {
              creating.close()
              setCreated(scheme)
            }}
          />
        ) : (
          <List schemes={list.data.schemes} />
        ))}
    </Page>
  )
}

function List(props: { schemes: InstallationSchemes['schemes'] }) {
  const { t } = useText()
  if (props.schemes.length === 0) return <p className={classes.mute}>{t('schemes.none')}</p>
  return (
    <ul className={classes.list} aria-label={t('nav.schemes')}>
      {props.schemes.map(({ id, name, members, people }) => (
        <li key={id}>
          <div>
            <p className={classes.name}>{name}</p>
            <p className={classes.mute}>{t('schemes.what', { id, members, people })}</p>
          </div>
          <div className={classes.buttons}>
            <Download id={id} name={name} />
            <People id={id} name={name} />
          </div>
        </li>
      ))}
    </ul>
  )
}

function Download(props: { id: string; name: string }) {
  const { t } = useText()
  return (
    <Button
      component="a"
      variant="default"
      href={urlOf('exportSchemeFile', { params: { scheme: props.id } })}
      download
      leftSection={<IconDownload size={18} stroke={1.8} aria-hidden />}
      aria-label={t('schemes.file.of', { name: props.name })}
    >
      {t('schemes.file')}
    </Button>
  )
}

function People(props: { id: string; name: string; isNext?: boolean }) {
  const { t } = useText()
  const { choose } = useCurrent()
  const navigate = useNavigate()
  return (
    <Button
      variant={props.isNext ? 'filled' : 'default'}
      leftSection={<IconUsers size={18} stroke={1.8} aria-hidden />}
      aria-label={t('schemes.people.of', { name: props.name })}
      onClick={() => {
        choose(props.id)
        void navigate({ to: '/reglages', search: { partie: 'personnes' } })
      }}
    >
      {t('schemes.people')}
    </Button>
  )
}

function Created(props: { scheme: SchemeCreation }) {
  const { t } = useText()
  const { id, name, created: _, ...figures } = props.scheme
  return (
    <section className={classes.card} aria-labelledby="cree">
      <h2 id="cree" className={classes.title}>
        {t('schemes.created', { name })}
      </h2>
      <p className={classes.mute}>{t('schemes.figures', figures)}</p>
      <p className={classes.mute}>{t('schemes.next')}</p>
      <div className={classes.buttons}>
        <People id={id} name={name} isNext />
        <Download id={id} name={name} />
      </div>
    </section>
  )
}
