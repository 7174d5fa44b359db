import { useQuery } from '@tanstack/react-query'
import type { CallerMatch } from '../../../../src/members/contract.ts'
import { callersQuery } from '../../../api/queries.ts'
import { SuggestField } from '../../../ui/fields/SuggestField.tsx'
import { useText } from '../../../ui/format/text.ts'
import { useSettled } from '../../../ui/useSettled.ts'
import type { Draft } from '../text/draft.ts'
import classes from './Fields.module.css'

/** A field for the caller: a phone or a shop name finds the member; other text is kept as written. */
export function CallerField(props: {
  schemeId: string
  value: Draft['caller']
  onChange: (caller: Draft['caller']) => void
  onMember: (member: CallerMatch) => void
}) {
  const { t } = useText()
  const q = useSettled(props.value.member === null ? props.value.text.trim() : '', 150)
  const callers = useQuery(callersQuery(props.schemeId, q))
  const found = q.length >= 3 ? (callers.data ?? []) : []
  return (
    <SuggestField
      label={t('room.caller')}
      placeholder={t('room.caller.placeholder')}
      spellCheck
      maxLength={120}
      listPixels={LIST_PIXELS}
      value={props.value.text}
      entries={found}
      keyOf={(member) => member.memberId}
      render={(member) => (
        <span className={classes.option}>
          <span>{member.name}</span>
          <small>{[member.commune.name, member.person, member.phone].filter(Boolean).join(' · ')}</small>
        </span>
      )}
      onType={(text) => props.onChange({ text, member: null })}
      onPick={props.onMember}
    />
  )
}

const LIST_PIXELS = 420
