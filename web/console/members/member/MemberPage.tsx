import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ApiError } from '../../../api/client.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { Page } from '../../../ui/Page.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { MemberActs } from '../form/MemberActs.tsx'
import classes from '../Members.module.css'
import { memberQuery } from '../queries.ts'
import { History } from './History.tsx'
import { MemberDetails } from './MemberDrawer.tsx'

/** Shows one member on a page of its own, with its history. */
export function MemberPage() {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const { memberId } = useParams({ from: '/shell/adherents/$memberId' })
  const { corriger } = useSearch({ from: '/shell/adherents/$memberId' })
  const navigate = useNavigate()
  const member = useQuery(memberQuery(scheme.id, memberId))
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const nameOf = (code: string) => tradeNameOf(lang, trades, code)
  const isGone = member.error instanceof ApiError && [404, 422].includes(member.error.status)
  return (
    <Page
      title={member.data?.name ?? t('member.title')}
      aside={
        <div className={classes.aside}>
          <Link to="/adherents" className={classes.paper ?? ''}>
            {t('member.all')}
          </Link>
          {member.data !== undefined && (
            <MemberActs
              member={member.data}
              isEditing={corriger !== undefined}
              onEdited={() =>
                void navigate({ to: '/adherents/$memberId', params: { memberId }, search: {}, replace: true })
              }
            />
          )}
        </div>
      }
    >
      {member.isPending && <Skeleton height={420} radius="lg" />}
      {isGone && (
        <Empty title={t('member.gone')}>
          <Button component={Link} to="/adherents" mt={8}>
            {t('member.all')}
          </Button>
        </Empty>
      )}
      {member.isError && !isGone && <Failure error={member.error} retry={() => void member.refetch()} />}
      {member.data !== undefined && (
        <div className={classes.page}>
          <div className={classes.card}>
            <h2 className={classes.cardTitle}>{t('member.details')}</h2>
            {may('dues.read') && (
              <Link className={classes.paper ?? ''} to="/cotisations" search={{ membre: memberId }}>
                {t('member.dues')}
              </Link>
            )}
            <MemberDetails member={member.data} nameOfTrade={nameOf} />
          </div>
          <div className={classes.card}>
            <History memberId={memberId} nameOfTrade={nameOf} />
          </div>
        </div>
      )}
    </Page>
  )
}
