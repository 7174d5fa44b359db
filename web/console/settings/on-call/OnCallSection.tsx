import { Button, Skeleton } from '@mantine/core'
import IconPhoneOff from '@tabler/icons-react/icons/IconPhoneOff'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { readablePhone } from '../../../../src/message/phone.ts'
import type { OnCallAbsence, OnCallPerson, OnCallRole, OnCallRota } from '../../../../src/on-call/contract.ts'
import { gapsOf, listOnCall, type WeekPart } from '../../../../src/on-call/rules.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { momentOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { Empty, Failure } from '../../../ui/Notice.tsx'
import { rotaQuery } from '../../on-call/queries.ts'
import { useCurrent } from '../../shell/current.tsx'
import settings from '../Settings.module.css'
import { AbsenceForm } from './AbsenceForm.tsx'
import classes from './OnCall.module.css'
import { OnCallForm } from './OnCallForm.tsx'
import { useDayWords, WeekTable } from './WeekTable.tsx'

const ROLES = ['approver', 'magistrate', 'agency'] as const satisfies OnCallRole[]

/** The people who are called about an alert: who is on call now, the week with its gaps, and the list by role. */
export function OnCallSection(props: { scheme: SchemeView }) {
  const { t } = useText()
  const { may } = useCurrent()
  const { scheme } = props
  const rota = useQuery(rotaQuery(scheme.id))
  const [form, setForm] = useState<OnCallPerson | 'new' | { away: OnCallPerson } | null>(null)
  const maySet = may('on_call.set')
  if (rota.isLoadingError) return <Failure error={rota.error} retry={() => void rota.refetch()} />
  if (rota.data === undefined) return <Skeleton height={160} />
  const { people } = rota.data
  return (
    <>
      {people.length === 0 ? (
        <section className={settings.card}>
          <Empty icon={<IconPhoneOff size={36} stroke={1.4} aria-hidden />} title={t('settings.onCall.none')}>
            <p>{t('settings.onCall.none.hint')}</p>
          </Empty>
        </section>
      ) : (
        ROLES.filter((role) => role !== 'agency' || people.some((one) => one.role === role)).map((role) => (
          <RoleCard
            key={role}
            role={role}
            rota={rota.data}
            scheme={scheme}
            // Users who record an authorisation may not choose who confirms it.
            onEdit={maySet && (role !== 'magistrate' || may('magistrate.manage')) ? setForm : null}
            onAway={maySet ? (person) => setForm({ away: person }) : null}
          />
        ))
      )}
      {maySet && (
        <div>
          <Button onClick={() => setForm('new')}>{t('settings.onCall.add')}</Button>
        </div>
      )}
      {form !== null &&
        (typeof form === 'object' && 'away' in form ? (
          <AbsenceForm
            schemeId={scheme.id}
            person={form.away}
            people={people}
            timeZone={rota.data.timeZone}
            onClose={() => setForm(null)}
          />
        ) : (
          <OnCallForm
            scheme={scheme}
            rota={rota.data}
            person={form === 'new' ? null : form}
            onClose={() => setForm(null)}
          />
        ))}
    </>
  )
}

function RoleCard(props: {
  role: OnCallRole
  rota: OnCallRota
  scheme: SchemeView
  onEdit: ((person: OnCallPerson) => void) | null
  onAway: ((person: OnCallPerson) => void) | null
}) {
  const { t } = useText()
  const now = useMinute()
  const { role, rota, scheme, onEdit, onAway } = props
  const people = rota.people.filter((person) => person.role === role)
  const absences = rota.absences.map(({ from, until, ...absence }) => ({
    ...absence,
    from: Date.parse(from),
    until: Date.parse(until),
  }))
  const line = listOnCall({ ...rota, absences }, role, now)
  const gaps = gapsOf(people, role)
  // Magistrates with an account whose authorisation may be recorded, and who are not in the list.
  const accounts = rota.accounts.filter(
    (one) =>
      role === 'magistrate' &&
      one.roles.includes('magistrate') &&
      !people.some(({ userId }) => userId === one.id),
  )
  return (
    <section className={settings.card} aria-labelledby={`astreinte-${role}`}>
      <h3 id={`astreinte-${role}`} className={settings.cardTitle}>
        {t(`settings.onCall.role.${role}`)}
      </h3>
      <p>
        {line.length === 0
          ? t('settings.onCall.now.nobody')
          : t('settings.onCall.now', { names: line.map(({ name }) => name).join(', ') })}
      </p>
      {role === 'agency' ? null : (
        <>
          <Gaps gaps={gaps} />
          <WeekTable people={people} label={t(`settings.onCall.role.${role}`)} />
        </>
      )}
      {role === 'magistrate' && people.length === 0 && accounts.length === 0 && (
        <p className={classes.warn}>{t('settings.onCall.noMagistrate')}</p>
      )}
      <ul className={classes.people}>
        {accounts.map(({ id, name }) => (
          <li key={id}>
            <div>
              <b>{name}</b>
              <span>{t('settings.onCall.account.only')}</span>
            </div>
          </li>
        ))}
        {people.map((person) => (
          <Person
            key={person.id}
            person={person}
            rota={rota}
            scheme={scheme}
            onEdit={onEdit}
            onAway={onAway}
          />
        ))}
      </ul>
    </section>
  )
}

/** Says when nobody is on call, which is the one thing to mend here. */
function Gaps(props: { gaps: readonly WeekPart[] }) {
  const { t } = useText()
  const words = useDayWords()
  if (props.gaps.length === 0) return <p className={classes.covered}>{t('settings.onCall.covered')}</p>
  return (
    <div className={classes.gaps}>
      <p>{t('settings.onCall.gaps')}</p>
      <ul>
        {props.gaps.map(({ from, to }) => (
          <li key={from}>{t('settings.onCall.gap', { from: words(from), to: words(to) })}</li>
        ))}
      </ul>
    </div>
  )
}

function Person(props: {
  person: OnCallPerson
  rota: OnCallRota
  scheme: SchemeView
  onEdit: ((person: OnCallPerson) => void) | null
  onAway: ((person: OnCallPerson) => void) | null
}) {
  const { t } = useText()
  const { person, rota, scheme } = props
  const { id, name, phone, mail } = person
  const remove = useAction(() => callApi('removeOnCallPerson', { params: { scheme: scheme.id, id } }), {
    stores: rotaQuery(scheme.id).queryKey,
    success: t(
      person.role === 'magistrate' ? 'settings.onCall.removed.magistrate' : 'settings.onCall.removed',
      { name },
    ),
  })
  const account = rota.accounts.find((one) => one.id === person.userId)
  const agency = scheme.agencies.find((one) => one.id === person.agencyId)
  return (
    <li>
      <div>
        <b>{name}</b>
        <span>
          {[
            person.service,
            phone === null ? null : readablePhone(phone),
            mail,
            agency?.name,
            account === undefined ? null : t('settings.onCall.account.of', { name: account.name }),
          ]
            .filter((part) => part != null)
            .join(' · ')}
        </span>
        {person.role !== 'agency' && (
          <span>
            {person.hours.length === 0
              ? t('settings.onCall.last')
              : person.hours.map((hours) => <Hours key={JSON.stringify(hours)} hours={hours} />)}
          </span>
        )}
        {person.role === 'approver' && account === undefined && (
          <span className={classes.warn}>{t('settings.onCall.noAccount')}</span>
        )}
        {rota.absences
          .filter(({ personId }) => personId === id)
          .map((absence) => (
            <Absence key={absence.id} absence={absence} rota={rota} schemeId={scheme.id} />
          ))}
        <Failure error={remove.failure} />
      </div>
      {props.onEdit !== null && (
        <div className={classes.tools}>
          <Button
            variant="default"
            size="xs"
            aria-label={t('settings.onCall.edit.label', { name })}
            onClick={() => props.onEdit?.(person)}
          >
            {t('settings.onCall.edit')}
          </Button>
          {person.role !== 'agency' && props.onAway !== null && (
            <Button
              variant="default"
              size="xs"
              aria-label={t('settings.onCall.away.label', { name })}
              onClick={() => props.onAway?.(person)}
            >
              {t('settings.onCall.away')}
            </Button>
          )}
          <Button
            variant="subtle"
            color="red"
            size="xs"
            aria-label={t('settings.onCall.remove.label', { name })}
            loading={remove.isPending}
            onClick={() => remove.mutate()}
          >
            {t('settings.onCall.remove')}
          </Button>
        </div>
      )}
    </li>
  )
}

function Hours(props: { hours: OnCallPerson['hours'][number] }) {
  const { t } = useText()
  const words = useDayWords()
  const { days, from, to, rank } = props.hours
  const dayNames =
    days.length === 7 ? t('settings.onCall.everyDay') : days.map((day) => words(day * 1440, 'day')).join(', ')
  return (
    <span className={classes.hours}>
      {from === to
        ? t('settings.onCall.hours.whole', { days: dayNames, rank })
        : t('settings.onCall.hours', { days: dayNames, from, to, rank })}
    </span>
  )
}

function Absence(props: { absence: OnCallAbsence; rota: OnCallRota; schemeId: string }) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const now = useMinute()
  const { absence, rota, schemeId } = props
  const remove = useAction(
    () => callApi('removeOnCallAbsence', { params: { scheme: schemeId, id: absence.id } }),
    { stores: rotaQuery(schemeId).queryKey },
  )
  const substitute = rota.people.find(({ id }) => id === absence.substituteId)
  return (
    <span className={classes.absence}>
      {t('settings.onCall.absence', {
        from: momentOf(lang, absence.from, now),
        until: momentOf(lang, absence.until, now),
        who: substitute?.name ?? t('settings.onCall.absence.nobody'),
      })}
      {may('on_call.set') && (
        <Button variant="subtle" size="compact-xs" loading={remove.isPending} onClick={() => remove.mutate()}>
          {t('settings.onCall.absence.remove')}
        </Button>
      )}
      <Failure error={remove.failure} />
    </span>
  )
}
