import { Link } from '@tanstack/react-router'
import { useText } from '../../../ui/format/text.ts'
import { SwitchSetting } from '../Setting.tsx'
import classes from '../Settings.module.css'
import { DoctrineForm } from './DoctrineForm.tsx'
import type { DoctrineDraft } from './useDoctrineDraft.ts'

const FIRST = ['settings.tracing.first.charter', 'settings.tracing.first.who'] as const
const TELLS = ['settings.tracing.tells.copy', 'settings.tracing.tells.ours'] as const
const PROVES_NOT = [
  'settings.tracing.not.who',
  'settings.tracing.not.meant',
  'settings.tracing.not.true',
  'settings.tracing.not.others',
  'settings.tracing.not.state',
] as const

/** Switches the mark of each recipient on or off, and explains what it proves. */
export function TracingSection(props: { draft: DoctrineDraft; prefix: string; ownsCharter: boolean }) {
  const { t } = useText()
  const { draft, prefix } = props
  return (
    <>
      <DoctrineForm draft={draft} fields={[]}>
        <SwitchSetting
          draft={draft}
          path="leakTracing"
          name={t('settings.tracing')}
          what={t('settings.tracing.what')}
        />
        <figure className={classes.example}>
          <figcaption>{t('settings.tracing.example')}</figcaption>
          <p lang="fr">
            Faux billets agglomération d’Issoire. Ne pas intervenir, ne pas transférer SMS. Réf.{' '}
            <span className={classes.reference}>
              {`${prefix}-26-0142`}
              <mark>-K7Q4A</mark>
            </span>
          </p>
        </figure>
        {draft.mayChange && (
          <div className={classes.warning}>
            <h3>{t('settings.tracing.first')}</h3>
            <ul className={classes.list}>
              {FIRST.map((key) => (
                <li key={key}>{t(key)}</li>
              ))}
            </ul>
            {props.ownsCharter && (
              <p className={classes.toCharter}>
                <Link className={classes.link} to="/reglages" search={{ partie: 'adhesion' }}>
                  {t('settings.tracing.toCharter')}
                </Link>
              </p>
            )}
          </div>
        )}
      </DoctrineForm>
      <div className={classes.worth}>
        <section className={classes.note} aria-labelledby="marque-dit">
          <h3 id="marque-dit">{t('settings.tracing.tells')}</h3>
          <ul className={classes.list}>
            {TELLS.map((key) => (
              <li key={key}>{t(key)}</li>
            ))}
          </ul>
        </section>
        <section className={classes.note} aria-labelledby="marque-ne-prouve-pas">
          <h3 id="marque-ne-prouve-pas">{t('settings.tracing.not')}</h3>
          <ul className={classes.list}>
            {PROVES_NOT.map((key) => (
              <li key={key}>{t(key)}</li>
            ))}
          </ul>
        </section>
      </div>
      <p className={classes.conclusion}>{t('settings.tracing.conclusion')}</p>
    </>
  )
}
