import { Button, Group, NativeSelect, Radio, Skeleton, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { instantOfField, toFieldValue } from '../../../src/message/clock.ts'
import type { OwnReportForm, OwnReportView } from '../../../src/reports/own/contract.ts'
import { type Body, callApi } from '../../api/client.ts'
import { serverNow, timeZone } from '../../api/clock.ts'
import { mayHaveBeenDone } from '../../api/doubt.ts'
import { newId } from '../../api/ids.ts'
import { ownReportsQuery, paramsOfShop, reportFormQuery } from '../../api/portal.ts'
import { useAction } from '../../api/useAction.ts'
import { Calls17 } from '../../ui/alert/Call17.tsx'
import { DateField } from '../../ui/fields/days/DateField.tsx'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { momentOf, timeOf, whenOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { labelOf, useText } from '../../ui/format/text.ts'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { usePageTitle } from '../../ui/Page.tsx'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { useShop } from '../current.tsx'
import classes from '../Portal.module.css'

interface Sent {
  readonly report: OwnReportView
  readonly called17: boolean
}

/** Reminds to call 17 first; then a report to the operators, in the shop's name, with a few taps. */
export function ReportPage() {
  const { t } = useText()
  const { shop, may } = useShop()
  usePageTitle(t('portal.nav.report'))
  const entry = useQuery({ ...reportFormQuery(shop), enabled: may('own.report') })
  const [receipt, setReceipt] = useState<Sent | null>(null)
  return (
    <>
      <h1 className={classes.title}>{t('portal.nav.report')}</h1>
      {receipt !== null ? (
        <Receipt sent={receipt} onAgain={() => setReceipt(null)} />
      ) : may('own.report') ? (
        <section className={classes.card} aria-labelledby="signaler">
          <h2 id="signaler">{t('portal.report.then')}</h2>
          <p className={classes.hint}>{t('portal.report.what')}</p>
          {entry.isError && <Failure error={entry.error} retry={() => void entry.refetch()} />}
          {/* Without a network, the page has said so. */}
          {entry.isPending && !entry.isPaused && <Skeleton height={320} radius="lg" />}
          {entry.data !== undefined && <Form key={shop.member.id} entry={entry.data} onSent={setReceipt} />}
        </section>
      ) : (
        <p className={classes.notice}>
          <Calls17 text={t('portal.report.notNow')} />
        </p>
      )}
      <OwnReports />
    </>
  )
}

const AGO = [0, 10, 30, 60] as const
const OTHER = 'other'
const FIELDS = ['categoryCode', 'place', 'occurredAt', 'lateReason', 'flight', 'facts']

/** Formats a time for the browser's field, in the time zone of the scheme. */
const fieldValue = (at: number) => toFieldValue(at, timeZone())

function Form(props: { entry: OwnReportForm; onSent: (sent: Sent) => void }) {
  const { t, lang } = useText()
  const { shop } = useShop()
  const { entry } = props
  const form = useForm({
    initialValues: {
      categoryCode: '',
      place: entry.place,
      ago: '0',
      exact: fieldValue(serverNow()),
      lateReason: '',
      flight: '',
      facts: '',
      called17: 'no',
    },
    onValuesChange: ({ ago }, before) => {
      if (ago !== before.ago) form.setFieldValue('exact', fieldValue(serverNow()))
    },
  })
  const { ago, exact, called17, ...report } = form.values
  const typed = instantOfField(exact, timeZone()) ?? Number.NaN
  const minutesAgo = ago === OTHER ? (serverNow() - typed) / 60_000 : Number(ago)
  const occurredAt = new Date(serverNow() - (Number.isNaN(minutesAgo) ? 0 : minutesAgo) * 60_000)
  // A report whose response was lost is sent again unchanged, with the same id.
  const unanswered = useRef<{ readonly entered: string; readonly body: Body<'reportFromShop'> } | null>(null)
  const send = useAction(
    () => {
      const entered = JSON.stringify(form.values)
      if (unanswered.current?.entered !== entered) {
        const body = {
          id: newId(),
          ...report,
          called17: called17 === 'yes',
          // For the present time the server's own clock is used, so that no difference between clocks matters.
          ...(minutesAgo !== 0 && { occurredAt: occurredAt.toISOString() }),
        }
        unanswered.current = { entered, body }
      }
      return callApi('reportFromShop', { params: paramsOfShop(shop), body: unanswered.current.body })
    },
    {
      form,
      fields: FIELDS,
      session: 'portal',
      refresh: [ownReportsQuery(shop).queryKey],
      onSuccess: (sent) => props.onSent({ report: sent, called17: called17 === 'yes' }),
      onError: (error) => {
        if (!mayHaveBeenDone(error)) unanswered.current = null
      },
    },
  )
  const isLate = minutesAgo > entry.lateAfterMinutes || send.problemAt('lateReason') !== undefined
  return (
    <StepForm step={send} next={t('portal.report.send')}>
      <NativeSelect
        size="md"
        label={t('portal.report.category')}
        required
        {...form.getInputProps('categoryCode')}
        data={[
          { value: '', label: t('portal.report.category.choose') },
          ...entry.categories.map((one) => ({ value: one.code, label: labelOf(lang, one) })),
        ]}
      />
      <TextInput
        size="md"
        label={t('portal.report.place', { commune: entry.commune })}
        maxLength={200}
        {...form.getInputProps('place')}
      />
      <NativeSelect
        size="md"
        label={t('portal.report.when')}
        {...form.getInputProps('ago')}
        error={ago === OTHER ? undefined : form.errors.occurredAt}
        data={[
          ...AGO.map((minutes) => ({
            value: String(minutes),
            label: minutes === 0 ? t('portal.report.when.now') : t('portal.report.when.ago', { minutes }),
          })),
          { value: OTHER, label: t('portal.report.when.other') },
        ]}
      />
      {ago === OTHER && (
        <DateField
          size="md"
          kind="moment"
          alwaysSet
          label={t('portal.report.when.exact')}
          max={fieldValue(serverNow())}
          {...form.getInputProps('exact')}
          error={form.errors.occurredAt}
        />
      )}
      {isLate && (
        <TextInput
          size="md"
          label={t('portal.report.late')}
          description={t('portal.report.late.why', { minutes: entry.lateAfterMinutes })}
          maxLength={300}
          required
          {...form.getInputProps('lateReason')}
        />
      )}
      <TextInput
        size="md"
        label={t('portal.report.flight')}
        description={t('portal.report.flight.how')}
        maxLength={200}
        {...form.getInputProps('flight')}
      />
      <Textarea
        size="md"
        label={t('portal.report.facts')}
        description={t('portal.report.facts.how')}
        autosize
        minRows={3}
        maxRows={10}
        maxLength={1000}
        {...form.getInputProps('facts')}
      />
      <Radio.Group size="md" label={t('portal.report.called')} {...form.getInputProps('called17')}>
        <Group mt={8} gap="8px 24px">
          {(['no', 'yes'] as const).map((value) => (
            <Radio
              key={value}
              size="md"
              value={value}
              label={t(value === 'no' ? 'portal.report.called.no' : 'portal.report.called.yes')}
            />
          ))}
        </Group>
      </Radio.Group>
    </StepForm>
  )
}

/** The report was received: what happens next, and what to do if 17 was not called. */
function Receipt(props: { sent: Sent; onAgain: () => void }) {
  const { t, lang } = useText()
  const heading = useRef<HTMLHeadingElement>(null)
  const { report, called17 } = props.sent
  useEffect(() => {
    heading.current?.focus()
    window.scrollTo({ top: 0 })
  }, [])
  return (
    <section className={`${classes.card} ${classes.done}`} aria-labelledby="recu">
      <h2 id="recu" ref={heading} tabIndex={-1}>
        {t('portal.report.received', { time: timeOf(lang, report.createdAt) })}
      </h2>
      <p>{t('portal.report.next')}</p>
      <p>{called17 ? t('portal.report.wasCalled') : <Calls17 text={t('portal.report.notCalled')} />}</p>
      <div>
        <Button variant="default" size="md" onClick={props.onAgain}>
          {t('portal.report.again')}
        </Button>
      </div>
    </section>
  )
}

const tones: Record<OwnReportView['state'], Tone> = {
  received: 'neutral',
  taken: 'open',
  broadcast: 'good',
  closed: 'neutral',
}

function OwnReports() {
  const { t, lang } = useText()
  const { shop } = useShop()
  const now = useMinute()
  const reports = useQuery(ownReportsQuery(shop))
  return (
    <section className={classes.section} aria-labelledby="mes-signalements">
      <h2 id="mes-signalements">{t('portal.reports')}</h2>
      {reports.isError && <Failure error={reports.error} retry={() => void reports.refetch()} />}
      {reports.isPending && !reports.isPaused && <Skeleton height={80} radius="lg" />}
      {reports.data?.reports.length === 0 && (
        <Empty small title={t('portal.reports.none')}>
          {t('portal.reports.none.hint')}
        </Empty>
      )}
      <ul className={classes.list}>
        {reports.data?.reports.map((report) => (
          <li key={report.id} className={classes.alert}>
            <p className={classes.alertHead}>
              {labelOf(lang, report.category)}
              <StateTag tone={tones[report.state]}>{t(`portal.reports.state.${report.state}`)}</StateTag>
            </p>
            {report.facts !== null && <p className={classes.facts}>{report.facts}</p>}
            {report.answer !== null && (
              <p className={classes.answer}>{t('portal.reports.answer', { text: report.answer })}</p>
            )}
            <p className={classes.meta}>
              {t('portal.reports.at', { when: whenOf(lang, report.createdAt, now) })}
              {report.place !== null && ` · ${report.place}`}
              {report.decidedAt !== null &&
                ` · ${t('portal.reports.decided', { when: momentOf(lang, report.decidedAt, now) })}`}
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}
