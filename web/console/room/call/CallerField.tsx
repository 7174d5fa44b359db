import { Combobox, TextInput, useCombobox } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { CallerMatch } from '../../../../src/members/contract.ts'
import { callersQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/text.ts'
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
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() })
  const [q] = useDebouncedValue(props.value.member === null ? props.value.text.trim() : '', 150)
  const callers = useQuery(callersQuery(props.schemeId, q))
  const found = q.length >= 3 ? (callers.data ?? []) : []
  return (
    <Combobox
      store={combobox}
      width="max-content"
      position="bottom-start"
      onOptionSubmit={(memberId) => {
        const member = found.find((one) => one.memberId === memberId)
        combobox.closeDropdown()
        if (member) props.onMember(member)
      }}
    >
      <Combobox.Target withExpandedAttribute>
        <TextInput
          role="combobox"
          aria-autocomplete="list"
          label={t('room.caller')}
          placeholder={t('room.caller.placeholder')}
          autoComplete="off"
          maxLength={120}
          value={props.value.text}
          onChange={(event) => {
            props.onChange({ text: event.currentTarget.value, member: null })
            combobox.openDropdown()
          }}
          onBlur={() => combobox.closeDropdown()}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={found.length === 0} className={classes.callers ?? ''}>
        <Combobox.Options aria-label={t('room.caller')} className={classes.scroll ?? ''}>
          {found.map((member) => (
            <Combobox.Option key={member.memberId} value={member.memberId}>
              <span className={classes.option}>
                <span>{member.name}</span>
                <small>
                  {[member.commune.name, member.person, member.phone].filter(Boolean).join(' · ')}
                </small>
              </span>
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
