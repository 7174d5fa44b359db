import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { MemberDues } from '../../../../src/dues/contract.ts'
import { callApi } from '../../../api/client.ts'
import { moneyOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import { ReasonForm } from './ReasonForm.tsx'

const ALL_YEARS = 'all'

/** Waives what is owed, of one year if there are several. */
export function WaiveForm(props: { memberId: string; account: MemberDues; onClose: () => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { memberId, account } = props
  const owing = account.years.filter(({ remainingCents }) => remainingCents > 0)
  const [year, setYear] = useState(ALL_YEARS)
  const chosen = owing.find((one) => String(one.year) === year)
  return (
    <ReasonForm
      memberId={memberId}
      send={(body) =>
        callApi('waiveDues', {
          params: { scheme: scheme.id, id: memberId },
          body: { ...body, ...(chosen !== undefined && { year: chosen.year }) },
        })
      }
      label={t('dues.waive.why')}
      hint={t('dues.waive.hint', {
        amount: moneyOf(lang, chosen?.remainingCents ?? account.balanceCents),
      })}
      confirm={t('dues.waive.do')}
      done={t('dues.waived')}
      besideDebit={t('dues.waive.besideDebit')}
      onClose={props.onClose}
    >
      {owing.length > 1 && (
        <NativeSelect
          label={t('dues.waive.year')}
          value={year}
          onChange={(event) => setYear(event.currentTarget.value)}
          data={[
            { value: ALL_YEARS, label: t('dues.waive.year.all') },
            ...owing.map((one) => ({
              value: String(one.year),
              label: t('dues.waive.year.one', {
                year: String(one.year),
                amount: moneyOf(lang, one.remainingCents),
              }),
            })),
          ]}
        />
      )}
    </ReasonForm>
  )
}
