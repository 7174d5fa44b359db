import { Checkbox, NativeSelect, Stack } from '@mantine/core'
import type { PeopleView } from '../../../../src/people/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import { nameIn } from '../../../ui/format/trade.ts'
import type { RoleName } from '../../shell/current.tsx'
import { agenciesFor } from './words.ts'

/** A role as chosen in a form. */
export interface ChosenRole {
  role: RoleName
  /** Empty: none. */
  agency: string
  trades: string[]
}

/** Returns a role as it is proposed first: with its only agency, if it has one. */
export function proposeRole(scheme: SchemeView, given: PeopleView['given'], role: RoleName): ChosenRole {
  const { agencies, isFixed } = agenciesFor(scheme, given, role)
  const isAlone = isFixed || (agencies.length === 1 && role !== 'operator' && role !== 'chief')
  return { role, agency: isAlone ? (agencies[0]?.code ?? '') : '', trades: [] }
}

/** Returns a role as the server takes it. */
export function toGivenRole({ role, agency, trades }: ChosenRole) {
  return { role, agency: agency || null, trades: role === 'trade_chamber' ? trades : null }
}

/** The fields of a role: which one, its agency, and the trades of a trade chamber. */
export function RoleFields(props: {
  scheme: SchemeView
  given: PeopleView['given']
  roles: readonly RoleName[]
  value: ChosenRole
  problemAt: (field: 'role' | 'agency' | 'trades') => string | undefined
  onChange: (value: ChosenRole) => void
}) {
  const { t, lang } = useText()
  const { scheme, given, roles, value, problemAt, onChange } = props
  const { agencies, isFixed } = agenciesFor(scheme, given, value.role)
  return (
    <>
      <NativeSelect
        label={t('people.role')}
        description={t(`people.role.${value.role}.what`)}
        value={value.role}
        error={problemAt('role')}
        data={roles.map((role) => ({ value: role, label: t(`people.role.${role}`) }))}
        onChange={(event) => onChange(proposeRole(scheme, given, event.currentTarget.value as RoleName))}
      />
      <NativeSelect
        label={t('people.agency')}
        description={t(isFixed ? 'people.agency.fixed' : 'people.agency.what')}
        value={value.agency}
        error={problemAt('agency')}
        data={[
          ...(isFixed ? [] : [{ value: '', label: t('people.agency.none') }]),
          ...agencies.map(({ code, name }) => ({ value: code, label: name })),
        ]}
        onChange={(event) => onChange({ ...value, agency: event.currentTarget.value })}
      />
      {value.role === 'trade_chamber' && (
        <Checkbox.Group
          label={t('people.trades')}
          value={value.trades}
          error={problemAt('trades')}
          onChange={(trades) => onChange({ ...value, trades })}
        >
          <Stack gap={10} mt={8}>
            {scheme.trades.map((trade) => (
              <Checkbox key={trade.code} value={trade.code} label={nameIn(lang, trade)} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
    </>
  )
}
