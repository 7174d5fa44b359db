import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { ServiceStatus } from '../../../src/deliveries/contract.ts'
import { ApiError } from '../../api/client.ts'
import { aboutQuery } from '../../api/queries.ts'
import { Frame } from '../../start/Frame.tsx'
import { preciseTimeOf, whenOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { usePageTitle } from '../../ui/Page.tsx'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { CallFirst } from '../CallFirst.tsx'
import classes from '../Join.module.css'
import { NoScheme } from '../NoScheme.tsx'
import { publicSchemeQuery, serviceStatusQuery } from '../queries.ts'

/** The public page on whether the service of a scheme works now. */
export function StatusPage() {
  const { t } = useText()
  const { scheme: schemeId } = useParams({ from: '/dispositif/$scheme/etat' })
  const demo = useQuery(aboutQuery).data?.demo ?? false
  const scheme = useQuery(publicSchemeQuery(schemeId)).data
  const status = useQuery(serviceStatusQuery(schemeId))
  usePageTitle(t('status.title'))
  const isUnknown = status.error instanceof ApiError && status.error.status === 404
  return (
    <Frame demo={demo} schemeId={schemeId}>
      <div className={classes.page}>
        {isUnknown ? (
          <NoScheme error={status.error} retry={() => void status.refetch()} />
        ) : (
          <>
            <div>
              <h1>{t('status.title')}</h1>
              {/* A line high before its name is there. */}
              <p className={classes.lead}>{scheme?.name ?? '\u00a0'}</p>
            </div>
            {status.isPending ? (
              <Skeleton height={200} radius="lg" />
            ) : (
              <State status={status.data} answers={!status.isError && !status.isPaused} />
            )}
            <CallFirst />
            <Link to="/dispositif/$scheme" params={{ scheme: schemeId }} className={classes.link}>
              {t('privacy.back')}
            </Link>
          </>
        )}
      </div>
    </Frame>
  )
}

const tones: Record<ServiceStatus['messages'], Tone> = {
  up: 'good',
  degraded: 'warn',
  opening: 'warn',
  down: 'bad',
}

/**
 * Shows the status.
 * @param props `answers`: whether the server responded the last time; `status`: its last response
 */
function State(props: { status: ServiceStatus | undefined; answers: boolean }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { status, answers } = props
  return (
    <section className={classes.card} aria-label={t('status.title')}>
      <div role="status">
        <dl className={classes.state}>
          <div>
            <dt>{t('status.service')}</dt>
            <dd>
              <StateTag tone={answers ? 'good' : 'bad'}>
                {t(answers ? 'status.service.up' : 'status.service.down')}
              </StateTag>
            </dd>
          </div>
          {status !== undefined && (
            <>
              <div>
                <dt>{t('status.messages')}</dt>
                <dd>
                  <StateTag tone={answers ? tones[status.messages] : 'neutral'}>
                    {t(answers ? `status.messages.${status.messages}` : 'status.messages.unknown')}
                  </StateTag>
                </dd>
              </div>
              <div>
                <dt>{t('status.last')}</dt>
                <dd>
                  {status.lastSentAt === null
                    ? t('status.last.none')
                    : t('status.last.at', { when: whenOf(lang, status.lastSentAt, now) })}
                </dd>
              </div>
            </>
          )}
        </dl>
      </div>
      {status !== undefined && (
        <p className={classes.small}>{t('status.at', { time: preciseTimeOf(lang, status.at, now) })}</p>
      )}
    </section>
  )
}
