import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { DoctrineView } from '../../../../src/schemes/contract.ts'
import type { DoctrineSettings } from '../../../../src/schemes/doctrine.ts'
import type { SettingName } from '../../../../src/settings/rules.ts'
import { callApi } from '../../../api/client.ts'
import { isRefusal } from '../../../api/problems.ts'
import { schemeQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { governedOf, settingsAt } from '../changes/needs.ts'
import { settingChangesQuery } from '../changes/queries.ts'
import { doctrineQuery } from '../queries.ts'
import {
  bodyOf,
  changesOf,
  type Draft,
  differingSettings,
  type SettingPath,
  type SettingValue,
  undoOf,
  valueAt,
  withChange,
} from './draft.ts'

/** The unsaved changes of one section of the doctrine. */
export interface DoctrineDraft {
  readonly view: DoctrineView
  readonly mayChange: boolean
  /** The doctrine with the changes. */
  value<Path extends SettingPath>(path: Path): SettingValue<Path> | string
  change<Path extends SettingPath>(path: Path, value: SettingValue<Path> | string): void
  /** The server's problems, until the setting changes. */
  problem(path: string): string | undefined
  readonly changes: readonly SettingPath[]
  /** The changes as the server takes them. */
  readonly body: object
  /** Changes that another user saved meanwhile; null: none. */
  readonly meanwhile: Meanwhile | null
  /** The settings that would be saved. */
  readonly settings: readonly SettingName[]
  /** Reason for the settings that another person puts in force. */
  readonly reason: string
  setReason(reason: string): void
  readonly error: unknown
  readonly isSaving: boolean
  save(): void
  discard(): void
  /** Reverts the changes just saved; null: none. */
  readonly undo: (() => void) | null
}

/** Another user's changes of a doctrine that is being edited: they must be read before anything is saved. */
export interface Meanwhile {
  readonly by: string
  /** The doctrine when the changes here began. */
  readonly before: DoctrineSettings
  readonly paths: readonly SettingPath[]
  /** Settings that are changed here too. */
  readonly conflicts: readonly SettingPath[]
  takeTheirs(path: SettingPath): void
  /** Continues from the other user's values; the changes here are kept. */
  accept(): void
}

export function useDoctrineDraft(schemeId: string, view: DoctrineView, mayChange: boolean): DoctrineDraft {
  const { t } = useText()
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const [draft, setDraft] = useState<Draft>({})
  /** The doctrine that was on screen when the changes began. */
  const [base, setBase] = useState<DoctrineView | null>(null)
  const [before, setBefore] = useState<Draft | null>(null)
  /** Settings changed since the server reported a problem. */
  const [fixed, setFixed] = useState<ReadonlySet<string>>(new Set())
  const changes = changesOf(draft)
  const others = base === null ? [] : differingSettings(base.doctrine, view.doctrine)
  const isUnchanged = others.length === 0
  const put = useAction(
    (changes: Draft) => {
      setFixed(new Set())
      // It names the version in which the changes began: the server refuses it if another version was saved since, and that
      // one is shown.
      return callApi('setDoctrine', {
        params: { scheme: schemeId },
        body: {
          ...bodyOf(changes),
          version: isUnchanged ? view.version : (base?.version ?? view.version),
          ...(governedOf(settingsOf(changes)).length > 0 && { reason }),
        },
      })
    },
    {
      success: ({ proposed }, changes) =>
        t(
          proposed !== null
            ? 'settingChange.proposed'
            : changes === before
              ? 'settings.undone'
              : 'settings.saved',
        ),
      refresh: [
        schemeQuery(schemeId).queryKey,
        ['audience', schemeId],
        settingChangesQuery(schemeId).queryKey,
      ],
      onSuccess: ({ proposed: _, ...saved }, changes) => {
        client.setQueryData(doctrineQuery(schemeId).queryKey, saved)
        // A change that another person decides on is not undone by one button.
        const isDirect = governedOf(settingsOf(changes)).length === 0
        setBefore(changes === before || !isDirect ? null : undoOf(changes, view.doctrine))
        setReason('')
        setDraft({})
        setBase(null)
      },
      refreshAfterFailure: (error) =>
        isRefusal(error, 'settings_changed') ? [doctrineQuery(schemeId).queryKey] : [],
    },
  )
  return {
    view,
    mayChange,
    value: (path) => {
      const changed = draft[path]
      return changed === undefined ? valueAt(view.doctrine, path) : changed
    },
    change: (path, value) => {
      const next = withChange(draft, view.doctrine, path, value)
      setDraft(next)
      setBefore(null)
      setBase(changesOf(next).length === 0 ? null : (base ?? view))
      setFixed(new Set([...fixed, path]))
    },
    problem: (path) => {
      const isFixed = [...fixed].some((one) => path === one || path.startsWith(`${one}.`))
      return isFixed ? undefined : put.problemAt(path)
    },
    changes,
    body: bodyOf(draft),
    meanwhile:
      base === null || isUnchanged
        ? null
        : {
            by: view.setBy ?? '',
            before: base.doctrine,
            paths: others,
            conflicts: others.filter((path) => path in draft),
            takeTheirs: (path) => {
              const { [path]: _, ...rest } = draft
              setDraft(rest)
              if (changesOf(rest).length === 0) setBase(null)
            },
            accept: () => {
              setBase(view)
              put.reset()
            },
          },
    settings: settingsOf(draft),
    reason,
    setReason: (typed) => {
      setReason(typed)
      setFixed(new Set([...fixed, 'reason']))
    },
    error: put.error,
    isSaving: put.isPending,
    save: () => {
      if (changes.length > 0 && !put.isPending) put.mutate(draft)
    },
    discard: () => {
      setDraft({})
      setBase(null)
      setReason('')
      put.reset()
    },
    undo: before === null || changes.length > 0 ? null : () => put.mutate(before),
  }
}

function settingsOf(draft: Draft): SettingName[] {
  return settingsAt('doctrine', changesOf(draft))
}
