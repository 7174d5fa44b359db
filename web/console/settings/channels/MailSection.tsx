import { Button, Skeleton } from '@mantine/core'
import IconMailOff from '@tabler/icons-react/icons/IconMailOff'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { type Answer, callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { countOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { StateTag } from '../../../ui/StateTag.tsx'
import settings from '../Settings.module.css'
import classes from './Channels.module.css'
import { mailQuery } from './queries.ts'

type MailView = Answer<'getMail'>
type MailTest = Answer<'sendTestMail'>

/** Shows how mails leave, whether they do, and sends one to try. */
export function MailSection({ schemeId }: { schemeId: string }) {
  const mail = useQuery(mailQuery(schemeId))
  if (mail.isLoadingError) return <Failure error={mail.error} retry={() => void mail.refetch()} />
  if (mail.data === undefined) return <Skeleton height={320} radius="lg" />
  if (mail.data.mode === 'none') return <NoServer />
  return (
    <div className={settings.dues}>
      <Server view={mail.data} />
      <Try schemeId={schemeId} />
      {mail.data.records.length > 0 && <Records records={mail.data.records} />}
    </div>
  )
}

function NoServer() {
  const { t } = useText()
  return (
    <section className={settings.card}>
      <Empty icon={<IconMailOff size={36} stroke={1.4} aria-hidden />} title={t('mail.none')}>
        <p>{t('mail.none.what')}</p>
        <p>{t('mail.none.do')}</p>
        <p className={classes.codes}>
          <code>TOCSIN_SMTP_URL</code> <code>TOCSIN_MAIL_FROM</code>
        </p>
      </Empty>
    </section>
  )
}

function Server({ view }: { view: MailView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { server, from, failure } = view
  const rows: [string, ReactNode][] = [
    [
      t('mail.server'),
      server === null ? (
        <>
          {t('mail.demo')}{' '}
          <Link to="/courriels" className={settings.link ?? ''}>
            {t('mail.demo.link')}
          </Link>
        </>
      ) : (
        <>
          <b>{`${server.host}:${server.port}`}</b> <small>{t(`mail.security.${server.security}`)}</small>
        </>
      ),
    ],
    ...(from === null
      ? []
      : ([
          [t('mail.from'), from.name === null ? from.address : `${from.name} <${from.address}>`],
          [
            t('mail.replies'),
            <>
              {t('mail.replies.what', { address: from.address })}{' '}
              <Link to="/reglages" search={{ partie: 'adhesion' }} className={settings.link ?? ''}>
                {t('mail.replies.link')}
              </Link>
            </>,
          ],
        ] satisfies [string, ReactNode][])),
    [
      t('mail.accepted'),
      view.acceptedAt === null ? t('mail.accepted.none') : whenOf(lang, view.acceptedAt, now),
    ],
    [
      t('mail.failed'),
      failure === null ? (
        t('mail.failed.none')
      ) : (
        <>
          {whenOf(lang, failure.at, now)}
          <small>
            {t(`mail.fault.${failure.fault}`)}{' '}
            {failure.code !== null && t('mail.code', { code: failure.code })}
          </small>
        </>
      ),
    ],
    [t('mail.waiting'), countOf(lang, view.waiting)],
  ]
  return (
    <section className={settings.card} aria-labelledby="serveur">
      <header className={classes.head}>
        <h3 id="serveur" className={settings.cardTitle}>
          {t('mail.how')}
        </h3>
        <State view={view} />
      </header>
      <dl className={classes.facts}>
        {rows.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {server !== null && <p className={settings.mute}>{t('mail.where')}</p>}
    </section>
  )
}

function State({ view }: { view: MailView }) {
  const { t } = useText()
  const { acceptedAt, failure } = view
  if (view.mode === 'demo') return <StateTag tone="neutral">{t('mail.state.demo')}</StateTag>
  // A refused recipient is no fault of the server.
  if (failure !== null && failure.fault !== 'refused' && (acceptedAt === null || failure.at > acceptedAt))
    return <StateTag tone="bad">{t('mail.state.failing')}</StateTag>
  return acceptedAt === null ? (
    <StateTag tone="neutral">{t('mail.state.unknown')}</StateTag>
  ) : (
    <StateTag tone="open">{t('mail.state.works')}</StateTag>
  )
}

function Try({ schemeId }: { schemeId: string }) {
  const { t } = useText()
  const send = useAction(() => callApi('sendTestMail', { params: { scheme: schemeId } }), {
    refresh: [mailQuery(schemeId).queryKey],
  })
  return (
    <section className={settings.card} aria-labelledby="essai">
      <h3 id="essai" className={settings.cardTitle}>
        {t('mail.test')}
      </h3>
      <p className={settings.mute}>{t('mail.test.what')}</p>
      <div>
        <Button variant="default" loading={send.isPending} onClick={() => send.mutate()}>
          {t('mail.test.send')}
        </Button>
      </div>
      <Failure error={send.failure} />
      <div role="status">{send.data !== undefined && <Result test={send.data} />}</div>
    </section>
  )
}

function Result({ test }: { test: MailTest }) {
  const { t } = useText()
  const { failure, to } = test
  if (failure === null) {
    return (
      <p className={classes.good}>
        {t(test.mode === 'demo' ? 'mail.test.kept' : 'mail.test.accepted', { to })}
      </p>
    )
  }
  return (
    <div className={classes.bad}>
      <p>
        <b>{t('mail.test.failed', { to })}</b>
      </p>
      <p>
        {t(`mail.fault.${failure.fault}`)} {failure.code !== null && t('mail.code', { code: failure.code })}
      </p>
      <p>{t(`mail.fault.${failure.fault}.do`)}</p>
    </div>
  )
}

function Records({ records }: Pick<MailView, 'records'>) {
  const { t } = useText()
  const stateOf = ({ code, level }: MailView['records'][number]) =>
    level !== 'ok' ? 'todo' : code.endsWith('_unknown') ? 'unknown' : 'fine'
  const tones = { todo: 'warn', unknown: 'neutral', fine: 'open' } as const
  return (
    <section className={settings.card} aria-labelledby="domaine">
      <h3 id="domaine" className={settings.cardTitle}>
        {t('mail.records')}
      </h3>
      <p className={settings.mute}>{t('mail.records.what')}</p>
      <ul className={classes.records}>
        {records.map((record) => (
          <li key={record.code}>
            <StateTag tone={tones[stateOf(record)]}>{t(`mail.record.${stateOf(record)}`)}</StateTag>
            <div>
              <p>{record.what}</p>
              {record.do !== '' && <p className={settings.mute}>{record.do}</p>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
