import { Button, Modal, NativeSelect, Skeleton } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type {
  DebitFileSummary,
  DebitFileView,
  ReturnCode,
} from '../../../../src/dues/collect/debit-contract.ts'
import { callApi, urlOf } from '../../../api/client.ts'
import { today } from '../../../api/clock.ts'
import { type Action, useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { dayOf, moneyOf } from '../../../ui/format/format.ts'
import { type TextKey, useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { StateTag, type Tone } from '../../../ui/StateTag.tsx'
import { DropDebitForm } from '../account/DropDebitForm.tsx'
import classes from '../Dues.module.css'
import { debitFileQuery, debitsQuery } from '../queries.ts'

const CODES = {
  AC01: 'debits.code.account_wrong',
  AC04: 'debits.code.account_closed',
  AC06: 'debits.code.account_blocked',
  AM04: 'debits.code.no_money',
  MD01: 'debits.code.disputed',
  MD06: 'debits.code.refund',
  MD07: 'debits.code.deceased',
  MS02: 'debits.code.refused',
  MS03: 'debits.code.unsaid',
} as const satisfies Record<ReturnCode, TextKey>
const codes = Object.keys(CODES) as ReturnCode[]
const fileTones: Record<DebitFileSummary['state'], Tone> = {
  created: 'open',
  collected: 'good',
  dropped: 'neutral',
}
const lineTones: Record<DebitFileView['lines'][number]['state'], Tone> = {
  pending: 'open',
  collected: 'good',
  returned: 'bad',
  dropped: 'neutral',
}

/** Lists files of direct debits for the bank: the next one, and the results of earlier ones. */
export function Debits(props: { schemeId: string }) {
  const { t, lang } = useText()
  const { schemeId } = props
  const [opened, setOpened] = useState<string | null>(null)
  /** Null: the earliest possible day. Empty: being typed. */
  const [chosen, setChosen] = useState<string | null>(null)
  const debits = useQuery(debitsQuery(schemeId, chosen === null || chosen === '' ? undefined : chosen))
  const view = debits.data
  const collectOn = chosen ?? view?.firstDay ?? ''
  const create = useAction(
    (day: string) => callApi('createDebitFile', { params: { scheme: schemeId }, body: { collectOn: day } }),
    {
      fields: ['collectOn'],
      stores: (file) => debitFileQuery(schemeId, file.id).queryKey,
      success: (file) => t('debits.created', { no: file.no }),
      refresh: [
        ['debits', schemeId],
        ['member-dues', schemeId],
      ],
      onSuccess: (file) => setOpened(file.id),
    },
  )
  return (
    <section className={classes.panel} aria-labelledby="prelevements">
      <h2 id="prelevements">{t('debits.title')}</h2>
      {debits.isError && <Failure error={debits.error} retry={() => void debits.refetch()} />}
      {debits.isPending && <Skeleton height={96} />}
      {view?.offered === false && (
        <Empty small title={t('debits.not')}>
          {t('debits.not.why')}
        </Empty>
      )}
      {view?.offered === true && (
        <>
          <p className={classes.about}>
            {t('debits.ready', {
              mandates: view.mandates,
              members: view.ready.members,
              amount: moneyOf(lang, view.ready.amountCents),
            })}
            {view.ready.years.length > 1 &&
              ` ${view.ready.years
                .map((one) =>
                  t('debits.year.of', {
                    year: String(one.year),
                    amount: moneyOf(lang, one.amountCents),
                    members: one.members,
                  }),
                )
                .join(' · ')}.`}
          </p>
          {view.later.amountCents > 0 && (
            <p className={classes.about}>
              {t('debits.later', { amount: moneyOf(lang, view.later.amountCents) })}
            </p>
          )}
          {(view.ready.members > 0 || view.later.members > 0) && (
            <form
              className={classes.inline}
              noValidate
              onSubmit={(event) => {
                event.preventDefault()
                if (!create.isPending) create.mutate(collectOn)
              }}
            >
              <DateField
                kind="day"
                label={t('debits.on')}
                min={view.firstDay}
                value={collectOn}
                error={create.problemAt('collectOn') ?? false}
                onChange={setChosen}
              />
              <Button type="submit" disabled={view.ready.members === 0} loading={create.isPending}>
                {t('debits.create')}
              </Button>
            </form>
          )}
          <Failure error={create.failure} />
          <ul className={classes.list}>
            {view.files.map((file) => (
              <li key={file.id}>
                <span className={classes.line}>
                  <b>{t('debits.file', { no: file.no })}</b>
                  <StateTag tone={fileTones[file.state]}>
                    {t(
                      file.state === 'created' && file.handedAt !== null
                        ? 'debits.state.handed'
                        : `debits.state.${file.state}`,
                    )}
                  </StateTag>
                  <span>
                    {t('debits.of', {
                      count: file.debits,
                      amount: moneyOf(lang, file.amountCents),
                      day: dayOf(lang, file.collectOn),
                    })}
                  </span>
                  {file.returned > 0 && (
                    <StateTag tone="bad">{t('debits.returned', { count: file.returned })}</StateTag>
                  )}
                  {file.recalls > 0 && (
                    <StateTag tone="warn">{t('debits.recalls', { count: file.recalls })}</StateTag>
                  )}
                  <Button variant="default" className={classes.end ?? ''} onClick={() => setOpened(file.id)}>
                    {t('debits.see', { no: file.no })}
                  </Button>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
      {opened !== null && <File schemeId={schemeId} id={opened} onClose={() => setOpened(null)} />}
    </section>
  )
}

function File(props: { schemeId: string; id: string; onClose: () => void }) {
  const { t, lang } = useText()
  const { schemeId, id } = props
  const file = useQuery(debitFileQuery(schemeId, id))
  const [opened, setOpened] = useState<OpenedLine | null>(null)
  const params = { scheme: schemeId, file: id }
  const act = useAction((send: () => Promise<DebitFileView>) => send(), {
    stores: debitFileQuery(schemeId, id).queryKey,
    success: t('debits.noted'),
    refresh: [
      ['debits', schemeId],
      ['dues', schemeId],
      ['member-dues', schemeId],
    ],
    onSuccess: () => setOpened(null),
  })
  const view = file.data
  return (
    <Modal
      opened
      onClose={props.onClose}
      size={640}
      title={view === undefined ? t('debits.title') : t('debits.file', { no: view.no })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {file.isError && <Failure error={file.error} retry={() => void file.refetch()} />}
      {view !== undefined && (
        <>
          <p className={classes.about}>
            {t('debits.of', {
              count: view.debits,
              amount: moneyOf(lang, view.amountCents),
              day: dayOf(lang, view.collectOn),
            })}
          </p>
          <p>
            <a className={classes.paper} href={urlOf('downloadDebitFile', { params })} download>
              {t('debits.download')}
            </a>
          </p>
          {view.version > 1 && view.state === 'created' && (
            <p className={classes.ruled}>{t('debits.remade', { version: view.version })}</p>
          )}
          {view.state === 'created' && <FileActs schemeId={schemeId} view={view} act={act} />}
          <Failure error={act.failure} />
          <ul className={classes.list}>
            {view.lines.map((line) => (
              <li key={line.id}>
                <FileLine
                  schemeId={schemeId}
                  view={view}
                  line={line}
                  act={act}
                  opened={opened?.id === line.id ? opened.as : null}
                  onOpen={(as) => setOpened(as && { id: line.id, as })}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </Modal>
  )
}

/** The line of a file whose form is open. */
interface OpenedLine {
  readonly id: string
  readonly as: 'return' | 'takeOut'
}

type FileAct = Action<DebitFileView, () => Promise<DebitFileView>>

/** Returns whether the bank collects a file today, or did. */
function isDue({ collectOn }: DebitFileView): boolean {
  return collectOn <= today()
}

/** Marks a file as collected or handed to the bank, or drops it, until it is settled. */
function FileActs(props: { schemeId: string; view: DebitFileView; act: FileAct }) {
  const { t, lang } = useText()
  const { schemeId, view, act } = props
  const params = { scheme: schemeId, file: view.id }
  return (
    <>
      <p className={classes.about}>
        {isDue(view)
          ? t('debits.collected.what')
          : view.handedAt !== null
            ? t('debits.handed.since', { day: dayOf(lang, view.handedAt) })
            : t('debits.waits')}
      </p>
      <div className={classes.actions}>
        {isDue(view) && (
          <Button
            loading={act.isPending}
            onClick={() => act.mutate(() => callApi('settleDebitFile', { params }))}
          >
            {t('debits.collected.do')}
          </Button>
        )}
        <Button
          variant="default"
          disabled={act.isPending}
          onClick={() =>
            act.mutate(() =>
              callApi('setDebitFileHanded', { params, body: { handed: view.handedAt === null } }),
            )
          }
        >
          {t(view.handedAt === null ? 'debits.handed' : 'debits.handed.not')}
        </Button>
        {view.handedAt === null && (
          <Button
            variant="default"
            disabled={act.isPending}
            onClick={() => act.mutate(() => callApi('dropDebitFile', { params }))}
          >
            {t('debits.drop')}
          </Button>
        )}
      </div>
    </>
  )
}

/** One debit of a file, with its return by the bank and its removal from a file that the bank does not have yet. */
function FileLine(props: {
  schemeId: string
  view: DebitFileView
  line: DebitFileView['lines'][number]
  act: FileAct
  opened: OpenedLine['as'] | null
  onOpen: (as: OpenedLine['as'] | null) => void
}) {
  const { t, lang } = useText()
  const { schemeId, view, line, act, opened, onOpen } = props
  const params = { scheme: schemeId, file: view.id }
  const mayTakeOut = view.state === 'created' && view.handedAt === null && !isDue(view)
  return (
    <>
      <span className={classes.line}>
        <b>{line.member.name}</b>
        <StateTag tone={lineTones[line.state]}>{t(`debits.line.${line.state}`)}</StateTag>
        <span className={classes.end}>{moneyOf(lang, line.amountCents)}</span>
      </span>
      <small>
        {[
          t('debits.mandate', { reference: line.mandate, end: line.ibanEnd }),
          ...line.years.map((one) =>
            t('debits.year', { year: String(one.year), amount: moneyOf(lang, one.amountCents) }),
          ),
          ...(line.returnCode === null ? [] : [`${line.returnCode} ${textOfCode(line.returnCode)}`]),
        ].join(' · ')}
      </small>
      {line.recall !== null && <p className={classes.ruled}>{textOfRecall(line.recall)}</p>}
      {(line.state === 'pending' || line.state === 'collected') && view.state !== 'dropped' && (
        <span className={classes.papers}>
          {opened === 'return' ? (
            <ReturnForm
              isPending={act.isPending}
              onBack={() => onOpen(null)}
              onReturn={(code) =>
                act.mutate(() =>
                  callApi('returnDebit', { params: { ...params, debit: line.id }, body: { code } }),
                )
              }
            />
          ) : (
            <>
              {mayTakeOut && line.state === 'pending' && opened !== 'takeOut' && (
                <Button variant="subtle" size="compact-sm" mih={44} onClick={() => onOpen('takeOut')}>
                  {t('debits.out', { name: line.member.name })}
                </Button>
              )}
              <Button variant="subtle" size="compact-sm" mih={44} onClick={() => onOpen('return')}>
                {t('debits.return', { name: line.member.name })}
              </Button>
            </>
          )}
        </span>
      )}
      {opened === 'takeOut' && line.state === 'pending' && (
        <DropDebitForm
          memberId={line.member.id}
          fileId={view.id}
          debitId={line.id}
          onClose={() => onOpen(null)}
        />
      )}
    </>
  )

  function textOfRecall({
    revokedAt,
    takenAt,
  }: NonNullable<DebitFileView['lines'][number]['recall']>): string {
    const day = dayOf(lang, revokedAt)
    if (takenAt !== null) return t('debits.recall.taken', { day, taken: dayOf(lang, takenAt) })
    return t(mayTakeOut ? 'debits.recall.out' : 'debits.recall.sent', { day })
  }

  function textOfCode(one: string): string {
    const known = codes.find((candidate) => candidate === one)
    return known === undefined ? '' : t(CODES[known])
  }
}

/** Asks why the bank returned a debit. */
function ReturnForm(props: { isPending: boolean; onBack: () => void; onReturn: (code: ReturnCode) => void }) {
  const { t } = useText()
  const form = useForm<{ code: ReturnCode }>({ initialValues: { code: 'AM04' } })
  return (
    <form
      className={classes.inline}
      onSubmit={(event) => {
        event.preventDefault()
        props.onReturn(form.values.code)
      }}
    >
      <NativeSelect
        label={t('debits.return.why')}
        autoFocus
        {...form.getInputProps('code')}
        data={codes.map((one) => ({ value: one, label: `${one} ${t(CODES[one])}` }))}
      />
      <DialogButtons onBack={props.onBack} back={t('dues.cancel')}>
        <Button type="submit" loading={props.isPending}>
          {t('debits.return.do')}
        </Button>
      </DialogButtons>
    </form>
  )
}
