import { Skeleton } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { callApi } from '../../api/client.ts'
import { serverNow } from '../../api/clock.ts'
import { momentOf } from '../../ui/format.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Members.module.css'

const looksQuery = (schemeId: string, memberId: string) =>
  queryOptions({
    queryKey: ['member-looks', schemeId, memberId],
    queryFn: ({ signal }) =>
      callApi('listMemberAccesses', { params: { scheme: schemeId, id: memberId }, signal }),
  })

/** Lists the accesses to a member's personal data, loaded on request. */
export function MemberAccesses(props: { memberId: string }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const [isOpen, setOpen] = useState(false)
  const looks = useQuery({ ...looksQuery(scheme.id, props.memberId), enabled: isOpen })
  if (!may('member.looks')) return null
  return (
    <details className={classes.looks} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('member.looks')}</summary>
      {looks.isError && <Failure error={looks.error} retry={() => void looks.refetch()} />}
      {looks.isLoading && <Skeleton height={60} />}
      {looks.data !== undefined && (
        <ul>
          {looks.data.looks.map((look) => (
            <li key={`${look.at} ${look.name} ${look.what}`}>
              {t(`member.look.${look.what}`)} · {look.name} · {t(`role.${look.role}`)} ·{' '}
              {momentOf(lang, look.at, serverNow())}
            </li>
          ))}
        </ul>
      )}
      <p>{t('member.looks.hint')}</p>
    </details>
  )
}
