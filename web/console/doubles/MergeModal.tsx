import { Button, Modal, Radio, Stack } from '@mantine/core'
import IconAlertTriangle from '@tabler/icons-react/icons/IconAlertTriangle'
import { useState } from 'react'
import type { DoublePage } from '../../../src/changes/merge/contract.ts'
import {
  defaultMergeTake,
  MERGE_CHOICES,
  type MergeChoice,
  statusAfterMerge,
} from '../../../src/changes/merge/rules.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { useNewId } from '../../api/useNewId.ts'
import { DialogButtons } from '../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { toast } from '../../ui/toasts/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Doubles.module.css'
import { asChoosable, choicesBetween, shownValues, unitedContacts } from './fields.ts'
import { MergeDues } from './MergeDues.tsx'
import { memberQueries } from './queries.ts'

type Side = 'first' | 'second'
const other = (side: Side): Side => (side === 'first' ? 'second' : 'first')

/** Chooses which of two members is kept and with which data, and shows who its alerts will reach. */
export function MergeModal(props: {
  pair: DoublePage['pairs'][number]
  nameOfTrade: (code: string) => string
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { pair } = props
  const [kept, setKept] = useState<Side>('first')
  const [picked, setPicked] = useState<Partial<Record<MergeChoice, Side>>>({})
  const { id, renewIfTaken } = useNewId()
  const [letOff, setLetOff] = useState(true)
  const merged = other(kept)
  const first = defaultMergeTake(asChoosable(pair[kept]), asChoosable(pair[merged]))
  const sideOf = (choice: MergeChoice): Side => picked[choice] ?? (first[choice] === 'kept' ? kept : merged)
  const shown = {
    first: shownValues(t, pair.first, props.nameOfTrade),
    second: shownValues(t, pair.second, props.nameOfTrade),
  }
  const isActive = statusAfterMerge(pair[kept].status, pair[merged].status) === 'active'
  const lifted = isActive ? [pair[kept], pair[merged]].filter(({ status }) => status === 'suspended') : []
  const undo = useAction((id: string) => callApi('undoMerge', { params: { scheme: scheme.id, id } }), {
    success: t('doubles.undone'),
    refresh: memberQueries,
    refreshAfterFailure: memberQueries,
    onError: (error) => void toast(error.message),
  })
  const merge = useAction(
    () =>
      callApi('mergeMembers', {
        params: { scheme: scheme.id },
        body: {
          id,
          kept: pair[kept].id,
          merged: pair[merged].id,
          take: Object.fromEntries(
            MERGE_CHOICES.map((choice) => [choice, sideOf(choice) === kept ? 'kept' : 'merged']),
          ),
          letOff,
        },
      }),
    {
      refresh: memberQueries,
      // The merge of a request whose answer was lost has this id: another choice is another merge.
      onError: renewIfTaken,
      onSuccess: (done) => {
        props.onClose()
        void toast(t('doubles.merged', { name: done.kept.name }), () => undo.mutate(done.id))
      },
    },
  )
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      title={t('doubles.merge')}
      size={560}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <p className={classes.what}>{t('doubles.merge.what')}</p>
      <Radio.Group
        mt={16}
        label={t('doubles.keep')}
        value={kept}
        onChange={(value) => setKept(value === 'second' ? 'second' : 'first')}
      >
        <Stack gap={8} mt={8}>
          {(['first', 'second'] as const).map((side) => (
            <Radio
              key={side}
              value={side}
              label={t('doubles.keep.one', {
                name: pair[side].name,
                status: t(`member.status.${pair[side].status}`),
              })}
              description={[shown[side].siret, shown[side].place].filter(Boolean).join(' · ')}
            />
          ))}
        </Stack>
      </Radio.Group>
      {choicesBetween(shown.first, shown.second).map((choice) => (
        <Radio.Group
          key={choice}
          mt={16}
          label={t(`doubles.choice.${choice}`)}
          value={sideOf(choice)}
          onChange={(value) => setPicked({ ...picked, [choice]: value === 'second' ? 'second' : 'first' })}
        >
          <Stack gap={8} mt={8}>
            <Radio value="first" label={shown.first[choice]} />
            <Radio value="second" label={shown.second[choice]} />
          </Stack>
        </Radio.Group>
      ))}
      <h3 className={classes.sub}>{t('doubles.united')}</h3>
      <ul className={classes.united}>
        {unitedContacts(pair[kept], pair[merged]).map(({ key, sms }) => (
          <li key={key}>
            <b>{readablePhone(key)}</b> {sms && t('member.sms')}
          </li>
        ))}
      </ul>
      {pair.dues !== null && (
        <MergeDues kept={pair.dues[kept]} merged={pair.dues[merged]} letOff={letOff} onLetOff={setLetOff} />
      )}
      {lifted.map(({ id, name }) => (
        <p key={id} className={classes.lifted}>
          <IconAlertTriangle size={18} stroke={1.8} aria-hidden />
          {t('doubles.lifts', { name })}
        </p>
      ))}
      <Failure error={merge.failure} />
      <DialogButtons onBack={props.onClose} back={t('doubles.cancel')} disabled={merge.isPending}>
        <Button loading={merge.isPending} onClick={() => merge.mutate()}>
          {t('doubles.merge.do')}
        </Button>
      </DialogButtons>
    </Modal>
  )
}
