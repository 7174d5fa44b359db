import { Button } from '@mantine/core'
import { useRef, useState } from 'react'
import type { MemberView } from '../../../../src/members/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import { toast } from '../../../ui/toasts/toast.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useUndo } from '../changes/useUndo.ts'
import classes from '../Members.module.css'
import { TagList } from './TagList.tsx'
import { TagModal } from './TagModal.tsx'

/** The tags of one member, and the way to change them. */
export function MemberTags(props: { member: MemberView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { member } = props
  const [isOpen, setOpen] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const undo = useUndo(scheme.id)
  if (!may('member.tags')) return null
  const close = () => {
    setOpen(false)
    setTimeout(() => opener.current?.focus())
  }
  return (
    <section aria-labelledby="member-tags">
      <h3 id="member-tags" className={classes.sub}>
        {t('tags.title')}
      </h3>
      {member.tags.length === 0 ? (
        <p className={classes.mute}>{t('tags.none')}</p>
      ) : (
        <TagList ids={member.tags} />
      )}
      {may('member.change') && member.status !== 'left' && (
        <span className={classes.contactActions}>
          <Button ref={opener} variant="default" size="sm" onClick={() => setOpen(true)}>
            {t('tags.edit')}
          </Button>
        </span>
      )}
      {isOpen && (
        <TagModal
          title={t('tags.edit.title', { name: member.name })}
          members={{ ids: [member.id] }}
          current={member.tags}
          onClose={close}
          onDone={({ change }) => {
            close()
            if (change !== null) void toast(t('tags.saved'), () => undo.mutate(change.id))
          }}
        />
      )}
    </section>
  )
}
