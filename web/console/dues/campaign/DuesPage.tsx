import { Button, Skeleton } from '@mantine/core'
import IconReceiptEuro from '@tabler/icons-react/icons/IconReceiptEuro'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { schemeQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { Page } from '../../../ui/Page.tsx'
import { useNew } from '../../../ui/useNew.ts'
import { useRowKeys } from '../../../ui/useRowKeys.ts'
import { useCurrent } from '../../shell/current.tsx'
import { AccountDrawer } from '../account/AccountDrawer.tsx'
import classes from '../Dues.module.css'
import { CampaignSummary } from './CampaignSummary.tsx'
import { DuesFilters } from './DuesFilters.tsx'
import { DuesListing } from './DuesListing.tsx'
import { OpenCampaign } from './OpenCampaign.tsx'
import { ALL, useDuesSearch, useListedDues } from './useListedDues.ts'
import { WithdrawCampaign } from './WithdrawCampaign.tsx'

/** Shows the campaign of a year: what each member owes, the payments, and each member's account. */
export function DuesPage() {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { search, go } = useDuesSearch()
  useRowKeys(search.membre)
  const opening = useNew()
  const [isWithdrawing, setWithdrawing] = useState(false)
  const trades = useQuery(schemeQuery(scheme.id)).data?.trades ?? []
  const { dues, facet } = useListedDues()
  const first = dues.data?.pages[0]
  const mayOpen = may('dues.settings')
  const opens = mayOpen && (
    <Button variant="default" onClick={opening.open}>
      {t('dues.open')}
    </Button>
  )

  return (
    <Page title={t('nav.dues')} lead={t('dues.lead')} aside={first?.campaign != null && opens}>
      {dues.isError && <Failure error={dues.error} retry={() => void dues.refetch()} />}
      {dues.isPending && <Skeleton height={420} radius="lg" />}
      {first !== undefined && first.campaign === null && (
        <Empty
          icon={<IconReceiptEuro size={36} stroke={1.4} aria-hidden />}
          title={
            search.annee === undefined ? t('dues.none') : t('dues.none.year', { year: String(search.annee) })
          }
        >
          <p>{t(mayOpen ? 'dues.none.hint' : 'dues.none.wait')}</p>
          {opens}
        </Empty>
      )}
      {first?.campaign != null && (
        <>
          <CampaignSummary
            years={first.years}
            campaign={first.campaign}
            figures={first.figures}
            lateYears={first.lateYears}
            onYear={(annee) => go({ annee, membre: undefined })}
            onWithdraw={() => setWithdrawing(true)}
          />
          <DuesFilters facet={facet} members={first.figures?.members} trades={trades} />
          {facet !== ALL && <p className={classes.about}>{t(`dues.hint.${facet}`)}</p>}
          <DuesListing dues={dues} facet={facet} trades={trades} />
        </>
      )}
      {opening.isNew && mayOpen && first !== undefined && (
        <OpenCampaign
          schemeId={scheme.id}
          trades={trades}
          years={first.years}
          onClose={opening.close}
          onOpened={(annee) => go({ ...UNFILTERED, nouveau: undefined, annee })}
        />
      )}
      {isWithdrawing && first?.campaign != null && (
        <WithdrawCampaign
          schemeId={scheme.id}
          year={first.campaign.year}
          onClose={() => setWithdrawing(false)}
          onWithdrawn={() => {
            setWithdrawing(false)
            go({ ...UNFILTERED, annee: undefined })
          }}
        />
      )}
      <AccountDrawer memberId={search.membre ?? null} onClose={() => go({ membre: undefined })} />
    </Page>
  )
}

/** The change of the search after which all members of a campaign are listed. */
const UNFILTERED = { etat: undefined, q: undefined, metier: undefined, membre: undefined }
