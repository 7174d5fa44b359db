import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import { tradeNameOf } from '../../../ui/format/trade.ts'
import { Empty } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { DuesTable } from './DuesTable.tsx'
import { ALL, type Facet, useDuesSearch, type useListedDues } from './useListedDues.ts'

/** Lists what the members owe, and keeps which of them are picked for one act. */
export function DuesListing(props: {
  dues: ReturnType<typeof useListedDues>['dues']
  facet: Facet
  trades: SchemeView['trades']
}) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const { search, go } = useDuesSearch()
  const { dues } = props
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const rows = dues.data?.pages.flatMap((page) => page.members) ?? []
  const filtered = props.facet !== ALL || Boolean(search.q ?? search.metier)
  return (
    <>
      {rows.length === 0 && (
        <Empty title={filtered ? t('filter.none') : t('dues.nobody')}>
          {filtered ? (
            <Button variant="default" onClick={() => go({ q: undefined, metier: undefined, etat: ALL })}>
              {t('filter.reset')}
            </Button>
          ) : (
            t('dues.nobody.hint')
          )}
        </Empty>
      )}
      {rows.length > 0 && (
        <DuesTable
          rows={rows}
          busy={dues.isPlaceholderData}
          nameOf={(code) => tradeNameOf(lang, props.trades, code)}
          onOpen={(membre) => go({ membre })}
          picked={may('dues.manage') ? picked : undefined}
          onPick={setPicked}
        />
      )}
      {picked.size > 0 && <Picked picked={picked} onClear={() => setPicked(new Set())} />}
      {dues.hasNextPage && (
        <Button
          variant="default"
          className={classes.more ?? ''}
          loading={dues.isFetchingNextPage}
          onClick={() => void dues.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
    </>
  )
}

/** The bar of members that were ticked. */
function Picked(props: { picked: ReadonlySet<string>; onClear: () => void }) {
  const { t } = useText()
  return (
    <div className={classes.picked} role="status">
      <b>{t('typed.picked', { count: props.picked.size })}</b>
      <Button
        component={Link}
        to="/cotisations/paiements"
        search={{ adherents: [...props.picked].join(',') } as never}
      >
        {t('typed.pay')}
      </Button>
      <Button variant="default" onClick={props.onClear}>
        {t('typed.unpick')}
      </Button>
    </div>
  )
}
