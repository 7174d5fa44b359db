import { Button, Radio, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MemberView } from '../../../src/members/contract.ts'
import type { QuietHours } from '../../../src/schemes/care.ts'
import { call, inScheme } from '../../api/client.ts'
import { memberQuery, schemeQuery } from '../../api/queries.ts'
import { hourOf, minutesOf } from '../../ui/hours.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Members.module.css'

type Choice = 'scheme' | 'none' | 'own'

/** What to begin with when somebody chooses hours of their own: 21:00 to 07:00. */
const PROPOSED: QuietHours = { from: 21 * 60, to: 7 * 60 }

function choiceOf(quiet: QuietHours | null): Choice {
  return quiet === null ? 'scheme' : quiet.from === quiet.to ? 'none' : 'own'
}

/** When a member wants to be left in peace: shown to all who see it, chosen by the chamber. */
export function QuietHoursField(props: { member: MemberView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const client = useQueryClient()
  const care = useQuery(schemeQuery(scheme.id)).data?.doctrine.care
  const { id, quiet: saved } = props.member
  const [choice, setChoice] = useState<Choice>(choiceOf(saved))
  const begin = choiceOf(saved) === 'own' && saved !== null ? saved : PROPOSED
  const [from, setFrom] = useState(hourOf(begin.from))
  const [to, setTo] = useState(hourOf(begin.to))
  const [before, setBefore] = useState<{ quiet: QuietHours | null } | null>(null)

  const save = useMutation({
    mutationFn: (quiet: QuietHours | null) =>
      call<MemberView>(inScheme(scheme.id, `/members/${id}/quiet-hours`), { method: 'PUT', body: { quiet } }),
    onSuccess: (member) => {
      setBefore({ quiet: saved })
      show(member.quiet)
      client.setQueryData(memberQuery(scheme.id, id).queryKey, member)
      void client.invalidateQueries({ queryKey: ['audience', scheme.id] })
      void toast(t('care.saved'))
    },
  })
  function show(quiet: QuietHours | null): void {
    setChoice(choiceOf(quiet))
    if (quiet === null || quiet.from === quiet.to) return
    setFrom(hourOf(quiet.from))
    setTo(hourOf(quiet.to))
  }

  if (care === undefined) return null
  const usual = care.quiet
  const chosen = chosenOf(choice, minutesOf(from), minutesOf(to))
  const isSame = choice === 'own' && from === to
  const isChanged = chosen !== undefined && JSON.stringify(chosen) !== JSON.stringify(saved)
  const schemeHint = t('care.scheme.hint', {
    hours: usual === null || usual.from === usual.to ? 'none' : 'some',
    from: hourOf(usual?.from ?? 0),
    to: hourOf(usual?.to ?? 0),
  })
  const mayChange = may('member.care')
  return (
    <form
      className={classes.care}
      onSubmit={(event) => {
        event.preventDefault()
        if (chosen !== undefined && isChanged && !isSame && !save.isPending) save.mutate(chosen)
      }}
    >
      <p>{t('care.what', { breaks: care.quietOverriddenBy })}</p>
      <Radio.Group
        aria-label={t('care.choice')}
        value={choice}
        onChange={(value) => setChoice(value as Choice)}
        readOnly={!mayChange}
      >
        <Stack gap={10}>
          <Radio value="scheme" label={t('care.scheme')} description={schemeHint} disabled={!mayChange} />
          <Radio
            value="none"
            label={t('care.none')}
            description={t('care.none.hint')}
            disabled={!mayChange}
          />
          <Radio value="own" label={t('care.own')} disabled={!mayChange} />
        </Stack>
      </Radio.Group>
      {choice === 'own' && (
        <div className={classes.hours}>
          <TextInput
            type="time"
            label={t('care.from')}
            value={from}
            required
            disabled={!mayChange}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <TextInput
            type="time"
            label={t('care.to')}
            value={to}
            required
            disabled={!mayChange}
            error={isSame ? t('care.same') : false}
            onChange={(event) => setTo(event.currentTarget.value)}
          />
        </div>
      )}
      {save.isError && <Failure error={save.error} />}
      {mayChange && (
        <div className={classes.careActions}>
          <Button type="submit" disabled={!isChanged || isSame} loading={save.isPending}>
            {t('care.save')}
          </Button>
          {before !== null && !isChanged && (
            <Button variant="default" disabled={save.isPending} onClick={() => save.mutate(before.quiet)}>
              {t('care.undo')}
            </Button>
          )}
        </div>
      )}
    </form>
  )
}

/** Undefined: not filled in. */
function chosenOf(
  choice: Choice,
  from: number | undefined,
  to: number | undefined,
): QuietHours | null | undefined {
  if (choice === 'scheme') return null
  if (choice === 'none') return { from: 0, to: 0 }
  return from === undefined || to === undefined ? undefined : { from, to }
}
