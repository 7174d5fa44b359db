import { Button, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { SearchField } from '../../../ui/fields/SearchField.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import classes from '../Dues.module.css'
import { payersQuery } from '../queries.ts'

/** A member that a payment may be of. */
export interface Payer {
  readonly id: string
  readonly name: string
}

/** Finds another member than those proposed. */
export function OtherPayer(props: {
  schemeId: string
  label?: string
  busy: boolean
  onPick: (member: Payer) => void
}) {
  const { t } = useText()
  const [q, setQ] = useState<string | null>(null)
  const found = useQuery({ ...payersQuery(props.schemeId, q ?? ''), enabled: q !== null && q.length >= 2 })
  if (q === null) {
    return (
      <Button variant="subtle" size="compact-sm" mih={44} disabled={props.busy} onClick={() => setQ('')}>
        {props.label ?? t('statements.other')}
      </Button>
    )
  }
  return (
    <span className={classes.other}>
      <SearchField label={t('statements.other.search')} value={q} onSearch={setQ} />
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {q.length >= 2 && found.data?.members.length === 0 && <small>{t('filter.none')}</small>}
      {q.length >= 2 &&
        found.data?.members.map((member) => (
          <UnstyledButton
            key={member.id}
            className={classes.paper}
            disabled={props.busy}
            onClick={() => {
              setQ(null)
              props.onPick(member)
            }}
          >
            {member.name} · {member.commune.name}
          </UnstyledButton>
        ))}
    </span>
  )
}
