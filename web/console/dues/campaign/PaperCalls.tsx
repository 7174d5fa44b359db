import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { LetterCount } from '../../../../src/dues/contract.ts'
import { urlOf } from '../../../api/client.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Dues.module.css'
import { lettersQuery } from '../queries.ts'

const WHO = ['owing', 'late', 'no_mail'] as const

/** Calls on paper: one file to print, or a table for a mail merge. */
export function PaperCalls(props: { schemeId: string }) {
  const { t } = useText()
  const [who, setWho] = useState<(typeof WHO)[number]>('no_mail')
  const [isOpen, setOpen] = useState(false)
  const count = useQuery(lettersQuery(props.schemeId, who, isOpen)).data
  const address = { params: { scheme: props.schemeId }, query: { who } }
  return (
    <details className={classes.group} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('dues.letters')}</summary>
      <p className={classes.about}>{t('dues.letters.what')}</p>
      <div className={classes.inline}>
        <NativeSelect
          label={t('dues.letters.who')}
          value={who}
          onChange={(event) => setWho(WHO.find((one) => one === event.currentTarget.value) ?? 'owing')}
          data={[
            { value: 'no_mail', label: t('dues.letters.no_mail') },
            { value: 'late', label: t('dues.letters.late') },
            { value: 'owing', label: t('dues.letters.owing') },
          ]}
        />
        <a className={classes.paper} href={urlOf('getCalls', address)} target="_blank" rel="noreferrer">
          {t('dues.letters.pdf')}
        </a>
        <a className={classes.paper} href={urlOf('exportLettersCsv', address)} download>
          {t('dues.letters.csv')}
        </a>
        <a className={classes.paper} href={urlOf('exportLettersXlsx', address)} download>
          {t('dues.letters.xlsx')}
        </a>
      </div>
      {count !== undefined && (
        <p className={classes.about} role="status">
          {t('dues.letters.count', { count: count.letters })}
        </p>
      )}
      {count !== undefined && count.withoutPostalCode > 0 && <Unaddressed count={count} who={who} />}
      {count !== undefined && count.cut > 0 && <Cut count={count} />}
    </details>
  )
}

/** The letters whose address has no postal code, each with the page where it is added. */
function Unaddressed({ count, who }: { count: LetterCount; who: (typeof WHO)[number] }) {
  const { t } = useText()
  const filter = { codePostal: 'absent', cotisation: who === 'late' ? 'late' : 'owing' } as const
  return (
    <div className={classes.ruled}>
      <p>
        {t('dues.letters.without', { count: count.withoutPostalCode })}{' '}
        <Link to="/adherents" search={filter}>
          {t('dues.letters.without.see')}
        </Link>
      </p>
      <Addressees
        members={count.members}
        more={count.withoutPostalCode - count.members.length}
        filter={filter}
      />
    </div>
  )
}

/** The letters whose address does not fit in the window, each with the page where it is shortened. */
function Cut({ count }: { count: LetterCount }) {
  const { t } = useText()
  return (
    <div className={classes.ruled}>
      <p>{t('dues.letters.cut', { count: count.cut })}</p>
      <Addressees members={count.cutMembers} more={count.cut - count.cutMembers.length} filter={{}} />
    </div>
  )
}

/** Members with their pages, and how many more there are. */
function Addressees(props: {
  members: LetterCount['members']
  more: number
  filter: { codePostal?: 'absent'; cotisation?: 'late' | 'owing' }
}) {
  const { t } = useText()
  return (
    <ul>
      {props.members.map(({ id, name }) => (
        <li key={id}>
          <Link to="/adherents" search={{ ...props.filter, membre: id }}>
            {name}
          </Link>
        </li>
      ))}
      {props.more > 0 && <li>{t('dues.letters.without.more', { count: props.more })}</li>}
    </ul>
  )
}
