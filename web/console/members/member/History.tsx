import { Button, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { HistoryEntry } from '../../../../src/history/contract.ts'
import { readableSiret } from '../../../../src/message/written.ts'
import { authorOf } from '../../../ui/format/event.ts'
import { dayOf, momentOf, whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { labelOf, useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import { sayFields } from '../changes/changeFields.ts'
import classes from '../Members.module.css'
import { historyQuery } from '../queries.ts'

/** The kinds of event with a text of their own for one member; others use the text of the audit log. */
const ACTIONS = [
  'contact_correct',
  'contact_opt_in',
  'contact_opt_out',
  'contact_phone',
  'contact_phone_corrected',
  'contact_reconfirmed',
  'contact_remove',
  'contact_add',
  'dues_cancel',
  'dues_payment',
  'dues_waive',
  'enrolment_approve',
  'request_file',
  'member_correct',
  'member_correction',
  'member_correction_ask',
  'member_correction_decline',
  'member_correction_withdraw',
  'member_note_add',
  'member_note_edit',
  'member_note_remove',
  'member_note_restore',
  'member_quiet_hours',
  'member_rename',
  'member_rename_ask',
  'member_rename_decline',
  'member_rename_withdraw',
] as const
/** Kinds of event whose text differs because the member did not act. */
const OWN_ACTIONS = [
  'data_erase',
  'request_answer',
  'request_enter',
  'dues_restore',
  'dues_suspend',
  'dues_told',
  'member_leave',
  'member_merge',
  'member_merge_undone',
] as const

const STATUSES = ['pending', 'active', 'suspended', 'left'] as const

/** The text for each kind of notice. */
const NOTIFIED = {
  suspend: 'history.notified.suspend',
  leave: 'history.notified.suspend',
  resume: 'history.notified.resume',
  welcome: 'history.notified.welcome',
} as const

/** Shows the history of a member, latest first: changes, and the messages it received. */
export function History(props: { memberId: string; nameOfTrade: (code: string) => string }) {
  const { t, lang } = useText()
  const { scheme, may } = useCurrent()
  const now = useMinute()
  const history = useInfiniteQuery(historyQuery(scheme.id, props.memberId))
  const entries = history.data?.pages.flatMap((page) => page.entries) ?? []
  return (
    <section aria-labelledby="history">
      <h2 id="history" className={classes.cardTitle}>
        {t('history.title')}
      </h2>
      {history.isError && <Failure error={history.error} retry={() => void history.refetch()} />}
      {history.isPending && <Skeleton height={200} />}
      <ol className={classes.history}>
        {entries.map((entry) => (
          <li key={entry.id}>
            <time dateTime={entry.at}>{momentOf(lang, entry.at, now)}</time>
            <div>
              <Entry entry={entry} nameOfTrade={props.nameOfTrade} mayOpen={may('alert.read')} />
              {entry.kind === 'alert' && entry.readAt !== null && (
                <small>{t('history.read', { when: whenOf(lang, entry.readAt, now) })}</small>
              )}
              {entry.by !== null && <small>{authorOf(t, entry.by)}</small>}
            </div>
          </li>
        ))}
      </ol>
      {history.hasNextPage && (
        <Button
          variant="default"
          loading={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          {t('action.more')}
        </Button>
      )}
    </section>
  )
}

type ChangedField = Extract<HistoryEntry, { kind: 'change' }>['fields'][number]

/** Says what a change set: the names of the fields, and for each whose values are known a line of its own. */
function ChangedFields(props: { fields: readonly ChangedField[]; nameOfTrade: (code: string) => string }) {
  const { t, lang } = useText()
  const say = (field: ChangedField['field'], value: string | null) => {
    if (value === null) return t('member.unknown')
    if (field === 'siret') return readableSiret(value)
    if (field === 'trade') return props.nameOfTrade(value)
    if (field === 'joinedOn' || field === 'charterOn') return dayOf(lang, value)
    const status = field === 'status' ? STATUSES.find((one) => one === value) : undefined
    return status === undefined ? value : t(`member.status.${status}`)
  }
  const hasValues = ({ before, after }: ChangedField) => before !== null || after !== null
  const named = props.fields.filter((one) => !hasValues(one)).map(({ field }) => field)
  return (
    <>
      {props.fields.filter(hasValues).map(({ field, before, after }) => (
        <small key={field}>
          {t('history.field', {
            field: t(`changes.field.${field}`),
            before: say(field, before),
            after: say(field, after),
          })}
        </small>
      ))}
      {named.length > 0 && <small>{sayFields(t, named)}</small>}
    </>
  )
}

function ChangeEntry(props: {
  entry: Extract<HistoryEntry, { kind: 'change' }>
  nameOfTrade: (code: string) => string
}) {
  const { t } = useText()
  const { entry } = props
  const isByHand = entry.change === 'create' || entry.change === 'edit'
  const kept = isByHand ? null : entry.note
  const note = entry.change === 'trade' ? props.nameOfTrade(entry.note ?? '') : kept
  return (
    <>
      <span>
        {t(entry.made && entry.change === 'import' ? 'history.made' : `history.change.${entry.change}`)}
        {entry.undone && ` (${t('history.undone')})`}
      </span>
      {(entry.change === 'edit' || entry.change === 'import') && (
        <ChangedFields fields={entry.fields} nameOfTrade={props.nameOfTrade} />
      )}
      {note !== null && <small>{note}</small>}
      {entry.notified.map(({ kind, channel, state }) => (
        <small key={`${kind} ${channel}`}>{t(NOTIFIED[kind], { channel, state })}</small>
      ))}
    </>
  )
}

function Entry(props: { entry: HistoryEntry; nameOfTrade: (code: string) => string; mayOpen: boolean }) {
  const { t, lang } = useText()
  const { entry } = props
  switch (entry.kind) {
    case 'created':
      return <span>{t('history.created')}</span>
    case 'charter':
      return <span>{t('history.charter', { version: entry.version })}</span>
    case 'record': {
      const name = entry.action.replaceAll('.', '_')
      const own = OWN_ACTIONS.find((one) => one === name)
      if (own !== undefined) return <span>{t(`history.action.${own}`)}</span>
      const known = ACTIONS.find((one) => one === name)
      return <span>{known === undefined ? t('history.other') : t(`audit.action.${known}`)}</span>
    }
    case 'change':
      return <ChangeEntry entry={entry} nameOfTrade={props.nameOfTrade} />
    case 'message':
      return (
        <>
          <span>
            {t(`history.service.${entry.channel}`)} · {t(`history.service.${entry.state}`)}
          </span>
          <small>{entry.words ?? t('history.service.hidden')}</small>
        </>
      )
    case 'alert':
      return (
        <>
          <span>
            {t(`history.message.${entry.message}`)}{' '}
            {props.mayOpen ? (
              <Link to="/alertes/$alertId" params={{ alertId: entry.alertId }}>
                {entry.reference}
              </Link>
            ) : (
              entry.reference
            )}{' '}
            · {labelOf(lang, entry.category)}
          </span>
          <small>{entry.text ?? t('alert.hidden')}</small>
        </>
      )
  }
}
