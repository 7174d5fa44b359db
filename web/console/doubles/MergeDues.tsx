import { Checkbox } from '@mantine/core'
import type { DoubleDues } from '../../../src/changes/merge/contract.ts'
import { centsOf, feesBilledTwice } from '../../../src/changes/merge/dues.ts'
import { moneyOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
import classes from './Doubles.module.css'
import { duesLines } from './fields.ts'

/** Shows what each of two members owes, and what is cancelled because both were charged for the same year. */
export function MergeDues(props: {
  kept: DoubleDues
  merged: DoubleDues
  letOff: boolean
  onLetOff: (letOff: boolean) => void
}) {
  const { t, lang } = useText()
  const twice = feesBilledTwice(props.kept.years, props.merged.years)
  const values = (of: typeof twice.kept) => ({
    amount: moneyOf(lang, centsOf(of)),
    years: of.map(({ year }) => year).join(', '),
    count: of.length,
  })
  return (
    <section aria-labelledby="merge-dues">
      <h3 id="merge-dues" className={classes.sub}>
        {t('doubles.dues')}
      </h3>
      <dl className={classes.dues}>
        <dt>{t('doubles.dues.kept')}</dt>
        <dd>{duesLines(t, lang, props.kept).join(' · ')}</dd>
        <dt>{t('doubles.dues.other')}</dt>
        <dd>{duesLines(t, lang, props.merged).join(' · ')}</dd>
      </dl>
      {twice.merged.length > 0 && (
        <p className={classes.what}>{t('doubles.dues.twice', values(twice.merged))}</p>
      )}
      {twice.kept.length > 0 && (
        <Checkbox
          mt={8}
          label={t('doubles.dues.letOff', values(twice.kept))}
          description={t('doubles.dues.letOff.why')}
          checked={props.letOff}
          onChange={(event) => props.onLetOff(event.currentTarget.checked)}
        />
      )}
    </section>
  )
}
