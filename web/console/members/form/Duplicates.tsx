import { Link } from '@tanstack/react-router'
import type { MemberChecked } from '../../../../src/imports/by-hand/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from './MemberForm.module.css'

type Duplicate = MemberChecked['duplicates'][number]

/** Lists the members and requests that may be the business being typed. */
export function Duplicates(props: { duplicates: readonly Duplicate[] }) {
  const { t } = useText()
  const { duplicates } = props
  return (
    <div role="status">
      {duplicates.length > 0 && (
        <section className={classes.doubles} aria-label={t('memberForm.doubles')}>
          <b>{t('memberForm.doubles')}</b>
          <ul>
            {duplicates.map((one, i) => (
              <li key={one.id ?? i}>
                <span>
                  {[
                    one.name ?? t('memberForm.doubles.hidden'),
                    one.commune?.name ?? '',
                    one.kind === 'enrolment' ? t('memberForm.doubles.request') : '',
                    one.status === 'left' ? t('member.status.left') : '',
                  ]
                    .filter(Boolean)
                    .join(', ')}
                  {' : '}
                  {one.by.map((by) => t(`memberForm.doubles.${by}`)).join(', ')}
                </span>
                {one.id !== null &&
                  (one.kind === 'member' ? (
                    <Link
                      to="/adherents/$memberId"
                      params={{ memberId: one.id }}
                      target="_blank"
                      aria-label={t('member.mergedInto.open', { name: one.name ?? '' })}
                    >
                      {t('memberForm.doubles.open')}
                    </Link>
                  ) : (
                    <Link
                      to="/demandes"
                      target="_blank"
                      aria-label={t('member.mergedInto.open', { name: one.name ?? '' })}
                    >
                      {t('memberForm.doubles.open')}
                    </Link>
                  ))}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}
