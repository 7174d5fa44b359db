import { Button, Skeleton } from '@mantine/core'
import IconUserPlus from '@tabler/icons-react/icons/IconUserPlus'
import IconUsers from '@tabler/icons-react/icons/IconUsers'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { LinkView, PersonView } from '../../../../src/people/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { SearchField } from '../../../ui/fields/SearchField.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { useNew } from '../../../ui/useNew.ts'
import settings from '../Settings.module.css'
import { InviteForm } from './InviteForm.tsx'
import { LinkModal } from './LinkModal.tsx'
import classes from './People.module.css'
import { Person } from './Person.tsx'
import { peopleQuery } from './queries.ts'
import { searchPeople } from './words.ts'

/** Everybody with a role in the scheme: who they are, what they may do, and the acts on their accounts. */
export function PeopleSection(props: { scheme: SchemeView }) {
  const { t } = useText()
  const { scheme } = props
  const list = useQuery(peopleQuery(scheme.id))
  const [q, setQ] = useState('')
  const inviting = useNew()
  const [closed, setClosed] = useState<PersonView | null>(null)
  const [link, setLink] = useState<{ readonly name: string; readonly link: LinkView } | null>(null)
  const reopen = useAction(
    (person: PersonView) => callApi('enablePerson', { params: { scheme: scheme.id, user: person.id } }),
    { refresh: [peopleQuery(scheme.id).queryKey], onSuccess: () => setClosed(null) },
  )
  const people = list.data?.people ?? []
  const shown = searchPeople(people, scheme, q)
  return (
    <section className={settings.card} aria-label={t('people.list')}>
      <div className={classes.head}>
        <SearchField label={t('people.search')} value={q} onSearch={setQ} className={classes.search ?? ''} />
        {(list.data?.given.length ?? 0) > 0 && (
          <Button leftSection={<IconUserPlus size={18} stroke={1.8} aria-hidden />} onClick={inviting.open}>
            {t('people.invite')}
          </Button>
        )}
      </div>
      <div role="status" className={settings.notified}>
        {closed !== null && (
          <p key={closed.id} className={settings.removed}>
            {t('people.closed', { name: closed.name })}
            <Button
              // The button that was pressed has disappeared.
              autoFocus
              variant="default"
              loading={reopen.isPending}
              onClick={() => reopen.mutate(closed)}
            >
              {t('settings.undo')}
            </Button>
          </p>
        )}
      </div>
      <Failure error={reopen.failure} />
      {list.isPending && <Skeleton height={240} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && shown.length === 0 && (
        <Empty
          icon={<IconUsers size={36} stroke={1.4} aria-hidden />}
          title={t(people.length === 0 ? 'people.none' : 'people.none.found')}
        />
      )}
      {list.data !== undefined && shown.length > 0 && (
        <ul className={classes.people}>
          {shown.map((person) => (
            <Person
              key={person.id}
              person={person}
              scheme={scheme}
              view={list.data}
              onClosed={() => setClosed(person)}
              onLink={(given) => setLink({ name: person.name, link: given })}
            />
          ))}
        </ul>
      )}
      {inviting.isNew && list.data !== undefined && list.data.given.length > 0 && (
        <InviteForm
          scheme={scheme}
          view={list.data}
          onClose={inviting.close}
          onLink={(name, given) => setLink({ name, link: given })}
        />
      )}
      {link !== null && <LinkModal name={link.name} link={link.link} onClose={() => setLink(null)} />}
    </section>
  )
}
