import { NativeSelect } from '@mantine/core'
import { useText } from '../../ui/format/text.ts'
import type { Current } from './current.tsx'
import classes from './Header.module.css'

/** The scheme, which a user of several can change, above the agency of the user in it. */
export function SchemeName(props: { current: Current }) {
  const { t } = useText()
  const { scheme, schemes, choose } = props.current
  return (
    <div className={classes.place}>
      {schemes.length < 2 ? (
        <span className={classes.scheme}>{scheme.name}</span>
      ) : (
        <NativeSelect
          variant="unstyled"
          classNames={{ input: classes.choice ?? '', wrapper: classes.choiceBox ?? '' }}
          aria-label={t('shell.chooseScheme')}
          value={scheme.id}
          onChange={(event) => choose(event.currentTarget.value)}
          data={schemes.map((one) => ({ value: one.id, label: one.name }))}
        />
      )}
      <small>{scheme.agency?.name ?? t(`role.${scheme.role}`)}</small>
    </div>
  )
}
