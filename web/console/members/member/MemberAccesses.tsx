import { Skeleton } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import { momentOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'

const accessesQuery = (schemeId: string, memberId: string) =>
  queryOptions({
    queryKey: ['member-accesses', schemeId, memberId],
    queryFn: ({ signal }) =>
      callApi('listMemberAccesses', { params: { scheme: schemeId, id: memberId }, signal }),
  })

/** Lists the accesses to a member's personal data, loaded on request. */
export function MemberAccesses(props: { memberId: string }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const [isOpen, setOpen] = useState(false)
  const read = useQuery({ ...accessesQuery(scheme.id, props.memberId), enabled: isOpen })
  if (!may('member.accesses')) return null
  return (
    <details className={classes.accesses} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('member.accesses')}</summary>
      {read.isError && <Failure error={read.error} retry={() => void read.refetch()} />}
      {read.isLoading && <Skeleton height={60} />}
      {read.data !== undefined && (
        <ul>
          {read.data.accesses.map((access) => (
            <li key={`${access.at} ${access.name} ${access.what}`}>
              {t(`member.look.${access.what}`)} · {access.name} · {t(`role.${access.role}`)} ·{' '}
              {momentOf(lang, access.at, serverNow())}
            </li>
          ))}
        </ul>
      )}
      <p>{t('member.accesses.hint')}</p>
    </details>
  )
}
