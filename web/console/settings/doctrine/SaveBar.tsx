import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { AffectedAlert } from '../../../../src/alerts/contract.ts'
import { callApi } from '../../../api/client.ts'
import { isAboutFields } from '../../../api/problems.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { Affected } from '../../alerts/Affected.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { governedOf } from '../changes/needs.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import classes from '../Settings.module.css'
import { settingNames, valueAt } from './draft.ts'
import type { DoctrineDraft } from './useDoctrineDraft.ts'
import { useSettingWords } from './words.ts'

/** The bottom bar of a section: who changed it last, or the unsaved changes. */
export function SaveBar(props: {
  draft: DoctrineDraft
  /** The paths of problems that fields show themselves. */
  fields: readonly string[]
}) {
  const { t, lang } = useText()
  const names = useNames()
  const now = useMinute()
  const { draft } = props
  const { view, changes, meanwhile, undo } = draft
  const setBy =
    view.setAt === null
      ? t('settings.asLoaded')
      : t('settings.setBy', { name: view.setBy ?? '', when: whenOf(lang, view.setAt, now) })
  const isDirty = changes.length > 0
  const buttons = !draft.mayChange ? 'none' : isDirty ? 'save' : undo === null ? 'none' : 'undo'
  const affected = useAffected(draft)
  const bar = useRef<HTMLDivElement>(null)
  const before = useRef(buttons)
  // The button that was pressed has disappeared: the focus moves to what replaced it.
  useEffect(() => {
    const isOther = before.current !== buttons
    before.current = buttons
    if (!isOther || document.activeElement !== document.body) return
    const next = bar.current?.querySelector('button') ?? bar.current
    next?.focus({ preventScroll: true })
  }, [buttons])
  return (
    <div ref={bar} tabIndex={-1} className={classes.bar} data-dirty={isDirty || undefined}>
      {draft.error !== null && !isAboutFields(draft.error, [...props.fields, 'reason']) && (
        <Failure error={draft.error} />
      )}
      {meanwhile !== null && <Meanwhile draft={draft} meanwhile={meanwhile} />}
      {affected !== null && affected.alerts.length > 0 && (
        <Affected
          title={t(affected.isDone ? 'affected.doctrine.done' : 'affected.doctrine', {
            count: affected.alerts.length,
          })}
          alerts={affected.alerts}
        />
      )}
      {buttons === 'save' && (
        <SecondPerson
          subject="doctrine"
          settings={draft.settings}
          reason={draft.reason}
          onReason={draft.setReason}
          error={draft.problem('reason')}
        />
      )}
      <div className={classes.barLine}>
        <p role="status" className={isDirty ? classes.unsaved : undefined}>
          {isDirty ? t('settings.unsaved', { count: changes.length, names: names(changes) }) : setBy}
        </p>
        {buttons !== 'none' && (
          <div className={classes.actions}>
            {buttons === 'save' ? (
              <>
                <Button variant="default" disabled={draft.isSaving} onClick={draft.discard}>
                  {t('settings.discard')}
                </Button>
                <Button type="submit" loading={draft.isSaving}>
                  {t(governedOf(draft.settings).length > 0 ? 'settingChange.propose' : 'settings.save')}
                </Button>
              </>
            ) : (
              <Button variant="default" loading={draft.isSaving} onClick={() => undo?.()}>
                {t('settings.undo')}
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  )
}

/** Lists settings by the names that the screen gives them. */
function useNames(): (paths: readonly (keyof typeof settingNames)[]) => string {
  const { t, lang } = useText()
  return (paths) =>
    new Intl.ListFormat(lang, { type: 'conjunction' }).format(paths.map((path) => t(settingNames[path])))
}

/**
 * Returns the drafts and waiting alerts that the unsaved changes affect, and once they are saved, those that they affected;
 * null while unknown, or without changes.
 */
function useAffected(
  draft: DoctrineDraft,
): { readonly alerts: readonly AffectedAlert[]; readonly isDone: boolean } | null {
  const { scheme } = useCurrent()
  const last = useRef<readonly AffectedAlert[] | null>(null)
  const isDirty = draft.changes.length > 0 && draft.mayChange
  const { data } = useQuery({
    queryKey: ['affected', scheme.id, draft.view.version, draft.body],
    queryFn: async ({ signal }) =>
      (await callApi('previewDoctrine', { params: { scheme: scheme.id }, body: draft.body, signal })).alerts,
    enabled: isDirty,
    // A value that is being typed may be refused: saving says why.
    retry: false,
  })
  if (isDirty) {
    last.current = data ?? null
    return data === undefined ? null : { alerts: data, isDone: false }
  }
  return draft.undo === null || last.current === null ? null : { alerts: last.current, isDone: true }
}

/** Says what somebody else saved since the section was opened, with the values of both. */
function Meanwhile({
  draft,
  meanwhile,
}: {
  draft: DoctrineDraft
  meanwhile: NonNullable<DoctrineDraft['meanwhile']>
}) {
  const { t } = useText()
  const names = useNames()
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
