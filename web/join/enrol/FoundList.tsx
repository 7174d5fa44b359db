import { Button } from '@mantine/core'
import type { FoundBusinesses } from '../../../src/enrolment/contract.ts'
import { useText } from '../../ui/format/text.ts'
import classes from '../Join.module.css'

type Found = FoundBusinesses['businesses'][number]

/** The businesses of the register that match, to pick one's own. */
export function FoundList(props: {
  businesses: readonly Found[]
  onPick: (business: Found) => void
  onNone: () => void
}) {
  const { t } = useText()
  return (
    <div className={classes.found}>
      <p>{t('join.found.choose', { count: props.businesses.length })}</p>
      <ul>
        {props.businesses.map((one) => (
          <li key={one.siret}>
            <button type="button" onClick={() => props.onPick(one)}>
              <strong>{one.name}</strong>
              <span>
                {[one.address, one.outside ? t('join.found.elsewhere') : one.commune?.name]
                  .filter(Boolean)
                  .join(', ')}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Button variant="subtle" onClick={props.onNone}>
        {t('join.found.none')}
      </Button>
    </div>
  )
}
