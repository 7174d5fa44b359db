import { Checkbox, NativeSelect } from '@mantine/core'
import type { ListedPayments } from '../../../src/dues/bulk/contract.ts'
import type { UploadView } from '../../../src/imports/uploads/contract.ts'
import { today } from '../../api/clock.ts'
import { DateField } from '../../ui/fields/days/DateField.tsx'
import { countOf, moneyOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import classes from './Import.module.css'

const WAYS = ['transfer', 'cheque', 'cash'] as const

/** The settings for recording the dues that a list says are paid; null: they are not recorded. */
export type PaymentChoice = ListedPayments | null

/** Offers to record the dues that the list says are paid. Not recorded unless the user says so, with the means. */
export function Payments(props: {
  paid: NonNullable<NonNullable<UploadView['report']>['paid']>
  choice: PaymentChoice
  onChoice: (choice: PaymentChoice) => void
  problemAt: (path: string) => string | undefined
}) {
  const { t, lang } = useText()
  const { paid, choice, onChoice } = props
  const { due, dueCents, known, leftOut, year } = paid
  const shown = (count: number) => ({ count, shown: countOf(lang, count) })
  return (
    <section className={classes.payments} aria-labelledby="import-payments">
      <h3 id="import-payments" className={classes.paymentsTitle}>
        {t('import.payments')}
      </h3>
      {year !== null && due + known > 0 && <p>{t('import.payments.year', { year: String(year) })}</p>}
      {due > 0 && (
        <Checkbox
          label={t('import.payments.record', { ...shown(due), amount: moneyOf(lang, dueCents) })}
          description={t('import.payments.what')}
          checked={choice !== null}
          onChange={(event) =>
            onChoice(event.currentTarget.checked ? { way: 'transfer', receivedOn: today(), year } : null)
          }
        />
      )}
      {due > 0 && choice !== null && (
        <div className={classes.paymentFields}>
          <NativeSelect
            label={t('dues.pay.way')}
            value={choice.way}
            data={WAYS.map((way) => ({ value: way, label: t(`dues.way.${way}`) }))}
            onChange={({ currentTarget: { value } }) => {
              const way = WAYS.find((one) => one === value)
              if (way !== undefined) onChoice({ ...choice, way })
            }}
          />
          <DateField
            kind="day"
            label={t('import.payments.on')}
            max={today()}
            value={choice.receivedOn}
            error={props.problemAt('payments.receivedOn')}
            onChange={(receivedOn) => onChoice({ ...choice, receivedOn })}
          />
        </div>
      )}
      {known > 0 && <p className={classes.mute}>{t('import.payments.known', shown(known))}</p>}
      {leftOut > 0 && <p className={classes.mute}>{t('import.payments.leftOut', shown(leftOut))}</p>}
    </section>
  )
}
