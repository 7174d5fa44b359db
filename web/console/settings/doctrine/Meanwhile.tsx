import { Button } from '@mantine/core'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Settings.module.css'
import { settingNames, valueAt } from './draft.ts'
import type { DoctrineDraft } from './useDoctrineDraft.ts'
import { useSettingNames, useSettingWords } from './words.ts'

/** Shows the settings that another user saved since the section was opened: their new values, and those before. */
export function Meanwhile({
  draft,
  meanwhile,
}: {
  draft: DoctrineDraft
  meanwhile: NonNullable<DoctrineDraft['meanwhile']>
}) {
  const { t } = useText()
  const names = useSettingNames()
  const words = useSettingWords()
  const { view } = draft
  return (
    <div className={classes.meanwhile} role="alert">
      <p>{t('settings.meanwhile', { name: meanwhile.by, names: names(meanwhile.paths) })}</p>
      <ul className={classes.list}>
        {meanwhile.paths.map((path) => (
          <li key={path}>
            {t('settings.meanwhile.values', {
              name: t(settingNames[path]),
              theirs: words(path, valueAt(view.doctrine, path)),
              before: words(path, valueAt(meanwhile.before, path)),
            })}
            {meanwhile.conflicts.includes(path) && (
              <>
                {' '}
                {t('settings.meanwhile.mine', { mine: words(path, draft.value(path)) })}{' '}
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={t('settings.meanwhile.theirsOf', { name: t(settingNames[path]) })}
                  onClick={() => meanwhile.takeTheirs(path)}
                >
                  {t('settings.meanwhile.theirs')}
                </Button>
              </>
            )}
          </li>
        ))}
      </ul>
      <Button variant="default" onClick={meanwhile.accept}>
        {t(meanwhile.conflicts.length > 0 ? 'settings.meanwhile.keep' : 'settings.meanwhile.seen')}
      </Button>
    </div>
  )
}
