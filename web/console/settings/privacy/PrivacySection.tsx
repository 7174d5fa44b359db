import { Skeleton, Table } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { periodText } from '../../../../src/privacy/retention/period.ts'
import { callApi, urlOf } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import { countOf, dayOf, momentOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Settings.module.css'
import { RequestsSection } from './RequestsSection.tsx'

const retentionQuery = (schemeId: string) =>
  queryOptions({
    queryKey: ['retention', schemeId],
    queryFn: ({ signal }) => callApi('getRetention', { params: { scheme: schemeId }, signal }),
  })

const PAPERS = ['register', 'dpia', 'notice'] as const

/** Shows the retention periods, the latest deletions, and the documents required by the GDPR. */
export function PrivacySection(props: { schemeId: string }) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const retention = useQuery(retentionQuery(props.schemeId))
  return (
    <>
      <section className={classes.note} aria-labelledby="papiers">
        <h3 id="papiers">{t('privacy.papers')}</h3>
        <ul className={classes.list}>
          <li>
            <Link
              className={classes.link}
              to="/dispositif/$scheme/donnees"
              params={{ scheme: props.schemeId }}
            >
              {t('privacy.notice')}
            </Link>
            <span className={classes.by}>{t('privacy.notice.what')}</span>
          </li>
          {PAPERS.map((paper) => (
            <li key={paper}>
              <span>{t(`privacy.paper.${paper}`)}</span>
              <a
                className={classes.format}
                href={urlOf('getPaperPdf', { params: { scheme: props.schemeId, paper } })}
                target="_blank"
                rel="noreferrer"
                aria-label={t('privacy.paper.pdf', { paper: t(`privacy.paper.${paper}`) })}
              >
                PDF
              </a>
              <a
                className={classes.format}
                href={urlOf('getPaperOdt', { params: { scheme: props.schemeId, paper } })}
                download
                aria-label={t('privacy.paper.odt', { paper: t(`privacy.paper.${paper}`) })}
              >
                ODT
              </a>
              <span className={classes.by}>{t(`privacy.paper.${paper}.what`)}</span>
            </li>
          ))}
        </ul>
      </section>
      {may('request.manage') && <RequestsSection schemeId={props.schemeId} />}
      {retention.isError && <Failure error={retention.error} retry={() => void retention.refetch()} />}
      {retention.isPending && <Skeleton height={260} radius="lg" />}
      {retention.data !== undefined && (
        <>
          <section aria-labelledby="durees">
            <h3 id="durees">{t('privacy.kept')}</h3>
            <dl className={classes.kept}>
              {retention.data.kinds.map(({ kind, days }) => (
                <div key={kind} className={classes.keptKind}>
                  <dt>{t(`privacy.kind.${kind}`)}</dt>
                  <dd>{periodText(lang, days)}</dd>
                </div>
              ))}
            </dl>
            <p className={classes.lead}>{t('privacy.kept.hint')}</p>
          </section>
          <section aria-labelledby="effacements">
            <h3 id="effacements">{t('privacy.purges')}</h3>
            {retention.data.purges.length === 0 ? (
              <p className={classes.lead}>{t('privacy.purges.none')}</p>
            ) : (
              <Table.ScrollContainer minWidth={460} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
                <Table aria-labelledby="effacements">
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('privacy.when')}</Table.Th>
                      <Table.Th>{t('privacy.what')}</Table.Th>
                      <Table.Th ta="right">{t('privacy.removed')}</Table.Th>
                      <Table.Th>{t('privacy.before')}</Table.Th>
                      <Table.Th ta="right">{t('privacy.seq')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {retention.data.purges.map((purge) => (
                      <Table.Tr key={purge.seq}>
                        <Table.Td>{momentOf(lang, purge.at, serverNow())}</Table.Td>
                        <Table.Td>{t(`privacy.kind.${purge.kind}`)}</Table.Td>
                        <Table.Td ta="right">{countOf(lang, purge.removed)}</Table.Td>
                        <Table.Td>{dayOf(lang, purge.before)}</Table.Td>
                        <Table.Td ta="right">{purge.seq}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
            )}
          </section>
        </>
      )}
    </>
  )
}
