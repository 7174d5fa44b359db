import { Button, Skeleton } from '@mantine/core'
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { callApi } from '../../../api/client.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { sayFields } from './changeFields.ts'

const changedMembersQuery = (schemeId: string, changeId: string) =>
  infiniteQueryOptions({
    // Read again with the list of changes, since an undo changes it.
    queryKey: ['member-changes', schemeId, changeId],
    queryFn: ({ signal, pageParam }) =>
      callApi('listChangeMembers', {
        params: { scheme: schemeId, id: changeId },
        query: pageParam === null ? {} : { after: pageParam },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  })

/** Lists the members that a change touched, and what of them, loaded on request. */
export function ChangedMembers(props: { changeId: string; count: number }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const [isOpen, setOpen] = useState(false)
  const read = useInfiniteQuery({ ...changedMembersQuery(scheme.id, props.changeId), enabled: isOpen })
  const members = read.data?.pages.flatMap((page) => page.members) ?? []
  return (
    <details className={classes.accesses} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('changes.members', { count: props.count })}</summary>
      {read.isError && <Failure error={read.error} retry={() => void read.refetch()} />}
      {read.isLoading && <Skeleton height={60} />}
      <ul>
        {members.map(({ id, name, created, fields, undone, exists }) => (
          <li key={id}>
            {exists ? (
              <Link to="/adherents/$memberId" params={{ memberId: id }}>
                {name}
              </Link>
            ) : (
              name || t('changes.members.gone')
            )}
            {created
              ? ` · ${t('changes.members.created')}`
              : fields !== null && fields.length > 0 && ` · ${sayFields(t, fields)}`}
            {undone !== null && ` · ${t(`changes.members.${undone}`)}`}
          </li>
        ))}
      </ul>
      {read.hasNextPage && (
        <Button
          variant="subtle"
          size="sm"
          loading={read.isFetchingNextPage}
          onClick={() => void read.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
    </details>
  )
}
