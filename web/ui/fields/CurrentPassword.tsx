import { PasswordInput } from '@mantine/core'
import { useText } from '../format/text.ts'

/** Asks for the password of the signed-in account. */
export function CurrentPassword(props: {
  value: string
  onChange: (value: string) => void
  /** Takes the focus when its dialog opens. */
  isFirst?: boolean
}) {
  const { t } = useText()
  return (
    <PasswordInput
      size="md"
      label={t('account.password')}
      autoComplete="current-password"
      required
      {...(props.isFirst === true && { 'data-autofocus': true })}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      visibilityToggleButtonProps={{ 'aria-label': t('signIn.show') }}
    />
  )
}
