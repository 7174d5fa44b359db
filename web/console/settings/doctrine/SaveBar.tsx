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
import { Meanwhile } from './Meanwhile.tsx'
import type { DoctrineDraft } from './useDoctrineDraft.ts'
import { useSettingNames } from './words.ts'

/** The bottom bar of a section: who changed it last, or the unsaved changes. */
export function SaveBar(props: {
  draft: DoctrineDraft
  /** The paths of problems that fields show themselves. */
  fields: readonly string[]
}) {
  const { t } = useText()
  const { draft } = props
  const { meanwhile } = draft
  const buttons = buttonsOf(draft)
  const affected = useAffected(draft)
  const bar = useFocusOnNewButtons(buttons)
  return (
    <div ref={bar} tabIndex={-1} className={classes.bar} data-dirty={draft.changes.length > 0 || undefined}>
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
        <LastChange draft={draft} />
        {buttons !== 'none' && <SaveButtons draft={draft} buttons={buttons} />}
      </div>
    </div>
  )
}

/** The buttons of the bar: to save or discard changes, or to undo the last ones. */
type Buttons = 'none' | 'save' | 'undo'

function buttonsOf({ mayChange, changes, undo }: DoctrineDraft): Buttons {
  if (!mayChange) return 'none'
  if (changes.length > 0) return 'save'
  return undo === null ? 'none' : 'undo'
}

/** Moves the focus of a button that was pressed and has disappeared to what replaced it. @returns the ref of the bar */
function useFocusOnNewButtons(buttons: Buttons) {
  const bar = useRef<HTMLDivElement>(null)
  const before = useRef(buttons)
  useEffect(() => {
    const isOther = before.current !== buttons
    before.current = buttons
    if (!isOther || document.activeElement !== document.body) return
    const next = bar.current?.querySelector('button') ?? bar.current
    next?.focus({ preventScroll: true })
  }, [buttons])
  return bar
}

/** Names the unsaved changes, or who changed the section last. */
function LastChange({ draft: { view, changes } }: { draft: DoctrineDraft }) {
  const { t, lang } = useText()
  const names = useSettingNames()
  const now = useMinute()
  const isDirty = changes.length > 0
  const setBy =
    view.setAt === null
      ? t('settings.asLoaded')
      : t('settings.setBy', { name: view.setBy ?? '', when: whenOf(lang, view.setAt, now) })
  return (
    <p role="status" className={isDirty ? classes.unsaved : undefined}>
      {isDirty ? t('settings.unsaved', { count: changes.length, names: names(changes) }) : setBy}
    </p>
  )
}

function SaveButtons({ draft, buttons }: { draft: DoctrineDraft; buttons: 'save' | 'undo' }) {
  const { t } = useText()
  return (
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
        <Button variant="default" loading={draft.isSaving} onClick={() => draft.undo?.()}>
          {t('settings.undo')}
        </Button>
      )}
    </div>
  )
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
