import { Button, Drawer, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ChangeView, UndoResult } from '../../../../src/changes/contract.ts'
import { authorOf } from '../../../ui/format/event.ts'
import { momentOf, untilOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { changesQuery } from '../queries.ts'
import { ChangedMembers } from './ChangedMembers.tsx'
import { sayFields } from './changeFields.ts'
import { NoticeCounts } from './NoticeCounts.tsx'
import { UNDOING_EVERY_MS, Undoing } from './Undoing.tsx'
import { useUndo } from './useUndo.ts'

/** Lists the bulk changes; those of the last day can be undone. */
export function ChangesDrawer(props: {
  opened: boolean
  nameOfTrade: (code: string) => string
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const [undone, setUndone] = useState<UndoResult | null>(null)
  const undo = useUndo(scheme.id, setUndone)
  const changes = useQuery({
    ...changesQuery(scheme.id),
    enabled: props.opened,
    refetchInterval: ({ state }) =>
      undo.isPending || state.data?.some(({ undoing }) => undoing !== null) ? UNDOING_EVERY_MS : false,
  })
  return (
    <Drawer
      opened={props.opened}
      onClose={props.onClose}
      position="right"
      size={440}
      title={t('changes.title')}
      classNames={{ title: classes.drawerTitle ?? '' }}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {changes.isError && <Failure error={changes.error} retry={() => void changes.refetch()} />}
      {changes.isPending && <Skeleton height={200} />}
      {changes.data?.length === 0 && <Empty small title={t('changes.none')} />}
      <ul className={classes.changes}>
        {changes.data?.map((change) => (
          <li key={change.id}>
            <Change
              change={change}
              nameOfTrade={props.nameOfTrade}
              kept={undone?.change.id === change.id ? undone.kept : []}
              isPending={undo.isPending && undo.variables === change.id}
              onUndo={() => undo.mutate(change.id)}
            />
          </li>
        ))}
      </ul>
    </Drawer>
  )
}

function Change(props: {
  change: ChangeView
  nameOfTrade: (code: string) => string
  kept: UndoResult['kept']
  isPending: boolean
  onUndo: () => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { change, kept } = props
  // A change of one member has its name as the note.
  const isByHand = change.kind === 'create' || change.kind === 'edit'
  const note = change.kind === 'trade' ? props.nameOfTrade(change.note ?? '') : change.note
  return (
    <>
      <b>
        {t('changes.what', {
          kind: change.kind,
          created: change.created,
          updated: change.updated,
        })}
      </b>
      <span>
        {[momentOf(lang, change.at, now), authorOf(t, change.by), note].filter(Boolean).join(' · ')}
      </span>
      {change.fields.length > 0 && <span>{sayFields(t, change.fields)}</span>}
      {change.names.length > 0 && !isByHand && (
        <span>
          {t('changes.names', {
            names: change.names.join(', '),
            more: change.created + change.updated - change.names.length,
          })}
        </span>
      )}
      {!isByHand && <ChangedMembers changeId={change.id} count={change.created + change.updated} />}
      {change.undone !== null && (
        <span className={classes.mute}>{t('changes.undone', { ...change.undone })}</span>
      )}
      {change.undoing !== null && <Undoing {...change.undoing} />}
      {change.notified !== null && <NoticeCounts notified={change.notified} />}
      {kept.length > 0 && (
        <ul className={classes.kept} aria-label={t('changes.kept')}>
          {kept.map(({ id, name, why, fields }) => (
            <li key={id}>
              {t('changes.kept.line', { name, why: t(`changes.kept.${why}`) })}
              {fields.length > 0 && ` (${sayFields(t, fields)})`}
            </li>
          ))}
        </ul>
      )}
      {change.undoableUntil !== null && (
        <span className={classes.careActions}>
          <Button variant="default" size="sm" loading={props.isPending} onClick={props.onUndo}>
            {t('changes.undo')}
          </Button>
          <span className={classes.mute}>
            {t('changes.until', { until: untilOf(lang, change.undoableUntil, now) })}
          </span>
        </span>
      )}
    </>
  )
}
