import { Checkbox, Loader, Textarea, TextInput } from '@mantine/core'
import '../ui/mantine/mantine-room.ts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { callApi } from '../api/client.ts'
import { aboutQuery, breakGlassQuery, endedQuery, sessionQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { Frame } from '../start/Frame.tsx'
import { StepForm } from '../ui/fields/StepForm.tsx'
import { useText } from '../ui/format/text.ts'
import column from '../ui/frame/Column.module.css'
import { lazyPart } from '../ui/loading/lazyPart.ts'
import { restPart } from '../ui/mantine/rest.ts'
import { usePageTitle } from '../ui/Page.tsx'
import classes from './BreakGlass.module.css'

// The form comes first, with its own texts only: the rest is loaded once the account is open.
const Desk = lazyPart(async () => {
  const [{ Desk }] = await Promise.all([import('./Desk.tsx'), restPart.load()])
  return Desk
})

/** The page of the break-glass account: two people open it with their envelopes, and use it. */
export function BreakGlassPage() {
  const { t } = useText()
  usePageTitle(t('breakGlass.title'))
  const about = useQuery(aboutQuery)
  const session = useQuery(sessionQuery)
  const isSignedIn = session.data != null
  const open = useQuery({ ...breakGlassQuery, enabled: isSignedIn })
  const opening = isSignedIn ? open.data?.opening : null
  // Nothing that the page needs to open is asked of the server: a failure of these requests keeps nobody out.
  const isWaiting = session.isPending || (isSignedIn && open.isPending)
  return (
    <Frame demo={about.data?.demo ?? false}>
      <div className={`${column.column} ${classes.page}`}>
        {isWaiting ? (
          <Waiting />
        ) : opening?.own === true && opening.closedAt === null ? (
          <Suspense fallback={<Waiting />}>
            <Desk opening={opening} />
          </Suspense>
        ) : (
          <OpenForm signedInAs={session.data?.user.name ?? null} />
        )}
      </div>
    </Frame>
  )
}

function Waiting() {
  const { t } = useText()
  return (
    <div role="status" aria-label={t('shell.loading')}>
      <Loader />
    </div>
  )
}

const PEOPLE = [
  { key: 'first', legend: 'breakGlass.first' },
  { key: 'second', legend: 'breakGlass.second' },
] as const
type Key = (typeof PEOPLE)[number]['key']
const FIELDS = ['first.code', 'first.name', 'second.code', 'second.name', 'reason']

/** Asks for both codes, both names and the reason, at one keyboard. */
function OpenForm(props: { signedInAs: string | null }) {
  const { t } = useText()
  const client = useQueryClient()
  const { fin } = useSearch({ from: '/secours' })
  const hasEnded = useQuery(endedQuery).data && props.signedInAs === null
  const [typed, setTyped] = useState({ first: { code: '', name: '' }, second: { code: '', name: '' } })
  const [reason, setReason] = useState('')
  const [drill, setDrill] = useState(false)
  const change = (key: Key, field: 'code' | 'name', value: string) =>
    setTyped({ ...typed, [key]: { ...typed[key], [field]: value } })
  const open = useAction(() => callApi('openBreakGlass', { body: { ...typed, reason, drill } }), {
    fields: FIELDS,
    stores: sessionQuery.queryKey,
    refresh: [breakGlassQuery.queryKey],
    onSuccess: () => {
      client.setQueryData(endedQuery.queryKey, false)
      sessionStorage.clear()
    },
  })
  return (
    <>
      <h1>{t('breakGlass.title')}</h1>
      {(fin !== undefined || hasEnded) && (
        <p role="status" className={classes.done}>
          {t('breakGlass.done')}
        </p>
      )}
      <p>{t('breakGlass.what')}</p>
      <p className={classes.mute}>{t('breakGlass.what.not')}</p>
      {props.signedInAs !== null && (
        <p className={classes.note}>{t('breakGlass.signedIn', { name: props.signedInAs })}</p>
      )}
      <StepForm step={open} next={t(drill ? 'breakGlass.open.drill' : 'breakGlass.open.do')}>
        {PEOPLE.map(({ key, legend }) => (
          <fieldset key={key} className={classes.person}>
            <legend>{t(legend)}</legend>
            <TextInput
              size="md"
              className={classes.code ?? ''}
              label={t('breakGlass.code')}
              description={t('breakGlass.code.how')}
              required
              autoComplete="off"
              autoCapitalize="characters"
              autoCorrect="off"
              spellCheck={false}
              maxLength={60}
              value={typed[key].code}
              error={open.problemAt(`${key}.code`)}
              onChange={(event) => change(key, 'code', event.currentTarget.value)}
            />
            <TextInput
              size="md"
              label={t('breakGlass.name')}
              required
              autoComplete="off"
              maxLength={120}
              value={typed[key].name}
              error={open.problemAt(`${key}.name`)}
              onChange={(event) => change(key, 'name', event.currentTarget.value)}
            />
          </fieldset>
        ))}
        <Textarea
          size="md"
          label={t('breakGlass.why')}
          description={t('breakGlass.why.how')}
          required
          autosize
          minRows={2}
          maxLength={300}
          value={reason}
          error={open.problemAt('reason')}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Checkbox
          size="md"
          label={t('breakGlass.drill')}
          description={t('breakGlass.drill.how')}
          checked={drill}
          onChange={(event) => setDrill(event.currentTarget.checked)}
        />
        <p className={classes.mute}>{t('breakGlass.loud')}</p>
      </StepForm>
    </>
  )
}
